/** `venue add tradovate`: a user of the venue becomes a login, the accounts that are chosen become accounts, switched off. Nothing is written before it was tried. */
import { randomUUID } from "node:crypto"
import * as NodePath from "node:path"
import { Clock, Data, Effect, Option, Result } from "effect"
import * as Edit from "#config/Edit.ts"
import * as Environment from "#config/Environment.ts"
import type { House } from "#config/House.ts"
import * as Load from "#config/Load.ts"
import * as Mask from "#config/Mask.ts"
import * as SecretFile from "#config/SecretFile.ts"
import { nameOf } from "#config/SecretsLive.ts"
import { Settings } from "#config/Settings.ts"
import type * as Together from "#config/Together.ts"
import { secretsOf, type TradovateLogin } from "#schemas/config/LoginConfig.ts"
import type { SecretRef } from "#schemas/config/Secret.ts"
import type { Finding } from "#schemas/contracts/Commands.ts"
import * as DryRun from "#src/layers/offline/venue/DryRun.ts"
import * as Entries from "#src/layers/offline/venue/Entries.ts"
import * as Given from "#src/layers/offline/venue/Given.ts"
import * as Place from "#src/layers/offline/venue/Place.ts"
import * as Record from "#src/layers/offline/venue/Record.ts"
import * as Shown from "#src/layers/offline/venue/Shown.ts"
import * as SessionTokens from "#src/stores/SessionTokens.ts"

/** It cannot go on; nothing was written. */
export class AddRefused extends Data.TaggedError("AddRefused")<{ readonly message: string }> {}

export interface Asked {
  readonly given: Given.Given
  readonly isSure: boolean
  /** Nobody is there to be asked. */
  readonly isSilent: boolean
  readonly say: (text: string) => Effect.Effect<void>
}

/** A login as it is tried: one of the configuration, or one that becomes part of it. */
interface Trial {
  readonly login: TradovateLogin
  readonly house: House
  readonly isNew: boolean
  readonly venues: string
  readonly secrets: Readonly<Record<string, string>>
  readonly files: ReadonlyArray<Together.Write>
}

const refused = (message: string) => Effect.fail(new AddRefused({ message }))

const edited = (result: Result.Result<string, string>, file: string) =>
  Result.isSuccess(result) ? Effect.succeed(result.success) : refused(`${file} cannot be added to: ${result.failure}`)

const houseOf = (texts: Load.Texts) => Effect.fromResult(Load.fromTexts(texts))

const longEnough = (value: string, from: string) =>
  value.length >= Mask.lengthMin ? Effect.succeed(value) : refused(`the secret of ${from} has ${value.length} characters: at least ${Mask.lengthMin}, or it could not be masked in logs`)

/** As the house will read it. */
const resolved = Effect.fnUntraced(function*(ref: SecretRef) {
  const { dataFolder, home } = yield* Settings
  if ("$env" in ref) {
    const value = yield* Environment.variable(yield* Environment.providerIn(home), ref.$env)
    return Option.isSome(value) ? yield* longEnough(value.value, ref.$env) : yield* refused(`${ref.$env} is neither in the environment nor in .env: set it there first`)
  }
  const path = NodePath.resolve(dataFolder, ref.$file)
  const found = yield* Effect.try({ try: () => SecretFile.read(path).value, catch: (error) => new AddRefused({ message: `${path} cannot be read (${SecretFile.codeOf(error)})` }) })
  return yield* longEnough(found, path)
})

/** By its name, or by whose it is. */
const existing = ({ logins }: House, { login, name, url }: Given.Given): Effect.Effect<TradovateLogin | undefined, AddRefused> => {
  const all = [...logins.values()]
  const named = all.find(({ id }) => id === login)
  if (named !== undefined && named.venue !== "tradovate") return refused(`login ${named.id} of venues.json is one of ${named.venue}: choose another name with --login`)
  const at = url === undefined ? undefined : Given.urlOf(url)
  const same = all.find((one) => one.venue === "tradovate" && one.tradovate.name === name && one.tradovate.url === at)
  const found = named ?? same
  return Effect.succeed(found?.venue === "tradovate" ? found : undefined)
}

const trialOfExisting = Effect.fnUntraced(function*(place: Place.Place, house: House, login: TradovateLogin) {
  const values = yield* Effect.forEach(secretsOf(login), (ref) => Effect.map(resolved(ref), (value) => [nameOf(ref), value] as const))
  const trial: Trial = { login, house, isNew: false, venues: Place.textOf(place, "venues"), secrets: Object.fromEntries(values), files: [] }
  return trial
})

