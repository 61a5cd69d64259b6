/** One chain of lives, a process of its own: its venue must not wait while another one's journal is judged. The result is one line of JSON. */
import { Effect } from "effect"
import * as Chain from "./Chain.ts"

const options: Chain.Options = JSON.parse(process.argv[2] ?? "{}")
const result = await Effect.runPromise(Chain.run(options))
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
