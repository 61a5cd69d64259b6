/** `npm run boundaries`: exit 1 and one line per import that the house does not allow. */
import { join } from "node:path"
import { check } from "./Check.ts"

/** Well below what the house holds; a check that sees less is broken, whatever it says. */
const bounds = { modulesMin: 250, importsMin: 1_000 }

const { modules, imports, problems } = check(join(import.meta.dirname, "..", ".."), bounds)
for (const problem of problems) console.error(problem)
console.log(`boundaries: ${modules} modules, ${imports} imports among them, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1
