/**
 * Days of the whole runtime with random faults, one seed after the other until the time is over.
 * `node ops/soak/days.ts --seed N --seconds S [--days D] [--only tradovate-busy,mixed] [--json]`: exit code 1 where a promise was broken.
 */
import "effect/schema/SchemaJITCompiler/enable"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { Effect, Result } from "effect"
import * as Judges from "#src/simulation/Judges.ts"
import type { Statistics } from "#src/simulation/oracle/Statistics.ts"
import type { Report } from "#src/simulation/Report.ts"
import * as Runtime from "#src/simulation/Runtime.ts"
import * as Scenario from "#src/simulation/Scenario.ts"
import * as Draw from "./Draw.ts"
import * as Sum from "./Sum.ts"

export interface Failed extends Draw.Day {
  readonly why: string
}

const scenarios = join(import.meta.dirname, "../../test/simulation/scenarios")
const failedMax = 20

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" }, seconds: { type: "string", default: "60" }, days: { type: "string" }, only: { type: "string" },
    json: { type: "boolean", default: false }
  }
})
const endMs = Date.now() + Number(values.seconds) * 1_000
const daysMax = Number(values.days ?? Infinity)
const firstSeed = Number(values.seed)

const run = ({ days, faults, scenario, seed }: Draw.Day): Promise<Report> =>
  Effect.runPromise(Runtime.run(Result.getOrThrow(Scenario.fromFile(join(scenarios, `${scenario}.json`))), { seed, days, ...(faults === "" ? {} : { faults }), judge: Judges.make }))

const again = ({ days, faults, scenario, seed }: Draw.Day): string =>
  `npm run -s interlock -- simulate test/simulation/scenarios/${scenario}.json --seed ${seed} --days ${days}${faults === "" ? "" : ` --faults "${faults}"`}`

const figures = ({ days, faults, statistics, violations, violationsCount }: Report): Partial<Sum.Sum> => {
  const { nakedMs, slowestEvidenceMs, slowestNakedMs, unknown } = statistics as ReturnType<Statistics["figures"]>
  return {
    runtimeDays: days, faults, nakedMs, slowestNakedMs, slowestEvidenceMs, slowestUnknownMs: unknown.slowestMs, violations: violationsCount,
    ...Sum.ofInvariants(violations.map(({ invariant }) => invariant))
  }
}

let sum = Sum.nothing
const failed: Array<Failed> = []

const fail = (day: Draw.Day, why: string): void => {
  sum = Sum.add(sum, { failures: [{ part: "days", again: again(day), why }] })
  if (failed.length < failedMax) failed.push({ ...day, why })
  if (!values.json) console.log(`FAILED: ${again(day)}\n  ${why}`)
}

const tell = (): void =>
  console.log(values.json ? JSON.stringify({ sum, failed }) : `${sum.runtimeDays} days from seed ${firstSeed}, ${sum.failures.length} with violations, ${Object.values(sum.faults).reduce((all, one) => all + one, 0)} faults`)

/** Whoever waits no longer is told what there is. */
process.once("SIGTERM", () => {
  tell()
  process.exit(sum.failures.length === 0 ? 0 : 1)
})

for (let n = 0; n < daysMax && Date.now() < endMs; n++) {
  const day = Draw.of(firstSeed + n, values.only?.split(","))
  try {
    const report = await run(day)
    sum = Sum.add(sum, figures(report))
    const [first] = report.violations
    if (first !== undefined) fail(day, `${first.invariant} ${first.message}`)
  } catch (error) {
    sum = Sum.add(sum, { violations: 1 })
    fail(day, `the run died: ${String(error).slice(0, 300)}`)
  }
}
tell()
process.exitCode = sum.failures.length === 0 ? 0 : 1
