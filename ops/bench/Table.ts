/** Results as the table that people read, and its place in a document. Pure. */
import type { Figure } from "./Figures.ts"
import type { Results, Scenario } from "./Results.ts"

const notMeasured = "not measured"
export const markers = { from: "<!-- bench -->", to: "<!-- /bench -->" } as const

const number = (value: number): string => value.toLocaleString("en", { maximumSignificantDigits: 3 })
const withUnit = (value: number | null | undefined, unit: string): string => value === null || value === undefined ? notMeasured : `${number(value)} ${unit}`

const cells = ({ baseline, goal, isMet, ratio, unit, value, what }: Figure): ReadonlyArray<string> => [
  what,
  withUnit(value, unit),
  baseline === undefined ? "" : withUnit(baseline, unit),
  ratio === undefined ? "" : ratio === null ? notMeasured : `${number(ratio)}x`,
  goal === undefined ? "" : `${goal}${isMet === undefined ? "" : isMet ? ", met" : ", **missed**"}`
]

const row = (texts: ReadonlyArray<string>): string => `| ${texts.join(" | ")} |`

const provenance = ({ commit, date, load, name, rounds }: Scenario): string =>
  `${name}: ${date.slice(0, 10)}, ${commit}, ${rounds} rounds, ${Math.round(load.busy * 100)} % busy before`

export const table = ({ machine, scenarios }: Results): string => [
  row(["Figure", "Interlock", "Baseline", "Ratio", "Goal"]),
  "|---|---|---|---|---|",
  ...scenarios.flatMap(({ figures }) => figures.map((figure) => row(cells(figure)))),
  "",
  `Medians, measured beside each other on ${machine.cores} cores of ${machine.cpu}, ${machine.platform}, Node ${machine.node}. ${scenarios.map(provenance).join("; ")}.`
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
