/** `start`: hands over to the house itself, as `npm start` does. */
import { spawn } from "node:child_process"
import { constants } from "node:os"
import * as NodePath from "node:path"
import { exitCodes } from "./Failure.ts"

const main = NodePath.resolve(import.meta.dirname, "../../src/main.ts")

/** Its end is ours. A Ctrl+C at a terminal reaches it by itself; sent on, it would count as the second one. */
export const run = (): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [main, "start"], { stdio: "inherit" })
    process.on("SIGINT", () => process.stdin.isTTY === true || child.kill("SIGINT"))
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal))
    child.on("error", (error) => {
      process.stderr.write(`interlock: cannot start ${process.execPath} (${error.message})\n`)
      resolve(exitCodes.failed)
    })
    child.on("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
