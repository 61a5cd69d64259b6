/** What the environment decides: folders, listeners, lanes, log level, where traces go. Owns: their defaults and what is refused before anything starts. */
import { existsSync } from "node:fs"
import * as NodePath from "node:path"
import { Context, Effect, Layer, type LogLevel, Option, Result, Schema } from "effect"
import { LaneId } from "#schemas/Ids.ts"
import * as Environment from "./Environment.ts"

export interface Listener {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
}

export const SettingProblem = Schema.Struct({
  variable: Schema.String,
  expected: Schema.String,
  got: Schema.String,
  remedy: Schema.optionalKey(Schema.String)
})
export type SettingProblem = typeof SettingProblem.Type

/** Nothing was started. */
export class SettingsInvalid extends Schema.TaggedError<SettingsInvalid>()("SettingsInvalid", { problems: Schema.Array(SettingProblem) }) {
  override get message() {
    return this.problems.map(({ variable, expected, got, remedy }) =>
      `${variable}: expected ${expected}, got ${got}${remedy === undefined ? "" : `; ${remedy}`}`
    ).join("\n")
  }
}

const logLevels = new Map<string, LogLevel.LogLevel>([
  ["all", "All"], ["trace", "Trace"], ["debug", "Debug"], ["info", "Info"], ["warn", "Warn"], ["error", "Error"], ["fatal", "Fatal"], ["none", "None"]
])

/** Reads one variable's text, or says what it should have been. */
type Reader<A> = (text: string) => Result.Result<A, string>

const portMax = 65_535
const port: Reader<number> = (text) =>
  /^\d{1,5}$/.test(text) && Number(text) <= portMax ? Result.succeed(Number(text)) : Result.fail(`a port from 0 to ${portMax}`)

const host: Reader<string> = (text) =>
  /^[A-Za-z0-9.:_-]+$/.test(text) ? Result.succeed(text) : Result.fail("a host name or address, without scheme or port")

const flag: Reader<boolean> = (text) => text === "1" ? Result.succeed(true) : text === "0" ? Result.succeed(false) : Result.fail("1 or 0")

const logLevel: Reader<LogLevel.LogLevel> = (text) =>
  Result.fromNullishOr(logLevels.get(text.toLowerCase()), () => `one of ${Array.from(logLevels.keys()).join(", ")}`)

/** Without user, query or fragment: what goes there needs no secret in an address. */
const baseUrl: Reader<string> = (text) => {
  const url = URL.parse(text)
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}${url.hash}` === ""
  return isPlain ? Result.succeed(url.href.replace(/\/+$/, "")) : Result.fail("an address such as http://localhost:4318, without user, query or fragment")
}

const lanes: Reader<ReadonlyArray<LaneId>> = (text) =>
  Schema.decodeUnknownResult(Schema.NonEmptyArray(LaneId))(text.split(",").map((part) => part.trim()).filter((part) => part !== "")).pipe(
    Result.mapError(() => "lane ids with commas between them")
  )

/** Addresses that only this machine reaches. */
export const isLoopback = (address: string): boolean =>
  address === "localhost" || address === "::1" || /^127(\.\d{1,3}){3}$/.test(address)

const openAdmin = (admin: Listener): SettingProblem => ({
  variable: "INTERLOCK_ADMIN_HOST",
  expected: "an address of this machine alone, such as localhost",
  got: JSON.stringify(admin.host),
  remedy: "reach the operator's listener through a tunnel, or set INTERLOCK_ADMIN_INSECURE=1 to open it to others without encryption"
})

const make = Effect.fnUntraced(function*(home: string) {
  const provider = yield* Environment.providerIn(home)
  const problems: Array<SettingProblem> = []

  const read = Effect.fnUntraced(function*<A>(variable: string, reader: Reader<A>, absent: A) {
    const text = yield* Environment.variable(provider, variable)
    if (Option.isNone(text)) return absent
    const value = reader(text.value.trim())
    if (Result.isSuccess(value)) return value.success
    problems.push({ variable, expected: value.failure, got: JSON.stringify(text.value.replace(/\/\/[^/]*@/, "//***@")) })
    return absent
  })
  const folder: Reader<string> = (text) => Result.succeed(NodePath.resolve(home, text))
  const local = NodePath.join(home, "config", "local")

  const settings = {
    home,
    configFolder: yield* read("INTERLOCK_CONFIG", folder, existsSync(local) ? local : NodePath.join(home, "config", "default")),
    dataFolder: yield* read("INTERLOCK_DATA", folder, NodePath.join(home, "data")),
    webhook: {
      host: yield* read("INTERLOCK_WEBHOOK_HOST", host, "127.0.0.1"),
      port: yield* read("INTERLOCK_WEBHOOK_PORT", port, 8480)
    },
    admin: {
      host: yield* read("INTERLOCK_ADMIN_HOST", host, "localhost"),
      port: yield* read("INTERLOCK_ADMIN_PORT", port, 8481)
    },
    lanes: yield* read<Option.Option<ReadonlyArray<LaneId>>>("INTERLOCK_LANES", (text) => Result.map(lanes(text), Option.some), Option.none()),
    logLevel: yield* read("INTERLOCK_LOG", logLevel, "Info"),
    otlp: yield* read<Option.Option<string>>("INTERLOCK_OTLP", (text) => Result.map(baseUrl(text), Option.some), Option.none())
  }
  const isOpenAllowed = yield* read("INTERLOCK_ADMIN_INSECURE", flag, false)
  if (!isLoopback(settings.admin.host) && !isOpenAllowed) problems.push(openAdmin(settings.admin))

  if (problems.length > 0) return yield* new SettingsInvalid({ problems })
  return Settings.of(settings)
})

export class Settings extends Context.Service<Settings, {
  /** The project's folder: relative paths, `.env` and the defaults start here, whatever the working directory. */
  readonly home: string
  readonly configFolder: string
  readonly dataFolder: string
  /** The only listener that may be reached from outside. */
  readonly webhook: Listener
  readonly admin: Listener
  /** None: all lanes. */
  readonly lanes: Option.Option<ReadonlyArray<LaneId>>
  readonly logLevel: LogLevel.LogLevel
  /** The collector that traces are posted to, without a slash at its end; none: no traces. */
  readonly otlp: Option.Option<string>
}>()("config/Settings") {
  static readonly layerIn = (home: string) => Layer.effect(Settings, make(home))
  static readonly layer = Settings.layerIn(NodePath.resolve(import.meta.dirname, ".."))
}
