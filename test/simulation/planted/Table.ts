/** The table for users: which bugs were planted, and who noticed. Written by the runner, read by a test. */
import * as NodePath from "node:path"
import type { Bug } from "#test/simulation/planted/Bug.ts"
import type { Caught } from "#test/simulation/planted/Children.ts"

export const path = NodePath.resolve(import.meta.dirname, "../../../ops/docs/planted-bugs.md")

/** The most that a bug may cost until it is noticed. */
export const cpuSecondsMax = 60

const head = `# Planted bugs

A test that finds nothing proves something only if it would find something. Each line below is a bug that was put into the house on purpose: one
module is loaded with a few words changed, the whole house runs on a virtual clock against simulated venues with faults, and the judge, who knows
nothing of it, must object. The same runs without the bug give no cause. Written by \`node test/simulation/planted/main.ts\`, which runs them
all; \`--only <name>\` runs one and tells its story.

| Bug | The promise it breaks | Where | Noticed as | The judge's words | CPU s |
| --- | --- | --- | --- | --- | ---: |
`

export interface Row {
  readonly bug: Bug
  readonly caught: Caught
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ")

export const line = ({ bug, caught }: Row): string =>
  `| ${[bug.name, bug.promise, bug.file, caught.invariant, caught.text, caught.cpuSeconds.toFixed(1)].map(cell).join(" | ")} |`

export const text = (rows: ReadonlyArray<Row>): string => {
  const slowest = Math.max(0, ...rows.map(({ caught }) => caught.cpuSeconds))
  return `${head}${rows.map(line).join("\n")}\n\n${rows.length} bugs, all noticed; the slowest after ${slowest.toFixed(1)} CPU seconds, the start of the process included.\n`
}

export interface Read {
  readonly name: string
  readonly promise: string
  readonly file: string
  readonly invariant: string
  readonly cpuSeconds: number
}

/** What a table says. */
export const read = (markdown: string): ReadonlyArray<Read> =>
  markdown.split("\n").filter((one) => one.startsWith("| ") && !one.startsWith("| Bug ") && !one.startsWith("| --- ")).map((one) => {
    const [name = "", promise = "", file = "", invariant = "", , cpu = ""] = one.slice(2, -2).split(/(?<!\\)\| | \| /u).map((part) => part.trim())
    return { name, promise, file, invariant, cpuSeconds: Number(cpu) }
  })
