/** Whether an SQLite file is whole, found out beside the event loop. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"

const script = new URL("./IntegrityWorker.ts", import.meta.url)
const saidMax = 200

export type Verdict =
  | { readonly _tag: "Whole" }
  | { readonly _tag: "Damaged"; readonly detail: string }
  | { readonly _tag: "Late" }

const verdictOf = (said: string): Verdict => said === "ok" ? { _tag: "Whole" } : { _tag: "Damaged", detail: said.trim().slice(0, saidMax) }

/** Changes nothing, and may be stopped: in a process of its own. */
export const look = (path: string, withinMs: number): Promise<Verdict> =>
  new Promise((resolve) => {
    execFile(process.execPath, ["--no-warnings", fileURLToPath(script), path], { timeout: withinMs, killSignal: "SIGKILL" }, (error, out, err) => {
      if (error === null) return resolve(verdictOf(out))
      resolve(error.killed === true ? { _tag: "Late" } : verdictOf(err.split("\n").find((line) => /error/i.test(line)) ?? error.message))
    })
  })

/** For a copy that nobody else has open: its log is folded into it. In a thread: to start a process would hold up a house for longer. */
export const settle = (path: string): Promise<Verdict> =>
  new Promise((resolve) => {
    const worker = new Worker(script, { workerData: path, execArgv: ["--no-warnings"] })
    worker.once("message", (said) => resolve(verdictOf(String(said))))
    worker.once("error", (error) => resolve(verdictOf(error instanceof Error ? error.message : String(error))))
    worker.once("exit", () => resolve({ _tag: "Late" }))
  })
