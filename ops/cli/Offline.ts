/** Hands a command to the house's own program, where it needs what only that has: files and settings, not a running house. */
import { spawn } from "node:child_process"
import * as NodePath from "node:path"
import { exitCodes } from "./Failure.ts"

const main = NodePath.resolve(import.meta.dirname, "../../src/main.ts")

/** Its output is ours; gives its exit code. */
export const run = (args: ReadonlyArray<string>): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: "inherit" })
    child.on("error", () => resolve(exitCodes.failed))
    child.on("close", (code) => resolve(code ?? exitCodes.failed))
  })

/** Its standard output, when it ended; its errors are ours. */
export const ask = (args: ReadonlyArray<string>): Promise<{ readonly code: number; readonly out: string }> =>
  new Promise((resolve) => {
    let out = ""
    const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "inherit"] })
    child.stdout.on("data", (chunk: Buffer) => { out += chunk.toString() })
    child.on("error", () => resolve({ code: exitCodes.failed, out }))
    child.on("close", (code) => resolve({ code: code ?? exitCodes.failed, out }))
  })
