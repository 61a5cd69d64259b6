/** The house from the command line. Nothing is decided here: one layer per command. Compiled code is kept: most of a start is loading. */
import { enableCompileCache } from "node:module"
import * as NodePath from "node:path"

const nodeMin = 24
const major = Number(process.versions.node.split(".")[0])
if (major < nodeMin) {
  process.stderr.write(`interlock needs Node ${nodeMin} or newer, this is ${process.versions.node}: start it with \`npm start\`, which brings its own\n`)
  process.exit(1)
}

enableCompileCache(NodePath.resolve(import.meta.dirname, "../node_modules/.cache/interlock"))

const command = process.argv[2] ?? "start"
if (command === "start") {
  const { run } = await import("#src/layers/Start.ts")
  run()
} else {
  process.stderr.write(`unknown command "${command}": try \`npm start\`, or \`npm run -s interlock -- --help\` for the tools\n`)
  process.exit(2)
}
