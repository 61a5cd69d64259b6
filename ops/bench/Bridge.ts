/** The bridge baseline, where this machine has what it needs. */
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import * as Child from "./Child.ts"
import { strategy, symbols } from "./Config.ts"

const python = "/usr/bin/python3"

/** Absent: it can be measured. Else what is missing. */
export const missing = (): string | undefined => {
  try {
    execFileSync(python, ["-c", "import fastapi, uvicorn, uvloop, httptools"], { stdio: "ignore" })
    return undefined
  } catch {
    return `${python} lacks fastapi, uvicorn, uvloop or httptools (Debian: python3-fastapi python3-uvicorn python3-uvloop python3-httptools)`
  }
}

export const secret = "bench-secret-of-the-bridge-000000000000000"

export interface Bridge extends Child.Child {
  readonly port: number
}

export const start = async (wanted: { readonly brokerPort: number; readonly accounts: number; readonly instruments: number; readonly folder: string }): Promise<Bridge> => {
  const { accounts, brokerPort, folder, instruments } = wanted
  const log = join(folder, `bridge-${accounts}.jsonl`)
  const child = Child.start(
    python,
    [join(import.meta.dirname, "baselines/bridge.py"), String(brokerPort), String(accounts), strategy, symbols(instruments).join(","), log],
    { BENCH_SECRET: secret }
  )
  return { ...child, port: await Child.portOf("the bridge", child) }
}
