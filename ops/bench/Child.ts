/** Processes of the bench. None of them outlives it. */
import { type ChildProcess, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Plan, Result } from "./Plan.ts"

export const home = resolve(import.meta.dirname, "../..")
const readyWithinMs = 60_000
const leaveWithinMs = 15_000

export interface Child {
  readonly pid: number
  readonly process: ChildProcess
  readonly out: () => string
  readonly isAlive: () => boolean
  /** Told to leave; killed where it does not. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
}

export const until = async (what: string, look: () => boolean | Promise<boolean>, withinMs = readyWithinMs, everyMs = 10): Promise<void> => {
  const endMs = performance.now() + withinMs
  while (!(await look())) {
    if (performance.now() > endMs) throw new Error(`${what}: not within ${withinMs} ms`)
    await sleep(everyMs)
  }
}

const living = new Set<ChildProcess>()
process.once("exit", () => { for (const child of living) child.kill("SIGKILL") })
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130))

export const start = (command: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Child => {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("INTERLOCK_")))
  const child = spawn(command, args, { cwd: home, env: { ...inherited, ...env }, stdio: ["ignore", "pipe", "inherit", "ipc"] })
  living.add(child)
  let out = ""
  let isAlive = true
  child.stdout?.on("data", (chunk: Buffer) => { out += chunk.toString() })
  const ended = new Promise<void>((done) => child.once("close", () => {
    isAlive = false
    living.delete(child)
    done()
  }))
  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    child.kill(signal)
    const tooLong = setTimeout(() => child.kill("SIGKILL"), leaveWithinMs)
    await ended
    clearTimeout(tooLong)
  }
  return { pid: child.pid ?? 0, process: child, out: () => out, isAlive: () => isAlive, stop }
}

/** Of a baseline: the port it says it is ready at. */
export const portOf = async (what: string, child: Child): Promise<number> => {
  const ready = /^ready http:\/\/127\.0\.0\.1:(\d+)$/m
  await until(`${what} ready`, () => {
    if (!child.isAlive()) throw new Error(`${what} ended before it was ready`)
    return ready.test(child.out())
  })
  return Number(ready.exec(child.out())?.[1])
}

export const node = (file: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Child =>
  start(process.execPath, [join(import.meta.dirname, file), ...args], env)

/** One run of the generator. */
export const load = async (plan: Plan): Promise<Result> => {
  const child = node("load.ts", [JSON.stringify(plan)])
  await until("the generator", () => child.out().endsWith("\n") || !child.isAlive(), 600_000)
  return JSON.parse(child.out()) as Result
}

/** CPU time of a process, in its kernel's clock ticks (10 ms); 0 where nobody can tell. */
const cpuTicks = (pid: number): number => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? []
    return Number(fields[11]) + Number(fields[12])
  } catch {
    return 0
  }
}

/** Waits until a process has nothing more to do: what one round left behind is not the next one's cost. */
export const quiet = async ({ pid }: Child, withinMs = 300_000): Promise<void> => {
  const windowMs = 250
  let before = cpuTicks(pid)
  await until("a quiet process", async () => {
    await sleep(windowMs)
    const now = cpuTicks(pid)
    const isQuiet = (now - before) * 10 < windowMs * 0.2
    before = now
    return isQuiet
  }, withinMs)
}