const kept = Effect.fnUntraced(function*(login: string, kind: "password" | "sec", secret: Given.Secret) {
  const ref = Entries.refOf(login, kind, secret)
  if (secret._tag === "Variable") return { name: nameOf(ref), value: yield* resolved(ref), files: [] }
  const { dataFolder } = yield* Settings
  const value = yield* longEnough(secret.value, kind)
  const file: Together.Write = { path: NodePath.join(dataFolder, "secrets", `${login}.${kind}`), text: `${value}\n`, isSecret: true }
  return { name: nameOf(ref), value, files: [file] }
})

const trialOfNew = Effect.fnUntraced(function*(place: Place.Place, house: House, { given, isSilent }: Asked) {
  const answers = yield* isSilent ? Given.complete(given) : Given.ask(given)
  const again = yield* existing(house, { ...given, name: answers.name, url: answers.url })
  if (again !== undefined) return yield* trialOfExisting(place, house, again)
  const id = given.login ?? Entries.freeLogin(house)
  const entry = Entries.login(id, given.deviceId ?? Entries.deviceIdOf(house) ?? randomUUID(), answers)
  const venues = yield* edited(Edit.appended(Place.textOf(place, "venues"), "logins", entry), "venues.json")
  const withLogin = yield* houseOf(Place.textsWith(place, { venues }))
  const login = [...withLogin.logins.values()].find((one) => one.id === id)
  if (login?.venue !== "tradovate") return yield* refused(`login ${id} cannot be added`)
  const secrets = yield* Effect.forEach([["password", answers.password], ["sec", answers.sec]] as const, ([kind, secret]) =>
    secret === undefined ? Effect.succeed([]) : Effect.map(kept(id, kind, secret), (one) => [one]))
  const all = secrets.flat()
  const trial: Trial = {
    login, house: withLogin, isNew: true, venues,
    secrets: Object.fromEntries(all.map(({ name, value }) => [name, value])), files: all.flatMap(({ files }) => files)
  }
  return trial
})

const words = { ok: "ok", warning: "WARNING", failed: "FAILED", unknown: "unknown" } as const

export const stepText = ({ check, remedy, state, text }: Finding): string =>
  `  ${words[state].padEnd(8)} ${check.padEnd(9)} ${text}${remedy === undefined || state === "ok" ? "" : `\n           what to do: ${remedy}`}`

/** What becomes of a record when the dry run of a login that is in use fails: an account of it is not promoted until one passes. */
const tried = Effect.fnUntraced(function*(place: Place.Place, trial: Trial, asked: Asked) {
  const { house, isNew, login, secrets } = trial
  const findings: Array<Finding> = []
  yield* asked.say(`dry run of ${login.id}, without an order:`)
  const symbol = asked.given.symbol ?? [...house.instruments.values()].find(({ asset }) => asset === "futures")?.root ?? "MES"
  const mask = Mask.make(Object.values(secrets))
  const tell = (step: Finding) => Effect.suspend(() => {
    findings.push(step)
    return asked.say(mask(stepText(step)))
  })
  const { accounts, session } = yield* DryRun.run({ house, login, secrets, symbol, tell }).pipe(
    Effect.tapError(({ message }) => isNew ? Effect.void : Effect.flatMap(Clock.currentTimeMillis, (atMs) =>
      Place.write(place, {}, [Record.writeOf(place.dataFolder, login.id, { atMs, settings: Record.settingsOf(login), failed: mask(message), accounts: [] })])))
  )
  return { accounts, findings, files: isNew && session !== undefined ? [SessionTokens.writeOf(place.dataFolder, login.id, session)] : [] }
})

/** Those of the venue that are not ours yet, as far as they are wanted. */
const chosen = Effect.fnUntraced(function*({ house, login }: Trial, listed: ReadonlyArray<DryRun.VenueAccount>, { given, isSilent, say }: Asked) {
  const known = new Set<string>([...house.accounts.values()].flatMap((account) => account.login === login.id ? [account.venueAccount ?? account.id] : []))
  const free = listed.filter(({ name }) => !known.has(name))
  for (const name of known) yield* say(`  ${name} is in accounts.json already`)
  const unknown = (given.accounts ?? []).filter((name) => !listed.some((account) => account.name === name))
  if (unknown.length > 0) return yield* refused(`the venue lists no account ${unknown.join(", ")}; it lists ${listed.map(({ name }) => name).join(", ")}`)
  if (given.accounts !== undefined) return free.filter(({ name }) => given.accounts?.includes(name))
  if (isSilent) return free
  const names = yield* Given.choose("Which accounts", free.map(({ balance, name }) => ({ title: `${name}  ${balance} USD`, value: name })), true)
  return free.filter(({ name }) => names.includes(name))
})

