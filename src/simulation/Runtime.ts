/** A whole run: the world of a scenario, lives of the house one after the other, what happens to them, and what came of it. */
import { Effect, Result } from "effect"
import type { ConfigInvalid } from "#config/ConfigInvalid.ts"
import type { House } from "#config/House.ts"
import * as Calls from "#src/simulation/Calls.ts"
import * as Chance from "#src/simulation/Chance.ts"
import * as Deliveries from "#src/simulation/Deliveries.ts"
import * as Disk from "#src/simulation/Disk.ts"
import * as Faults from "#src/simulation/Faults.ts"
import type * as Judges from "#src/simulation/Judges.ts"
import * as Judging from "#src/simulation/Judging.ts"
import * as Life from "#src/simulation/Life.ts"
import * as OwnSide from "#src/simulation/OwnSide.ts"
import * as PaperMemory from "#src/simulation/PaperMemory.ts"
import * as PaperWitness from "#src/simulation/PaperWitness.ts"
import * as Plan from "#src/simulation/Plan.ts"
import * as Prices from "#src/simulation/Prices.ts"
import * as Fakes from "#src/simulation/Fakes.ts"
import * as Report from "#src/simulation/Report.ts"
import * as Scenario from "#src/simulation/Scenario.ts"
import * as Sender from "#src/simulation/Sender.ts"
import type { Venue } from "#src/simulation/venues/shared/Venue.ts"
import * as VirtualTime from "#src/simulation/VirtualTime.ts"
import type { Placed } from "#src/stores/JournalFile.ts"

const hourMs = 3_600_000
/** What a failed call may still hold up: the try after it, and the one after that. */
const feltMs = 10_000
/** A house that died is back so much later. */
const downMsDefault = 2_000
/** A quote is told at most once a second and may be two seconds old: so long before a delivery the market stirs. */
const stirBeforeMs = 1_200
/** A later life reads all rows; the judge is shown the newest again. */
const rereadMax = 5_000
/** Kept of what the house logged as errors. */
const errorsMax = 1_000

export interface Options extends Plan.Given {
  /** What becomes of the nth call of journal or network. */
  readonly fateOf?: (call: Calls.Call) => Calls.Fate
  /** The journal, once the run is over. */
  readonly keep?: (installationId: string, rows: ReadonlyArray<Placed>) => void
  /** Absent: nobody looks. */
  readonly judge?: (about: Judges.About) => Judging.Witness
  /** What is done to the world at its instant, in order of time. */
  readonly hands?: ReadonlyArray<{ readonly at: string; readonly act: (hands: Hands) => void }>
  readonly between?: Life.Between
}

/** What reaches into a running world from outside. */
export interface Hands {
  readonly nowMs: () => number
  /** Absent: the house is down. */
  readonly life: () => Life.Life | undefined
  /** The venue at this host. */
  readonly venue: (host: string) => Venue | undefined
  /** Changes the files and puts them into force; while the house is down, the next life reads them. */
  readonly reload: (overrides: Scenario.Overrides) => void
  readonly later: (ms: number, then: () => void) => void
  /** No room on the disk for so long. */
  readonly diskFull: (forMs: number) => void
}

export const run = (loaded: Scenario.Loaded, options: Options = {}): Effect.Effect<Report.Report, ConfigInvalid | Scenario.ScenarioInvalid> =>
  Effect.flatMap(Effect.fromResult(Plan.of(loaded, options)), (plan) => Effect.promise(() => simulate(plan, options)))

/** Between two hours of virtual time whoever else runs in this process has a turn. */
const simulate = async (plan: Plan.Plan, options: Options): Promise<Report.Report> => {
  const simulation = make(plan, options)
  for (let atMs = plan.startMs; atMs < plan.endMs; atMs += hourMs) {
    simulation.runUntil(Math.min(atMs + hourMs, plan.endMs))
    await Effect.runPromise(Effect.yieldNow)
  }
  return simulation.end()
}

/** A failed sync ends the process, and what it left is unknown: its rows are there as often as not. */
const makeFates = (seed: number, faults: Faults.Faults, given: Options["fateOf"]) => {
  const chance = Chance.make(seed, "F47")
  let isLeft = false
  return {
    of: (call: Calls.Call): Calls.Fate => {
      if (given !== undefined) return given(call)
      if (call.moment === "after") return isLeft || faults.hit("F45") !== undefined ? "kill" : "go"
      if (call.kind !== "journal" || faults.hit("F47") === undefined) return "go"
      isLeft = chance.hits(0.5)
      return isLeft ? "go" : "kill"
    },
    newLife: (): void => {
      isLeft = false
    }
  }
}

/** The judge hears of every call that fails: it holds something up, and a commit that does is a disk without room until the next one. */
const telling = (judge: Judging.Witness, fateOf: (call: Calls.Call) => Calls.Fate) => {
  let hasRoom = true
  return (call: Calls.Call): Calls.Fate => {
    const fate = fateOf(call)
    const [isFailed, { atMs }] = [fate === "fail", call]
    if (isFailed) judge.disturbed({ atMs, untilMs: atMs + feltMs, what: `${call.what} fails` })
    if (call.kind === "journal" && call.moment === "before" && hasRoom === isFailed) {
      hasRoom = !isFailed
      judge.disk({ atMs, full: isFailed })
    }
    return fate
  }
}

