/** What runs where, as the table that people read, and its place in a document. Pure. */
import { type Group, type Lacks, type Scenario, whyNot } from "./Scenario.ts"

export interface Column {
  readonly name: string
  readonly lacks: Lacks
}
/** Of a group only what the table shows. */
export type Listed = Pick<Group<never>, "title"> & { readonly scenarios: ReadonlyArray<Pick<Scenario<never>, "title" | "needs">> }

export const markers = { from: "<!-- conformance -->", to: "<!-- /conformance -->" } as const

const row = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

const section = (columns: ReadonlyArray<Column>, { scenarios, title }: Listed): ReadonlyArray<string> => [
  row([`**${title}**`, ...columns.map(() => "")]),
  ...scenarios.map((scenario) => row([scenario.title, ...columns.map(({ lacks }) => whyNot(scenario, lacks) ?? "passes")]))
]

const sum = (columns: ReadonlyArray<Column>, groups: ReadonlyArray<Listed>): string => {
  const all = groups.flatMap(({ scenarios }) => scenarios)
  const counts = columns.map(({ lacks, name }) => `${all.filter((scenario) => whyNot(scenario, lacks) === undefined).length} ${name}`)
  return `Of ${all.length} scenarios run and pass: ${counts.join(", ")}. What does not run says why.`
}

export const table = (columns: ReadonlyArray<Column>, groups: ReadonlyArray<Listed>): string => [
  sum(columns, groups),
  "",
  row(["Scenario", ...columns.map(({ name }) => name)]),
  row(["---", ...columns.map(() => "---")]),
  ...groups.flatMap((group) => section(columns, group))
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
