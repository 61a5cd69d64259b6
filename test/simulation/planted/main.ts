/** Plants one bug after the other and sees who notices. `--only name,name`, `--json`; without `--only` it writes the table. */
import { readFileSync, writeFileSync } from "node:fs"
import * as NodePath from "node:path"
import { type Bug, editsOf, plant } from "#test/simulation/planted/Bug.ts"
import { bugs } from "#test/simulation/planted/Bugs.ts"
import { type Caught, clean, hunt } from "#test/simulation/planted/Children.ts"
import * as Table from "#test/simulation/planted/Table.ts"

const root = NodePath.resolve(import.meta.dirname, "../../..")
const args = process.argv.slice(2)
const only = args.includes("--only") ? (args[args.indexOf("--only") + 1] ?? "").split(",") : undefined
const isJson = args.includes("--json")

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const told = (text: string, data: unknown): void => say(isJson ? JSON.stringify(data) : text)

const chosen: ReadonlyArray<Bug> = only === undefined ? bugs : only.map((name) => {
  const bug = bugs.find((one) => one.name === name)
  if (bug === undefined) throw new Error(`there is no planted bug ${name}: ${bugs.map((one) => one.name).join(" ")}`)
  return bug
})

for (const bug of chosen) for (const edit of editsOf(bug)) plant(readFileSync(NodePath.join(root, edit.file), "utf8"), edit)

let isGood = true
for (const { invariant = "", run, story = "", text = "" } of await clean(chosen)) {
  isGood = false
  told(`WITHOUT ANY BUG  ${run}: ${invariant} ${text}\n${story}`, { withoutBug: true, run, invariant, text, story })
}

const rows: Array<Table.Row> = []
const judged = (bug: Bug, caught: Caught | undefined): boolean => {
  const isIn = caught !== undefined && caught.cpuSeconds <= Table.cpuSecondsMax
  if (caught === undefined) told(`NOT NOTICED      ${bug.name}: ${bug.promise}`, { name: bug.name, noticed: false })
  else {
    rows.push({ bug, caught })
    const { cpuSeconds, invariant, run, story = "", text } = caught
    told(`${isIn ? "noticed" : "TOO LATE"}  ${cpuSeconds.toFixed(1).padStart(5)} s  ${bug.name}: ${invariant} ${text} (${run})${only === undefined ? "" : `\n${story}`}`,
      { name: bug.name, noticed: isIn, invariant, text, run, cpuSeconds, ...(only === undefined ? {} : { story }) })
  }
  return isIn
}

if (isGood) {
  for (const bug of chosen) isGood = judged(bug, await hunt(bug)) && isGood
  if (isGood && only === undefined) writeFileSync(Table.path, Table.text(rows))
}
process.exitCode = isGood ? 0 : 1