/** Venues, disk and judge: all that a life finds when it begins. */
const makeWorld = (plan: Plan.Plan, options: Options, time: VirtualTime.VirtualTime, faults: Faults.Faults) => {
  const { house: first, scenario, seed, startMs } = plan
  const machine = time.machine("world")
  const secrets = Plan.secretsOf(first)
  const installationId = Chance.digest("installation", seed).toString("hex").slice(0, 32)
  const disk = Disk.make(installationId)
  const prices = Prices.make(seed, scenario, startMs, first.instruments)
  const given = options.judge?.({ house: first, secrets: secrets.values, isClockStepped: plan.isClockStepped, transitMs: Plan.transitsOf(first) }) ?? Judging.nobody
  const errors: Array<string> = []
  let house: House = first
  let ledgerRows = 0

  const fakes = Fakes.make(machine, { house, scenario, seed, startMs, prices, faults: plan.faults.venue, secretOf: secrets.of }, (host, record) => {
    ledgerRows += 1
    given.ledger(record, host)
  })
  const judge = Judging.after(fakes.collect, given)
  const paperWitness = PaperWitness.make(() => house, (login, record) => {
    ledgerRows += 1
    judge.ledger({ n: ledgerRows, atMs: time.nowMs(), ...record }, login)
  })
  const fates = makeFates(seed, faults, options.fateOf)
  const shared: Life.World = {
    seed, prices, fakes, disk, paperWitness,
    paper: PaperMemory.make(paperWitness.onRow),
    secrets: secrets.layer,
    house: () => house,
    calls: Calls.make(telling(judge, fates.of), time.nowMs),
    reconcileMs: plan.reconcileMs,
    isClockWatched: plan.isClockWatched,
    onCommitted: (rows) => {
      judge.time(time.nowMs()) // rows may carry a clock that was stepped
      for (const row of rows) judge.row(Judging.rowOf(row))
    },
    onError: (text) => {
      if (errors.length < errorsMax) errors.push(text)
    },
    between: options.between ?? {}
  }
  return {
    shared, judge, secrets, fates, errors, installationId,
    ledgerRows: () => ledgerRows,
    later: (ms: number, then: () => void) => machine.fork(Effect.delay(Effect.sync(then), ms)),
    setHouse: (next: House): void => {
      house = next
    }
  }
}
type World = ReturnType<typeof makeWorld>

/** One after the other, over the same world. */
const makeLives = ({ fates, judge, later, shared }: World, time: VirtualTime.VirtualTime) => {
  let life: Life.Life | undefined
  let count = 0
  let downMs = downMsDefault
  const begin = () => {
    count += 1
    if (count > 1) judge.reread(shared.disk.rows().slice(-rereadMax).map(Judging.rowOf))
    judge.life({ atMs: time.nowMs(), kind: "start" })
    life = Life.begin(shared, time.machine(`house-${count}`), count, (kind) => {
      life = undefined
      fates.newLife()
      judge.life({ atMs: time.nowMs(), kind })
      later(downMs, begin)
    })
  }
  return {
    begin,
    life: () => life,
    count: () => count,
    setDownMs: (ms: number): void => {
      downMs = ms
    }
  }
}

const make = (plan: Plan.Plan, options: Options) => {
  const { calmMs, days, endMs, scenario, seed, sessionMs, startMs } = plan
  const time = VirtualTime.make(startMs)
  const faults = Faults.make(seed, plan.faults.own)
  const world = makeWorld(plan, options, time, faults)
  const { judge, later, secrets, shared: { disk, prices, fakes } } = world
  const { begin, count, life, setDownMs } = makeLives(world, time)
  const sender = Sender.make({ life, later, onAnswer: ({ body, status }) => judge.answered({ atMs: time.nowMs(), status, body }) })
  const reload = (overrides: Scenario.Overrides) => {
    const next = plan.houseWith(overrides)
    if (Result.isFailure(next)) throw next.failure
    world.setHouse(next.success)
    life()?.reload()
  }
  const own = OwnSide.make({ scenario, faults, judge, disk, later, nowMs: time.nowMs, life, setDownMs, reload })
  const hands: Hands = {
    nowMs: time.nowMs, life, reload, later,
    venue: (host) => fakes.hosts().get(host),
    diskFull: (forMs) => own.act({ at: "00:00:00", what: "diskFull", forSeconds: forMs / 1_000 })
  }

  const day = (n: number) => {
    const dayStartMs = startMs + n * Plan.dayMs
    for (const delivery of Deliveries.ofDay({ scenario, seed, faults, secretOf: secrets.ofLane }, n, dayStartMs, sessionMs)) {
      later(delivery.atMs - time.nowMs(), () => sender.send(delivery))
      if (!fakes.isEmpty) later(delivery.atMs - time.nowMs() - stirBeforeMs, () => fakes.stir(time.nowMs()))
    }
    own.day(n, dayStartMs, sessionMs)
    if (n + 1 < days) later(dayStartMs + Plan.dayMs - time.nowMs(), () => day(n + 1))
  }
  const step = () => {
    fakes.step(time.nowMs())
    later(prices.stepMs, step)
  }
  time.runUntil(startMs) // the venues are there before us
  if (!fakes.isEmpty) step()
  begin()
  for (const { act, at } of options.hands ?? []) later(Scenario.offsetMs(at), () => act(hands))
  day(0)
  later(calmMs - startMs, () => {
    faults.off()
    fakes.faultsOff()
    own.off()
  })

  return {
    runUntil: (atMs: number) => time.runUntil(atMs),
    end: (): Report.Report => {
      options.keep?.(world.installationId, disk.rows())
      judge.time(endMs)
      judge.end({ atMs: endMs, settled: true })
      return Report.of({
        scenario: scenario.name, seed, days, disk, judge,
        errors: world.errors, lives: count(), ledgerRows: world.ledgerRows(), sender: sender.counts,
        faults: { ...fakes.faultCounts(), ...faults.counts() }, calls: world.shared.calls.count(), time: time.counts()
      })
    }
  }
}
