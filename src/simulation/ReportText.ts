/** What came of a run, for a person. */
import { DateTime, Option, Schema } from "effect"
import type { Report } from "#src/simulation/Report.ts"

/** What is shown of the judge's figures where it keeps them. */
const Figures = Schema.Struct({
  nakedMs: Schema.Record(Schema.String, Schema.Finite),
  slowestNakedMs: Schema.Finite,
  unknown: Schema.Struct({ count: Schema.Finite, settled: Schema.Finite, slowestMs: Schema.Finite })
})
const figuresOf = Schema.decodeUnknownOption(Figures)

const violationsShown = 5

const listed = (counts: Readonly<Record<string, number>>): string => {
  const parts = Object.entries(counts).filter(([, count]) => count > 0).map(([name, count]) => `${name} ${count}`)
  return parts.length === 0 ? "none" : parts.join(", ")
}

const figures = ({ statistics }: Report): ReadonlyArray<string> =>
  Option.match(figuresOf(statistics), {
    onNone: () => [],
    onSome: ({ nakedMs, slowestNakedMs, unknown }) => [
      `without a stop, after the first evidence of a fill: ${listed(nakedMs)} (ms: positions), longest ${slowestNakedMs} ms`,
      `Unknown orders: ${unknown.count}, settled by evidence ${unknown.settled}, slowest ${unknown.slowestMs} ms`
    ]
  })

const instant = (atMs: number): string => DateTime.formatIso(DateTime.makeUnsafe(atMs))

const wrong = ({ violations, violationsCount }: Report, replay: string): ReadonlyArray<string> => {
  if (violationsCount === 0) return ["violations: none"]
  const shown = violations.slice(0, violationsShown).flatMap(({ atMs, invariant, story }, n) =>
    ["", `${n + 1}. ${invariant} at ${instant(atMs)}`, story.trimEnd()])
  const more = violationsCount - Math.min(violationsCount, violationsShown)
  return [`violations: ${violationsCount}`, ...shown, ...(more > 0 ? ["", `... and ${more} more (--json shows up to ${violations.length})`] : []), "", "to see it again:", `  ${replay}`]
}

export const of = (report: Report, replay: string): string => {
  const { counts, days, errors, hash, outcomes, reasons, scenario, seed } = report
  return [
    `SIMULATED ${scenario}, seed ${seed}, ${days} ${days === 1 ? "day" : "days"}`,
    `journal ${hash}`,
    `alerts ${counts["alerts"]} (deliveries ${counts["sent"]}: answers ${listed(report.answers)}; duplicates ${counts["duplicates"]}, refused ${counts["refused"]})`,
    `outcomes: ${listed(outcomes)}`,
    ...(Object.keys(reasons).length === 0 ? [] : [`  by rule: ${listed(reasons)}`]),
    `orders ${counts["orders"]}, fills ${counts["fills"]}, trades ${counts["trades"]}, journal rows ${counts["rows"]}, lives ${counts["lives"]}`,
    `faults: ${listed(report.faults)}`,
    ...figures(report),
    ...(errors.length === 0 ? [] : ["logged as errors:", ...errors.map((text) => `  ${text}`)]),
    ...wrong(report, replay)
  ].join("\n")
}
