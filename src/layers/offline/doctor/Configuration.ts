/** Configuration, lanes, and whether every secret it names is there. Nothing is made. */
import { readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { Effect, Option } from "effect"
import * as Environment from "#config/Environment.ts"
import type { House } from "#config/House.ts"
import * as HouseLive from "#config/HouseLive.ts"
import * as Load from "#config/Load.ts"
import * as Mask from "#config/Mask.ts"
import { nameOf } from "#config/SecretsLive.ts"
import { Settings } from "#config/Settings.ts"
import type { Finding } from "#schemas/contracts/Commands.ts"
import * as Found from "#src/layers/offline/doctor/Found.ts"
import { secretFiles } from "#src/layers/offline/doctor/DataFolder.ts"

const count = (of: { readonly size: number }, what: string): string => `${of.size} ${what}${of.size === 1 ? "" : "s"}`

const lanes = (house: House, chosen: Option.Option<ReadonlyArray<string>>): Finding => {
  const check = "INTERLOCK_LANES"
  if (Option.isNone(chosen)) return Found.ok(check, "not set: every lane is served")
  const others = [...house.lanes.keys()].filter((lane) => !chosen.value.includes(lane))
  return Found.ok(check, `serves ${chosen.value.join(", ")}; ${others.length === 0 ? "no lane is left out" : `another process has to serve ${others.join(", ")}`}`)
}

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8").replace(/[\r\n]+$/, "")
  } catch {
    return undefined
  }
}

/** By name; absent: not there. */
const valuesOf = Effect.fnUntraced(function*(house: House) {
  const { dataFolder, home } = yield* Settings
  const provider = yield* Environment.providerIn(home)
  const values = new Map<string, string | undefined>()
  for (const { secret } of house.lanes.values()) {
    const value = "$env" in secret
      ? Option.getOrUndefined(yield* Environment.variable(provider, secret.$env))
      : textOf(NodePath.resolve(dataFolder, secret.$file))
    values.set(nameOf(secret), value)
  }
  return values
})

const isMade = (name: string): boolean => name.startsWith("$file secrets/")

const secretsOf = (values: ReadonlyMap<string, string | undefined>): Finding => {
  const missing = [...values].filter(([name, value]) => value === undefined && !isMade(name)).map(([name]) => name)
  const short = [...values].filter(([, value]) => value !== undefined && value.length < Mask.lengthMin).map(([name]) => name)
  if (missing.length > 0) return Found.failed("secrets", `not there: ${missing.join(", ")}`, "set the variable in the environment or in .env, or write the file into the data folder with mode 0600")
  if (short.length > 0) return Found.failed("secrets", `too short to be masked: ${short.join(", ")}`, `use at least ${Mask.lengthMin} characters`)
  const made = [...values].filter(([, value]) => value === undefined).map(([name]) => name)
  return Found.ok("secrets", made.length === 0 ? `${count(values, "secret")} of the configuration, all there` : `made at the start: ${made.join(", ")}`)
}

/** What the files say, and every secret's value, to be covered in whatever is printed. */
export const all = Effect.gen(function*() {
  const settings = yield* Settings
  const own = secretFiles(settings.dataFolder).flatMap((path) => textOf(path) ?? [])
  return yield* Effect.gen(function*() {
    const whole = yield* Load.fromFolder(settings.configFolder)
    const house = yield* HouseLive.read
    const values = yield* valuesOf(house)
    const findings = [
      Found.ok("config", `${settings.configFolder}: ${count(house.lanes, "lane")}, ${count(house.strategies, "strategy").replace(/ys$/, "ies")}, ${count(house.accounts, "account")}, ${count(house.logins, "login")}; hash ${house.hash.slice(0, 12)}`),
      lanes(whole, settings.lanes),
      secretsOf(values)
    ]
    return { findings, secrets: [...own, ...[...values.values()].filter((value) => value !== undefined)] }
  }).pipe(Effect.catchTag("ConfigInvalid", ({ message }) => Effect.succeed({
    findings: [Found.failed("config", `${settings.configFolder}: ${message}`, "correct these places; the house does not start, and a running one does not reload, until then")],
    secrets: own
  })))
})
