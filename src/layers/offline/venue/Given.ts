/** What `venue add tradovate` is told: by flags, by an object on standard input, or by a person who is asked for what is missing. Never a secret by a flag. */
import { Data, Effect, Redacted, Schema } from "effect"
import * as Prompt from "effect/cli/Prompt"
import { text as streamText } from "node:stream/consumers"
import * as Mask from "#config/Mask.ts"

const Words = Schema.NonEmptyString

/** Of one person's answers, every one may be missing. */
const Given = Schema.Struct({
  login: Schema.optionalKey(Words),
  url: Schema.optionalKey(Words),
  /** Whether the user has paid for market data over the API. */
  marketData: Schema.optionalKey(Schema.Boolean),
  name: Schema.optionalKey(Words),
  password: Schema.optionalKey(Words),
  passwordEnv: Schema.optionalKey(Words),
  appId: Schema.optionalKey(Words),
  appVersion: Schema.optionalKey(Words),
  deviceId: Schema.optionalKey(Words),
  cid: Schema.optionalKey(Schema.Int),
  sec: Schema.optionalKey(Words),
  secEnv: Schema.optionalKey(Words),
  /** The venue's names; absent: all. */
  accounts: Schema.optionalKey(Schema.Array(Words)),
  lanes: Schema.optionalKey(Schema.Array(Words)),
  symbol: Schema.optionalKey(Words)
})
export type Given = typeof Given.Type

/** Told in a way that cannot be used. */
export class BadAnswer extends Data.TaggedError("BadAnswer")<{ readonly message: string }> {}

/** What standard input holds is not quoted: a secret may stand anywhere in it. */
export const fromStdin = Effect.promise(() => streamText(process.stdin)).pipe(
  Effect.flatMap((text) => Effect.fromOption(Schema.decodeUnknownOption(Schema.fromJsonString(Given), { onExcessProperty: "error" })(text))),
  Effect.mapError(() => new BadAnswer({ message: `standard input must be one JSON object with some of the keys ${Object.keys(Given.fields).join(", ")}; see ops/docs/venues.md` }))
)

/** Where a secret is to be kept. */
export type Secret = { readonly _tag: "Value"; readonly value: string } | { readonly _tag: "Variable"; readonly name: string }

export interface Answers {
  readonly url: string
  readonly marketDataUrl: string | undefined
  readonly name: string
  readonly password: Secret
  readonly appId: string
  readonly appVersion: string
  readonly cid: number | undefined
  readonly sec: Secret | undefined
}

const hosts: Readonly<Record<string, string>> = { demo: "https://demo.tradovateapi.com", live: "https://live.tradovateapi.com" }
const marketDataHost = "https://md.tradovateapi.com"
const appIdUsual = "interlock"
const appVersionUsual = "1.0"

export const urlOf = (said: string): string => hosts[said.toLowerCase()] ?? said.replace(/\/+$/, "")
/** A fake on this machine serves all on one address. */
const marketDataUrlOf = (url: string): string => Object.values(hosts).includes(url) ? marketDataHost : url

const secretOf = (value: string | undefined, variable: string | undefined): Secret | undefined =>
  value !== undefined ? { _tag: "Value", value } : variable !== undefined ? { _tag: "Variable", name: variable } : undefined

/** Without a person: what is missing is named. */
export const complete = (given: Given): Effect.Effect<Answers, BadAnswer> => {
  const password = secretOf(given.password, given.passwordEnv)
  const sec = secretOf(given.sec, given.secEnv)
  const { cid, name, url } = given
  const missing = [
    ...(url === undefined ? ["url (demo, live or an address)"] : []),
    ...(name === undefined ? ["name"] : []),
    ...(password === undefined ? ["password on standard input, or passwordEnv"] : []),
    ...(cid !== undefined && sec === undefined ? ["sec on standard input, or secEnv (a cid has one)"] : [])
  ]
  if (url === undefined || name === undefined || password === undefined || missing.length > 0) {
    return Effect.fail(new BadAnswer({ message: `no terminal to ask at, and nobody said ${missing.join("; ")}` }))
  }
  const at = urlOf(url)
  return Effect.succeed({
    url: at, name, password, sec, cid,
    marketDataUrl: given.marketData === true ? marketDataUrlOf(at) : undefined,
    appId: given.appId ?? appIdUsual,
    appVersion: given.appVersion ?? appVersionUsual
  })
}

