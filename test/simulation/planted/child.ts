/** Runs simulations until one shows something wrong, and prints what; with `hook.ts` before it, of a house with a bug in it. */
import "effect/schema/SchemaJITCompiler/enable"
import * as NodePath from "node:path"
import { Effect, Result } from "effect"
import type * as Calls from "#src/simulation/Calls.ts"
import * as Judges from "#src/simulation/Judges.ts"
import type { Witness } from "#src/simulation/Judging.ts"
import * as Runtime from "#src/simulation/Runtime.ts"
import * as Scenario from "#src/simulation/Scenario.ts"
import { keyOf, type Run } from "#test/simulation/planted/Bug.ts"
import * as Hands from "#test/simulation/planted/Hands.ts"
import { isPlanted } from "#test/simulation/planted/hook.ts"
import type { Asked, Seen } from "#test/simulation/planted/Seen.ts"

const asked: Asked = JSON.parse(process.argv[2] ?? "")

let run: Run | undefined
let before: NodeJS.CpuUsage = { user: 0, system: 0 }

const say = (found: Pick<Seen, "invariant" | "text" | "story">): void => {
  if (!isPlanted()) throw new Error("a module with the bug was never loaded")
  const { system, user } = process.cpuUsage(before)
  before = process.cpuUsage()
  const seen: Seen = { run: run === undefined ? "" : keyOf(run), cpuSeconds: (system + user) / 1e6, ...found }
  process.stdout.write(`${JSON.stringify(seen)}\n`)
}

/** Nothing more needs to happen once something was wrong; a house that goes round in a circle would never come to its end. */
const hasty = (witness: Witness): Witness => {
  const then = <A extends ReadonlyArray<unknown>>(hand: (...told: A) => void) => (...told: A): void => {
    hand(...told)
    const [first] = witness.violationsCount() > 0 ? witness.violations() : []
    if (first === undefined) return
    say({ invariant: first.invariant, text: first.message, story: witness.told(first) })
    process.exit(0)
  }
  return {
    ...witness,
    row: then(witness.row), ledger: then(witness.ledger), answered: then(witness.answered), time: then(witness.time), reread: then(witness.reread), end: then(witness.end)
  }
}

const simulate = async ({ faults, hands, scenario, seed }: Run, fateOf?: (call: Calls.Call) => Calls.Fate): Promise<string> => {
  const loaded = Result.getOrThrow(Scenario.fromFile(NodePath.join(import.meta.dirname, "scenarios", `${scenario}.json`)))
  const { hash } = await Effect.runPromise(Runtime.run(loaded, {
    judge: (about) => hasty(Judges.make(about)),
    ...(seed === undefined ? {} : { seed }),
    ...(faults === undefined ? {} : { faults }),
    ...(hands === undefined ? {} : { hands: hands.map(Hands.of) }),
    ...(fateOf === undefined ? {} : { fateOf })
  }))
  return hash
}

/** One call after the other meets its fate, each in a run of its own. */
const enumerate = async (one: Run, each: NonNullable<Run["each"]>): Promise<void> => {
  const numbers: Array<number> = []
  await simulate(one, ({ kind, moment, n }) => {
    if (kind === each.kind && moment === each.moment) numbers.push(n)
    return "go"
  })
  for (const n of numbers) await simulate(one, (call) => call.n === n && call.moment === each.moment ? each.fate : "go")
}

for (run of asked.runs) {
  const hash = await simulate(run)
  if (run.each !== undefined) await enumerate(run, run.each)
  const isEqual = !asked.isTwice || await simulate(run) === hash
  say(isEqual ? {} : { invariant: "I14", text: "two runs of one seed wrote different journals" })
  if (!isEqual) break
}
