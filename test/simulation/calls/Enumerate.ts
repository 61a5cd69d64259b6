/**
 * A story lived through once for every call that leaves the house: the call fails, or the process dies there, and once more at every call of the
 * recovery that follows. Owns: which attempts there are, and one attempt.
 */
import { Effect } from "effect"
import type * as Calls from "#src/simulation/Calls.ts"
import * as Chance from "#src/simulation/Chance.ts"
import * as Judges from "#src/simulation/Judges.ts"
import type * as Report from "#src/simulation/Report.ts"
import * as Runtime from "#src/simulation/Runtime.ts"
import type { Placed } from "#src/stores/JournalFile.ts"
import * as Person from "#test/simulation/calls/Person.ts"
import { host, type Story } from "#test/simulation/calls/Story.ts"

/** What is done to the nth call. */
export interface Strike {
  readonly n: number
  readonly moment: Calls.Call["moment"]
  readonly fate: "fail" | "kill"
}

/** A call as it was made: by which life, and how long after that began. */
export interface Made {
  readonly n: number
  readonly kind: Calls.Call["kind"]
  readonly what: string
  readonly life: number
  readonly sinceMs: number
}

export interface Ran {
  readonly report: Report.Report
  readonly calls: ReadonlyArray<Made>
}

/** Calls of a life that begins are those of its recovery: what waited is settled and driven on by then. */
const recoveryMs = 5_000

export const textOf = (strikes: ReadonlyArray<Strike>): string => strikes.map(({ fate, moment, n }) => `${n}:${fate}-${moment}`).join(",")

export const strikesOf = (text: string): ReadonlyArray<Strike> =>
  text.split(",").filter((part) => part !== "").map((part) => {
    const [, n = "", fate, moment] = /^(\d+):(fail|kill)-(before|after)$/.exec(part) ?? []
    if ((fate !== "fail" && fate !== "kill") || (moment !== "before" && moment !== "after")) throw new Error(`${part} is no strike: 17:kill-before, 17:fail-after`)
    return { n: Number(n), fate, moment }
  })

/** After the end of a story: a person looks at the venue for what may have been executed and never came there. */
const attestedAfterSeconds = [20, 50]

const offsetOf = (seconds: number): string =>
  [seconds / 3_600, seconds / 60 % 60, seconds % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":")

export interface Settings {
  readonly seed?: number
  /** The journal, once it is over. */
  readonly keep?: (rows: ReadonlyArray<Placed>) => void
}

/** One run of a story with these strikes. */
export const attempt = async ({ between, hands = [], scenario }: Story, strikes: ReadonlyArray<Strike>, { keep, seed = 1 }: Settings = {}): Promise<Ran> => {
  const calls: Array<Made> = []
  const unknown = new Set<string>()
  let life = 0
  let beganMs = 0
  const fateOf = ({ atMs, kind, moment, n, what }: Calls.Call): Calls.Fate => {
    if (moment === "before") calls.push({ n, kind, what, life, sinceMs: atMs - beganMs })
    return strikes.find((one) => one.n === n && one.moment === moment)?.fate ?? "go"
  }
  const witness = (about: Judges.About) => {
    const made = Judges.make(about)
    return {
      ...made,
      life: (told: Parameters<typeof made.life>[0]) => {
        if (told.kind === "start") {
          life += 1
          beganMs = told.atMs
        }
        made.life(told)
      },
      row: (row: Parameters<typeof made.row>[0]) => {
        if (row.event._tag === "OrderUnknown" && "orderId" in row.event) unknown.add(String(row.event.orderId))
        made.row(row)
      }
    }
  }
  const endSeconds = Math.round((scenario.sessionHours ?? 0) * 3_600)
  const attested = attestedAfterSeconds.map((seconds) => ({ at: offsetOf(endSeconds + seconds), act: Person.attest(host, unknown) }))
  const report = await Effect.runPromise(Runtime.run({ scenario, folder: "" }, {
    seed, fateOf, judge: witness, hands: [...hands, ...attested], ...(between === undefined ? {} : { between }),
    ...(keep === undefined ? {} : { keep: (_: string, rows: ReadonlyArray<Placed>) => keep(rows) })
  }))
  return { report, calls }
}

const moments = ["before", "after"] as const

/** A commit that is done cannot fail any more. */
export const strikesAt = ({ kind, n }: Made): ReadonlyArray<Strike> => [
  { n, moment: "before", fate: "fail" },
  ...(kind === "journal" ? [] : [{ n, moment: "after", fate: "fail" } as const]),
  ...moments.map((moment) => ({ n, moment, fate: "kill" } as const))
]

const killsAt = ({ n }: Made): ReadonlyArray<Strike> => moments.map((moment) => ({ n, moment, fate: "kill" }))

/** Those of the recovery that a kill was followed by. */
const recoveryOf = ({ calls }: Ran): ReadonlyArray<Made> => calls.filter(({ life, sinceMs }) => life === 2 && sinceMs <= recoveryMs)

export interface Plan {
  readonly seed: number
  /** Of the calls of the story: how many are struck. */
  readonly share: number
  /** Of the calls of each recovery. */
  readonly recoveryShare: number
  /** The first failure ends it. */
  readonly isOneEnough?: boolean
  /** Every nth attempt from the kth: the others are somebody else's. */
  readonly shard?: { readonly k: number; readonly of: number }
}

export interface Failure {
  readonly story: string
  readonly strikes: string
  readonly report: Report.Report
}

export interface Result {
  readonly story: string
  /** Of the undisturbed run. */
  readonly calls: number
  readonly runs: number
  readonly recoveryRuns: number
  readonly failures: ReadonlyArray<Failure>
}

/** `onFailure` as soon as there is one. */
export const enumerate = async (story: Story, plan: Plan, onFailure: (failure: Failure) => void = () => {}): Promise<Result> => {
  const chance = Chance.make(plan.seed, "calls", story.name)
  const failures: Array<Failure> = []
  let [runs, recoveryRuns, place] = [0, 0, 0]
  const isOurs = () => plan.shard === undefined || place++ % plan.shard.of === plan.shard.k
  const live = async (strikes: ReadonlyArray<Strike>): Promise<Ran> => {
    const ran = await attempt(story, strikes)
    runs += 1
    if (ran.report.violationsCount === 0) return ran
    const failure = { story: story.name, strikes: textOf(strikes), report: ran.report }
    failures.push(failure)
    onFailure(failure)
    return ran
  }
  const whole = await live([])
  for (const call of whole.calls) {
    for (const strike of strikesAt(call)) {
      if (plan.isOneEnough === true && failures.length > 0) break
      if (!chance.hits(plan.share) || !isOurs()) continue
      const ran = await live([strike])
      if (strike.fate !== "kill" || plan.recoveryShare === 0) continue
      for (const second of recoveryOf(ran).flatMap(killsAt)) {
        if (!chance.hits(plan.recoveryShare)) continue
        recoveryRuns += 1
        await live([strike, second])
      }
    }
  }
  return { story: story.name, calls: whole.calls.length, runs, recoveryRuns, failures }
}
