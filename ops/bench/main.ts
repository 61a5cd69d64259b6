/**
 * The paired benchmark. `npm run bench`: everything, into results.json. `-- ack orders`: only these. `-- --short`: each once and briefly,
 * written nowhere. `-- --rounds=5`: more of them. `-- --write`: results.json into the table of README.md; `-- --check`: do they agree? `--results=` and `--readme=` name other files.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import * as Results from "./Results.ts"
import * as Table from "./Table.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    rounds: { type: "string" },
    check: { type: "boolean", default: false },
    results: { type: "string", default: Results.file },
    readme: { type: "string", default: join(import.meta.dirname, "../../README.md") }
  }
})

const fail = (message: string): never => {
  console.error(message)
  return process.exit(1)
}

/** The document's table is the results' or there is neither. */
const agree = (document: string, results: Results.Results | undefined): boolean =>
  Table.found(document) === (results === undefined ? undefined : Table.table(results))

const results = Results.read(values.results)
if (values.check) {
  if (!agree(readFileSync(values.readme, "utf8"), results)) fail(`the table of ${values.readme} is not what ${values.results} says: npm run bench -- --write`)
} else if (values.write) {
  const document = readFileSync(values.readme, "utf8")
  if (results === undefined) fail(`${values.results} is not there: npm run bench first`)
  else if (Table.found(document) === undefined) fail(`${values.readme} has no place for the table: ${Table.markers.from} and ${Table.markers.to}`)
  else writeFileSync(values.readme, Table.put(document, Table.table(results)))
} else {
  // Only here: the house's own code takes its time to load.
  const { all } = await import("./Measure.ts")
  const wrong = await all({ names: positionals, isShort: values.short, file: values.results, ...(values.rounds === undefined ? {} : { rounds: Number(values.rounds) }) })
  if (wrong.length > 0) fail(wrong.join("\n"))
}
