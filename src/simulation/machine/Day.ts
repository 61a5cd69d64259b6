/** One day of the machine: 23 hours, alerts, bars, trouble, lives of the house one after the other, and the judge. */
import type { AccountId, InstrumentId, LoginId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Chance from "#src/simulation/Chance.ts"
import * as Heap from "#src/simulation/machine/Heap.ts"
import * as House from "#src/simulation/machine/House.ts"
import * as Journal from "#src/simulation/machine/Journal.ts"
import * as Market from "#src/simulation/machine/Market.ts"
import * as Operator from "#src/simulation/machine/Operator.ts"
import * as Sender from "#src/simulation/machine/Sender.ts"
import * as Setup from "#src/simulation/machine/Setup.ts"
import * as Trouble from "#src/simulation/machine/Trouble.ts"
import { type Traded, Venue } from "#src/simulation/machine/Venue.ts"
import type { Broken, World } from "#src/simulation/machine/World.ts"
import * as Judge from "#src/simulation/oracle/Judge.ts"
import type { Violation } from "#src/simulation/oracle/Violation.ts"
import type { LedgerRecord } from "#src/simulation/venues/shared/Records.ts"

const { ConfigApplied } = JournalEvent.cases

/** 2026-10-05 22:00 UTC. */
const startMs = 1_791_237_600_000
const sessionMs = 23 * 3_600_000
const endMs = startMs + sessionMs
/** So long nothing new happens at the end. */
const settleMs = 20 * 60_000
const minuteMs = 60_000
const slackMs = 250
const transitMs = 100
/** A sender comes again, so often. */
const resendMs = 5_000
const resendsMax = 4
const stallMs = 10_000
const stepMsMax = 3_600_000
/** Milliseconds that a commit takes at most. */
const diskMsMax = 4
/** A kill comes after up to so many events: between any two of them. */
const killAfterMax = 40
/** How long it is dead. */
const deadMsMin = 200
const deadMsMax = 20_000
const cash = "100000"
const feePerLot = "0.62"
const alertsDefault = 60

export interface Options {
  readonly seed: number
  readonly alerts?: number
  /** Scale of all probabilities; 0: nothing goes wrong. */
  readonly faults?: number
  readonly broken?: Broken
  /** What is left out of the day, by name: a kind of fault (`F3`), one happening (`kill0`), one alert (`alert-12`). */
  readonly without?: ReadonlySet<string>
  readonly isJudged?: boolean
  /** Rows of the day, as written. */
  readonly onRow?: (row: Journal.Written) => void
  readonly onRecord?: (record: LedgerRecord) => void
}

export interface Day {
  readonly seed: number
  readonly events: number
  readonly rows: number
  readonly records: number
  readonly picturesSkipped: number
  readonly kills: number
  readonly rowsLost: number
  readonly faults: Readonly<Record<string, number>>
  readonly violations: ReadonlyArray<Violation>
  readonly hash: string
  readonly naked: Readonly<Record<string, number>>
  readonly slowestNakedMs: number
  readonly outcomes: Readonly<Record<string, number>>
  /** Of a day with violations: what journal and venue wrote of them. */
  readonly story: string
}

const directoryOf = () => Object.fromEntries(Setup.logins.map(({ accounts, login }) =>
  [login, Object.fromEntries(accounts.map((id) => [`V-${id}`, { account: id, login }]))]))

const marketOf = (settled: Setup.Settled, chance: (name: string) => Chance.Chance): ReadonlyMap<InstrumentId, Traded> =>
  new Map(Setup.symbols.map(({ startTicks, symbol }) => {
    const instrument = Setup.instrumentOf(settled, symbol, startMs)
    return [instrument.id, { instrument, prices: Market.make(chance(`market ${symbol}`), startMs, startMs + sessionMs + settleMs + minuteMs, startTicks) }]
  }))

export const run = (options: Options): Day => new Machine(options).run()

type Judging = ReturnType<typeof Judge.make>

const judgeOf = (isStepped: boolean): Judging => Judge.make({
  venues: directoryOf(), slackMs, transitMs: Object.fromEntries(Setup.logins.map(({ login }) => [login, transitMs])), ...(isStepped ? { clock: "ledger" as const } : {})
})

class Machine {
  readonly #options: Options
  readonly #scale: number
  readonly #chance: (name: string) => Chance.Chance
  readonly #trouble: Chance.Chance
  readonly #disk: Chance.Chance
  readonly #heap = Heap.make(startMs)
  readonly #alertsMs: ReadonlyArray<number>
  readonly #happenings: ReadonlyArray<Trouble.Happening>
  readonly #judge: Judging | undefined
  readonly #world: World
  readonly #logins: ReadonlyMap<string, House.Login>
  readonly #operator: ReturnType<typeof Operator.make>
  readonly #violations: Array<Violation> = []
  readonly #counted = new Map<string, number>()
  readonly #sums = { records: 0, picturesSkipped: 0, kills: 0, rowsLost: 0 }
  #house: House.House | undefined
  #life = 0
  #aheadMs = 0
  #stalledUntilMs = 0
  #isFlushing = false
  /** The house dies after so many events more. */
  #killIn = Infinity

  constructor(options: Options) {
    const { alerts = alertsDefault, broken = {}, faults = 1, isJudged = true, onRow, seed, without = new Set() } = options
    this.#options = options
    this.#scale = faults
    this.#chance = (name) => Chance.make(seed, name)
    this.#trouble = this.#chance("trouble")
    this.#disk = this.#chance("disk")
    this.#alertsMs = Sender.times(this.#chance("alert times"), alerts, startMs, endMs)
    this.#happenings = Trouble.happenings(this.#chance("happenings"), faults, this.#alertsMs, startMs, endMs).filter(({ name }) => !without.has(name))
    this.#judge = isJudged ? judgeOf(this.#happenings.some(({ kind }) => kind === "clock")) : undefined
    const settled = Setup.house(this.#chance("setup").below(Setup.variants))
    const wallMs = () => this.#heap.nowMs() + this.#aheadMs
    const journal = Journal.make({
      wallMs,
      flushSoon: () => this.#flushSoon(),
      onRow: (row) => {
        this.#judge?.row(row)
        onRow?.(row)
      }
    })
    this.#world = {
      heap: this.#heap, settled, journal, chance: this.#chance, market: marketOf(settled, this.#chance), wallMs, soon: this.#soonIn(0), broken,
      installationId: seed.toString(16).padStart(32, "0"), latched: new Set(), paused: new Set()
    }
    this.#logins = new Map(Setup.logins.map(({ accounts, login }) => [login as string, this.#loginOf(login, accounts)]))
    this.#operator = Operator.make(this.#world, (id) => this.#logins.get(settled.house.accounts.get(id)?.login ?? "")?.venue)
  }

  run(): Day {
    const { without = new Set() } = this.#options
    this.#start()
    this.#alertsMs.forEach((atMs, number) => {
      if (without.has(`alert-${number}`)) return
      this.#heap.at(atMs, () => this.#deliver(Sender.draw(this.#world, this.#chance(`alert ${number}`), number), 0))
    })
    for (const { atMs, kind } of this.#happenings) this.#heap.at(atMs, () => this.#happen(kind))
    this.#every(minuteMs, () => this.#bar())
    if (this.#scale > 0) this.#every(Operator.lookEveryMs, () => this.#look())
    this.#heap.runUntil(endMs, () => this.#afterEvent())
    for (const { venue } of this.#logins.values()) venue.dice.set([]) // faults stop, and time is given
    if (this.#house === undefined) this.#start()
    this.#heap.runUntil(endMs + settleMs, () => false)
    this.#world.journal.flush()
    this.#judge?.end({ atMs: this.#heap.nowMs(), settled: true })
    return this.#result()
  }

  #every(ms: number, run: () => void): void {
    const again = () => {
      run()
      if (this.#heap.nowMs() + ms < endMs + settleMs) this.#heap.at(this.#heap.nowMs() + ms, again)
    }
    this.#heap.at(startMs + ms, again)
  }

  #bar(): void {
    for (const { venue } of this.#logins.values()) venue.bar()
    this.#judge?.time(this.#heap.nowMs())
  }

  #look(): void {
    if (this.#house !== undefined && this.#heap.nowMs() >= this.#stalledUntilMs) this.#operator.look(this.#house.accounts, this.#heap.nowMs() > endMs + settleMs / 4)
  }

  /** Of one life: whatever still runs for an earlier one comes to nothing. */
  #soonIn(life: number): World["soon"] {
    return (run, atMs = this.#heap.nowMs()) => {
      const turn = () => {
        if (life !== this.#life || this.#house === undefined) return
        if (this.#heap.nowMs() < this.#stalledUntilMs) this.#heap.at(this.#stalledUntilMs, turn)
        else run()
      }
      this.#heap.at(atMs, turn)
    }
  }

  #flushSoon(): void {
    this.#house?.dispatch.notice()
    if (this.#isFlushing) return
    this.#isFlushing = true
    this.#soonIn(this.#life)(() => {
      this.#isFlushing = false
      this.#world.journal.flush()
    }, this.#heap.nowMs() + this.#disk.below(diskMsMax))
  }

  #loginOf(login: LoginId, ids: ReadonlyArray<AccountId>): House.Login {
    const { seed, without = new Set() } = this.#options
    const abilities = Setup.drawAbilities(this.#chance(`abilities ${login}`))
    const venue = new Venue({
      style: abilities.style, seed: seed ^ (login.charCodeAt(login.length - 1) << 8), heap: this.#heap, market: this.#world.market, chance: this.#chance(`venue ${login}`),
      accounts: ids.map((id) => ({ id: `V-${id}`, cash, feePerLot })),
      onRecord: (record) => {
        this.#sums.records += 1
        if (record.kind === "fault") this.#count(record.name)
        this.#judge?.ledger(record, login)
        this.#options.onRecord?.(record)
      },
      onChange: (names) => {
        for (const id of ids) if (names.has(`V-${id}`)) this.#house?.accounts.get(id)?.stir()
      }
    })
    venue.dice.set(Trouble.plan(this.#chance(`plan ${login}`), this.#scale, abilities.lookupIsProof, (name) => without.has(name)))
    return { venue, abilities }
  }

  #count(name: string): void {
    this.#counted.set(name, (this.#counted.get(name) ?? 0) + 1)
  }

  #start(): void {
    const { journal, settled: { house: { body, hash } } } = this.#world
    this.#isFlushing = false
    this.#judge?.life({ atMs: this.#heap.nowMs(), kind: "start" })
    this.#house = House.make({ ...this.#world, soon: this.#soonIn(this.#life) }, this.#logins, this.#life, (pictures) => {
      this.#sums.picturesSkipped += pictures
    })
    if (journal.rows.length === 0) journal.stage("operator", [ConfigApplied.make({ hash, body })])
    this.#house.dispatch.resume()
    for (const session of this.#house.sessions) session.connect()
  }

  #afterEvent(): boolean {
    this.#killIn -= 1
    if (this.#killIn < 0) {
      this.#killIn = Infinity
      this.#kill()
    }
    return false
  }

  #kill(): void {
    const { journal } = this.#world
    if (this.#house === undefined) return
    this.#count("F45")
    this.#sums.kills += 1
    const before = House.statesOf(this.#house)
    const wasDurable = journal.seq() === journal.durableSeq()
    this.#house = undefined
    this.#life += 1
    this.#stalledUntilMs = 0
    this.#judge?.life({ atMs: this.#heap.nowMs(), kind: "kill" })
    for (const { venue } of this.#logins.values()) {
      venue.deaf()
      venue.write({ kind: "reach", up: false })
    }
    this.#sums.rowsLost += journal.lose()
    for (const id of wasDurable ? House.differing(before, House.recall(this.#world)) : []) {
      this.#violations.push({ invariant: "I15", atMs: this.#heap.nowMs(), message: `the state of ${id} after replay is another than before the kill`, expected: "equal", got: "different" })
    }
    this.#heap.at(this.#heap.nowMs() + deadMsMin + this.#trouble.below(deadMsMax), () => this.#start())
  }

  #deliver(alert: ReturnType<typeof Sender.draw>, times: number): void {
    const { journal, wallMs } = this.#world
    if (this.#house === undefined || this.#heap.nowMs() < this.#stalledUntilMs) {
      if (times < resendsMax) this.#heap.at(this.#heap.nowMs() + resendMs, () => this.#deliver(alert, times + 1))
      return
    }
    const seq = journal.stage("ingress/all", [Sender.accepted(alert, wallMs())])
    journal.durable(seq, () => this.#judge?.answered({ atMs: this.#heap.nowMs(), status: 200, alertId: alert.alertId }))
  }

  #happen(kind: Trouble.Kind): void {
    if (kind === "kill") {
      this.#killIn = this.#trouble.below(killAfterMax)
      return
    }
    if (kind === "clock" || kind === "stall") return this.#oneself(kind)
    const all = [...this.#logins]
    const [name, login] = all[this.#trouble.below(all.length)] ?? []
    if (login === undefined) return
    const { venue } = login
    const session = this.#house?.sessions.find((one) => one.login === name)
    const account = [...venue.ledger.accounts.keys()][this.#trouble.below(venue.ledger.accounts.size)] ?? ""
    const fault = (of: string, detail: string) => venue.write({ kind: "fault", name: of, detail })
    switch (kind) {
      case "drop":
        fault("F6", "the stream ends")
        return session?.drop()
      case "silence":
        fault("F7", "silent")
        return session?.fallSilent()
      case "cancelAll":
        fault("F20", account)
        return venue.cancelAll(account)
      case "byHand": {
        fault("F21", account)
        const symbols = [...this.#world.market.keys()]
        return venue.byHand(account, symbols[this.#trouble.below(symbols.length)] ?? "", this.#trouble.hits(0.5) ? "buy" : "sell")
      }
      case "stale":
        return venue.dice.strike("F29")
    }
  }

  #oneself(kind: "clock" | "stall"): void {
    const atMs = this.#heap.nowMs()
    if (kind === "clock") {
      this.#count("F49")
      this.#aheadMs = this.#trouble.below(2 * stepMsMax) - stepMsMax
      return this.#judge?.disturbed({ atMs, what: "clock stepped" })
    }
    if (this.#house === undefined) return
    this.#count("F50")
    this.#stalledUntilMs = atMs + stallMs
    this.#judge?.disturbed({ atMs, untilMs: this.#stalledUntilMs + 1_000, what: "event loop stalled" })
  }

  #result(): Day {
    const { journal } = this.#world
    const statistics = this.#judge?.statistics()
    const violations = [...this.#violations, ...this.#judge?.violations() ?? []]
    return {
      ...this.#sums, seed: this.#options.seed, events: this.#heap.ran(), rows: journal.durableSeq(), faults: Object.fromEntries(this.#counted), violations,
      hash: journal.hash(), naked: statistics?.nakedMs ?? {}, slowestNakedMs: statistics?.slowestNakedMs ?? 0, outcomes: statistics?.outcomes ?? {},
      story: violations.length === 0 ? "" : this.#judge?.text() ?? ""
    }
  }
}
