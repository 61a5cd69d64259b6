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

/** Each loads only what it needs. */
const commands: Readonly<Record<string, () => Promise<{ readonly run: (args: ReadonlyArray<string>) => void }>>> = {
  start: () => import("#src/layers/Start.ts"),
  config: () => import("#src/layers/offline/ConfigCheck.ts"),
  restore: () => import("#src/layers/offline/Restore.ts"),
  simulate: () => import("#src/layers/offline/Simulate.ts"),
  replay: () => import("#src/layers/offline/Replay.ts"),
  doctor: () => import("#src/layers/offline/Doctor.ts"),
  venue: () => import("#src/layers/offline/Venue.ts"),
  promote: () => import("#src/layers/offline/Promote.ts")
}

const [name = "start", ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (command === undefined) {
  process.stderr.write(`unknown command "${name}": try \`npm start\`, or \`npm run -s interlock -- --help\` for the tools\n`)
  process.exit(2)
} else {
  const { run } = await command()
  run(args)
}