const lanesOf = ({ house }: Trial, { given, isSilent }: Asked) => {
  if (given.lanes !== undefined) return Effect.succeed(given.lanes)
  if (isSilent) return Effect.succeed([])
  return Given.choose("Whose alerts may trade there, once it is promoted: which lanes", [...house.lanes.keys()].map((id) => ({ title: id, value: id })), false)
}

const next = ({ isCopy, target }: Place.Place, accounts: ReadonlyArray<string>): ReadonlyArray<string> => [
  "next:",
  ...(isCopy ? [`  - ${target} is in use from the next start on: restart the house, a reload does not reach it`] : []),
  ...(accounts.length === 0 ? [] : ["  - set sizes, caps and lanes of the new accounts in accounts.json: they are disabled, and hold one contract at most"]),
  ...accounts.slice(0, 1).map((id) => `  - \`interlock promote ${id}\` enables one, after showing what will trade on it; \`interlock venue drill ${id}\` proves it with one contract`)
]

export interface Added {
  readonly login: string
  readonly findings: ReadonlyArray<Finding>
  readonly accounts: ReadonlyArray<string>
  readonly written: boolean
}

/** What will be written, shown; then written, if it is wanted. */
const written = Effect.fnUntraced(function*(place: Place.Place, trial: Trial, entries: ReadonlyArray<Entries.AccountEntry>, beside: ReadonlyArray<Together.Write>, asked: Asked) {
  const { files, isNew, venues } = trial
  const { isSilent, isSure, say } = asked
  let accounts = Place.textOf(place, "accounts")
  for (const { entry } of entries) accounts = yield* edited(Edit.appended(accounts, "accounts", entry), "accounts.json")
  const changed = { ...(isNew ? { venues } : {}), ...(entries.length === 0 ? {} : { accounts }) }
  yield* houseOf(Place.textsWith(place, changed))
  if (Object.keys(changed).length === 0) {
    yield* say("nothing to add: login and accounts are in the configuration already")
    return false
  }
  yield* say(["", ...(place.isCopy ? [`${place.folder} is the demo that comes with the house: it is copied to ${place.target}, and changed there`] : []),
    ...Object.entries(changed).flatMap(([name, text]) => Shown.difference(NodePath.join(place.target, `${name}.json`), place.texts[`${name}.json`] ?? "", text)),
    ...files.map(({ path }) => `${path} (for its owner alone): the secret`), ""].join("\n"))
  if (!isSure && (isSilent || !(yield* Given.confirm("Write this?")))) {
    yield* say(isSilent ? "nothing was written: add --yes" : "nothing was written")
    return false
  }
  yield* Place.write(place, changed, [...files, ...beside])
  yield* say(["written.", ...next(place, entries.map(({ id }) => id))].join("\n"))
  return true
})

export const run = Effect.fnUntraced(function*(asked: Asked) {
  const place = yield* Place.find
  const house = yield* houseOf(place.texts)
  const before = yield* existing(house, asked.given)
  const trial = before === undefined ? yield* trialOfNew(place, house, asked) : yield* trialOfExisting(place, house, before)
  const { login } = trial
  if (!trial.isNew) yield* asked.say(`login ${login.id} is in venues.json already, as ${login.tradovate.name} at ${login.tradovate.url}: it is not added again, only tried`)
  const { accounts: listed, files, findings } = yield* tried(place, trial, asked)
  const record = Record.writeOf(place.dataFolder, login.id, {
    atMs: yield* Clock.currentTimeMillis, settings: Record.settingsOf(login), accounts: listed.map(({ name }) => name)
  })
  if (!trial.isNew) yield* Place.write(place, {}, [record])
  const wanted = yield* chosen(trial, listed, asked)
  const lanes = wanted.length === 0 ? [] : yield* lanesOf(trial, asked)
  const entries = Entries.accounts(trial.house, login.id, lanes, wanted)
  const isWritten = yield* written(place, trial, entries, [...files, record], asked)
  const added: Added = { login: login.id, findings, accounts: isWritten ? entries.map(({ id }) => id) : [], written: isWritten }
  return added
})
