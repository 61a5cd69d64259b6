/** Finds the running house by what it left in the data folder: `runtime.json` and `operator-token`. */
import { readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { parseEnv } from "node:util"
import { Effect, Redacted, Result, Schema } from "effect"
import { Failure } from "./Failure.ts"

const home = NodePath.resolve(import.meta.dirname, "../..")

const RuntimeFile = Schema.fromJsonString(Schema.Struct({
  pid: Schema.Int,
  webhookUrl: Schema.String,
  operatorUrl: Schema.String,
  startedAtMs: Schema.Finite
}))

export interface Runtime {
  readonly pid: number
  readonly webhookUrl: string
  readonly operatorUrl: string
  readonly startedAtMs: number
  readonly token: Redacted.Redacted
}

const readText = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return undefined
  }
}

const Manifest = Schema.fromJsonString(Schema.Struct({ version: Schema.String }))

export const version = (): string => Schema.decodeSync(Manifest)(readFileSync(NodePath.join(home, "package.json"), "utf8")).version

/** As the runtime itself finds it: environment, `.env`, `data`; from the checkout, wherever this is called. */
export const dataFolder = (): string => {
  const named = process.env["INTERLOCK_DATA"] ?? parseEnv(readText(NodePath.join(home, ".env")) ?? "")["INTERLOCK_DATA"]
  return NodePath.resolve(home, named === undefined || named === "" ? "data" : named)
}

/** A process of someone else answers with "not permitted": it lives. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return cause instanceof Error && "code" in cause && cause.code === "EPERM"
  }
}

export const unreachable = (message: string) => new Failure({ end: "unreachable", error: "unreachable", message: `${message}: start it with \`npm start\`` })

export const find: Effect.Effect<Runtime, Failure> = Effect.suspend(() => {
  const folder = dataFolder()
  const text = readText(NodePath.join(folder, "runtime.json"))
  if (text === undefined) return unreachable(`no runtime is running on ${folder}`)
  const decoded = Schema.decodeUnknownResult(RuntimeFile)(text)
  if (Result.isFailure(decoded)) return unreachable(`${NodePath.join(folder, "runtime.json")} cannot be read`)
  if (!isAlive(decoded.success.pid)) return unreachable(`the runtime on ${folder} (pid ${decoded.success.pid}) is gone`)
  const token = readText(NodePath.join(folder, "operator-token"))?.trim()
  if (token === undefined || token === "") {
    return unreachable(`${NodePath.join(folder, "operator-token")} cannot be read, ask as the user who runs the runtime, or`)
  }
  return Effect.succeed({ ...decoded.success, token: Redacted.make(token) })
})
