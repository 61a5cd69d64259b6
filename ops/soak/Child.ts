/** One run of a part: a process of its own, ended when it takes too long. None of them outlives the soak. */
import { type ChildProcess, spawn } from "node:child_process"
import { resolve } from "node:path"

export const home = resolve(import.meta.dirname, "../..")
const errorShown = 1_500
/** To tell what there is. */
const leaveSeconds = 5

export interface Ended {
  readonly code: number | null
  readonly isCut: boolean
  /** Lines of its output that are JSON. */
  readonly lines: ReadonlyArray<unknown>
  readonly error: string
}

const living = new Set<ChildProcess>()
/** With all that it has started. */
const end = ({ pid }: ChildProcess, signal: NodeJS.Signals): void => {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // It was faster.
  }
}
process.once("exit", () => { for (const child of living) end(child, "SIGKILL") })
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130))

const jsonLines = (text: string): ReadonlyArray<unknown> => text.split("\n").flatMap((line): ReadonlyArray<unknown> => {
  if (!line.startsWith("{") && !line.startsWith("[")) return []
  try {
    return [JSON.parse(line)]
  } catch {
    return []
  }
})

export const run = (args: ReadonlyArray<string>, seconds: number): Promise<Ended> => new Promise((done) => {
  const child = spawn(process.execPath, args, { cwd: home, stdio: ["ignore", "pipe", "pipe"], detached: true })
  living.add(child)
  let [out, error, isCut] = ["", "", false]
  const tooLong = setTimeout(() => {
    isCut = true
    child.kill("SIGTERM")
    setTimeout(() => end(child, "SIGKILL"), leaveSeconds * 1_000)
  }, seconds * 1_000)
  child.stdout.on("data", (chunk: Buffer) => { out += chunk.toString() })
  child.stderr.on("data", (chunk: Buffer) => { error = (error + chunk.toString()).slice(-errorShown) })
  child.on("close", (code) => {
    clearTimeout(tooLong)
    living.delete(child)
    done({ code, isCut, error, lines: jsonLines(out) })
  })
})
