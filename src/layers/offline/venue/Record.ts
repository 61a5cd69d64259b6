/** What the last dry run of each login saw, in the data folder: whether an account may be promoted. Nothing else is decided by it. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { DateTime, Option, Schema } from "effect"
import type * as Together from "#config/Together.ts"
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import type { LoginConfig, TradovateLogin } from "#schemas/config/LoginConfig.ts"

const fileName = "dry-runs.json"

export const DryRun = Schema.Struct({
  atMs: Schema.Finite,
  /** Of the login as it was tried: another one has not been. */
  settings: Schema.String,
  /** Absent: it passed. */
  failed: Schema.optionalKey(Schema.String),
  /** The venue's names of what it may trade. */
  accounts: Schema.Array(Schema.String)
})
export type DryRun = typeof DryRun.Type

const File = Schema.fromJsonString(Schema.Record(Schema.String, DryRun))

/** References to secrets, never secrets. */
export const settingsOf = ({ tradovate, venue }: Pick<TradovateLogin, "tradovate" | "venue">): string =>
  createHash("sha256").update(JSON.stringify([venue, Object.entries(tradovate).sort(([one], [other]) => one < other ? -1 : 1)])).digest("hex")

/** One that cannot be read says nothing: the next dry run writes it anew. */
export const all = (dataFolder: string): Readonly<Record<string, DryRun>> => {
  try {
    return Option.getOrElse(Schema.decodeUnknownOption(File)(readFileSync(NodePath.join(dataFolder, fileName), "utf8")), () => ({}))
  } catch {
    return {}
  }
}

export const writeOf = (dataFolder: string, login: string, dryRun: DryRun): Together.Write => ({
  path: NodePath.join(dataFolder, fileName),
  text: `${Schema.encodeSync(File)({ ...all(dataFolder), [login]: dryRun })}\n`,
  isSecret: false
})

const time = (atMs: number): string => DateTime.formatIso(DateTime.makeUnsafe(atMs))

/** What keeps an account from being promoted, as far as the last dry run of its login tells. Undefined: nothing. */
export const against = (dryRun: DryRun | undefined, { id, venueAccount = id }: Pick<AccountConfig, "id" | "venueAccount">, login: LoginConfig): string | undefined => {
  if (!login.enabled) return `login ${login.id} is disabled in venues.json: enable it first`
  if (login.venue !== "tradovate") return undefined // nothing that it is sent reaches a market
  const again = `\`interlock venue add tradovate --login ${login.id}\` tries it, without an order`
  if (dryRun === undefined) return `login ${login.id} was never tried: ${again}`
  if (dryRun.settings !== settingsOf(login)) return `login ${login.id} was changed since its dry run of ${time(dryRun.atMs)}: ${again}`
  if (dryRun.failed !== undefined) return `the last dry run of login ${login.id} failed at ${time(dryRun.atMs)} (${dryRun.failed}): ${again}`
  if (dryRun.accounts.includes(venueAccount)) return undefined
  return `the venue listed no account ${venueAccount} at ${time(dryRun.atMs)}, only ${dryRun.accounts.join(", ")}: correct venueAccount, or ${again}`
}
