/** `node test/venues/conformance/main.ts --write`: what runs where, into the venues' READMEs; without it: do they agree? */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import * as Matrix from "./Matrix.ts"
import { listed } from "./Suite.ts"
import { banks } from "./Venues.ts"

const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } })

const wrong: Array<string> = []
for (const venue of new Set(banks.map((bank) => bank.venue))) {
  const file = join(import.meta.dirname, "../../../src/venues", venue, "README.md")
  const document = readFileSync(file, "utf8")
  const table = Matrix.table(banks.filter((bank) => bank.venue === venue), listed)
  if (values.write && Matrix.found(document) !== undefined) writeFileSync(file, Matrix.put(document, table))
  else if (Matrix.found(document) !== table) wrong.push(`the matrix of ${file} is not what the suite says: node test/venues/conformance/main.ts --write`)
}
if (wrong.length > 0) {
  process.stderr.write(`${wrong.join("\n")}\n`)
  process.exitCode = 1
}
