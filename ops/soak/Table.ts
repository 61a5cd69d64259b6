/** The result as the table that people read, and its place in a document. Pure. */
import type { PartResult, Result } from "./Result.ts"

export const markers = { from: "<!-- soak -->", to: "<!-- /soak -->" } as const

const number = (value: number): string => value.toLocaleString("en", { maximumFractionDigits: 0 })
const milliseconds = (value: number): string => `${number(value)} ms`
const row = (...texts: ReadonlyArray<string>): string => `| ${texts.join(" | ")} |`

const bound = ({ failureRateMax, machineDays, runtimeDays, violations }: Result): string => failureRateMax === null
  ? `No bound on the failure rate: ${violations > 0 ? "a promise was broken" : "no day was run"}.`
  : `No failure in ${number(machineDays + runtimeDays)} days: at 95 % at most ${failureRateMax.toExponential(1)} failures a day, **under the modelled faults only**.`

const histogram = (counts: Readonly<Record<string, number>>): string => {
  const boundOf = (bucket: string) => Number(/\d+/.exec(bucket)?.[0] ?? 0) + (bucket.startsWith(">") ? 0.5 : 0)
  return Object.entries(counts).toSorted(([one], [other]) => boundOf(one) - boundOf(other)).map(([bucket, count]) => `${bucket}: ${number(count)}`).join(", ")
}

const faultsOf = (counts: Readonly<Record<string, number>>): string => {
  const place = (name: string) => Number(/\d+/.exec(name)?.[0] ?? 0)
  return Object.entries(counts).toSorted(([one], [other]) => place(one) - place(other) || (one < other ? -1 : 1)).map(([name, count]) => `${name} ${number(count)}`).join(", ")
}

const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

const partOf = ({ failures, name, note, runs, seconds }: PartResult): string =>
  `${name}: ${number(runs)} run${runs === 1 ? "" : "s"}, ${number(seconds)} s, ${failures === 0 ? "no failure" : `**${failures} failed**`}${note === undefined ? "" : ` (${note})`}`

export const table = (result: Result): string => [
  row("Counted", "In this run"),
  "|---|---|",
  row("days of the whole runtime on a virtual clock, with faults", number(result.runtimeDays)),
  row("days of the pure state machines, with faults", number(result.machineDays)),
  row("runs that each failed or died at another call", number(result.callRuns)),
  row("SIGKILLs of the real process", `${number(result.kills)}, ${number(result.acknowledged)} alerts acknowledged`),
  row("faults injected", number(total(result.faults))),
  row("hostile inputs", number(result.fuzzInputs)),
  row("planted bugs caught", `${number(result.bugsCaught)} of ${number(result.bugsPlanted)}`),
  row("seeds run twice with equal journals", number(result.seedsTwice)),
  row("promises broken", number(result.violations)),
  row("lost / doubled / unknown / naked", `${number(result.lost)} / ${number(result.doubled)} / ${number(result.unknown)} / ${number(result.naked)}`),
  row("slowest Unknown settled", milliseconds(result.slowestUnknownMs)),
  row("slowest from a fill to the first word of it", milliseconds(result.slowestEvidenceMs)),
  row("longest without a stop, outages and deaths included", milliseconds(result.slowestNakedMs)),
  "",
  bound(result),
  "",
  `Times without a stop, ms: ${histogram(result.nakedMs)}.`,
  "",
  `Faults: ${faultsOf(result.faults)}.`,
  "",
  `${result.date.slice(0, 10)}, ${result.commit}, seed ${result.seed}, ${result.minutes} minutes on ${result.machine.cores} cores of ${result.machine.cpu}, Node ${result.machine.node}. ${result.parts.map(partOf).join("; ")}.`
].join("\n")

/** Absent: the document has no place for it. */
export const found = (document: string): string | undefined => {
  const from = document.indexOf(markers.from)
  const to = document.indexOf(markers.to)
  return from < 0 || to < from ? undefined : document.slice(from + markers.from.length, to).trim()
}

export const put = (document: string, text: string): string => {
  const from = document.indexOf(markers.from)
  const to = document.indexOf(markers.to)
  return `${document.slice(0, from + markers.from.length)}\n${text}\n${document.slice(to)}`
}