const said = (value: string): Effect.Effect<string, string> => value.trim() === "" ? Effect.fail("say something") : Effect.succeed(value.trim())
const address = (value: string): Effect.Effect<string, string> =>
  /^https?:\/\/[^/?#@\s]+\/?$/.test(value.trim()) ? Effect.succeed(value.trim()) : Effect.fail("https:// or http://, a host and maybe a port, nothing behind it")
const hidden = (value: string): Effect.Effect<string, string> =>
  value.length === 0 || value.length >= Mask.lengthMin ? Effect.succeed(value) : Effect.fail(`at least ${Mask.lengthMin} characters: a shorter one could not be masked in logs`)
const numberOrNothing = (value: string): Effect.Effect<string, string> =>
  /^\d{0,15}$/.test(value.trim()) ? Effect.succeed(value.trim()) : Effect.fail("a number, or nothing")

const askSecret = Effect.fnUntraced(function*(what: string, usual: string) {
  const typed = Redacted.value(yield* Prompt.run(Prompt.Hidden({ message: `${what} (not shown; nothing typed: it is in an environment variable)`, validate: hidden })))
  if (typed !== "") return { _tag: "Value", value: typed } satisfies Secret
  return { _tag: "Variable", name: yield* Prompt.run(Prompt.String({ message: `Which variable holds the ${what.toLowerCase()}`, default: usual, validate: said })) } satisfies Secret
})

const askUrl = Effect.fnUntraced(function*() {
  const chosen = yield* Prompt.run(Prompt.Select({
    message: "Which Tradovate",
    choices: [
      { title: "demo", value: "demo", description: "evaluation accounts of prop firms live here, too" },
      { title: "live", value: "live", description: "real money" },
      { title: "another address", value: "", description: "such as a fake venue on this machine" }
    ]
  }))
  return chosen === "" ? yield* Prompt.run(Prompt.String({ message: "Its address", default: "http://127.0.0.1:8491", validate: address })) : chosen
})

/** A person is asked for what nobody said. */
export const ask = Effect.fnUntraced(function*(given: Given) {
  const url = urlOf(given.url ?? (yield* askUrl()))
  const name = given.name ?? (yield* Prompt.run(Prompt.String({ message: "User name", validate: said })))
  const password = secretOf(given.password, given.passwordEnv) ?? (yield* askSecret("Password", "TRADOVATE_PASSWORD"))
  const cid = given.cid === undefined ? yield* Prompt.run(Prompt.String({ message: "Number of the API key (cid; nothing: no key)", validate: numberOrNothing })) : String(given.cid)
  const sec = cid === "" ? undefined : secretOf(given.sec, given.secEnv) ?? (yield* askSecret("Secret of the API key", "TRADOVATE_SEC"))
  const appId = given.appId ?? (yield* Prompt.run(Prompt.String({ message: "App id (as the API key names it)", default: appIdUsual, validate: said })))
  const appVersion = given.appVersion ?? (yield* Prompt.run(Prompt.String({ message: "App version", default: appVersionUsual, validate: said })))
  const hasMarketData = given.marketData ?? (yield* Prompt.run(Prompt.Confirm({ message: "Has this user paid for market data over the API?", initial: false })))
  const answers: Answers = {
    url, name, password, sec, appId, appVersion, cid: cid === "" ? undefined : Number(cid),
    marketDataUrl: hasMarketData ? marketDataUrlOf(url) : undefined
  }
  return answers
})

/** Which of these, if nobody has said. */
export const choose = (message: string, names: ReadonlyArray<{ readonly title: string; readonly value: string }>, areSelected: boolean) =>
  names.length === 0
    ? Effect.succeed<ReadonlyArray<string>>([])
    : Prompt.run(Prompt.MultiSelect({ message: `${message} (space marks, enter ends)`, choices: names.map((one) => ({ ...one, selected: areSelected })) }))

export const confirm = (message: string) => Prompt.run(Prompt.Confirm({ message, initial: false }))

/** A person sits at both ends. */
export const isAtTerminal = (): boolean => process.stdin.isTTY && process.stdout.isTTY

