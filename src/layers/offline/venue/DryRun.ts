/**
 * A login of Tradovate tried with its own adapter: signed in, its accounts, its stream, one contract against the catalogue, one quote. No order.
 * Owns: what each failure means to the person who typed the credentials, and what to do about it.
 */
import { BigDecimal, Clock, Data, Deferred, Duration, Effect, Logger, Option, Result, Stream as Streams } from "effect"
import { HttpClient } from "effect/http"
import { type House, HouseConfig } from "#config/House.ts"
import * as SecretsLive from "#config/SecretsLive.ts"
import type { TradovateLogin } from "#schemas/config/LoginConfig.ts"
import type { Finding } from "#schemas/contracts/Commands.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import * as Found from "#src/layers/offline/doctor/Found.ts"
import type { Connection, VenueError } from "#src/ports/Venue.ts"
import * as SessionTokens from "#src/stores/SessionTokens.ts"
import * as Resolve from "#src/symbols/Resolve.ts"
import * as Catalogue from "#src/venues/shared/Catalogue.ts"
import * as Request from "#src/venues/shared/Request.ts"
import * as Answers from "#src/venues/tradovate/Answers.ts"
import * as Books from "#src/venues/tradovate/Books.ts"
import * as Contracts from "#src/venues/tradovate/Contracts.ts"
import * as Kept from "#src/venues/tradovate/Kept.ts"
import * as Lookup from "#src/venues/tradovate/Lookup.ts"
import * as MarketData from "#src/venues/tradovate/MarketData.ts"
import * as Reading from "#src/venues/tradovate/Reading.ts"
import * as Session from "#src/venues/tradovate/Session.ts"
import * as Stream from "#src/venues/tradovate/Stream.ts"

/** A wait that the venue asks for and that a person at a terminal may share. */
const patienceMsMax = 60_000
const signInTriesMax = 3
const streamWithin = "30 seconds"
const quoteWithin = "12 seconds"
const second = 1_000
const minute = 60_000

export interface Asked {
  /** With the login in it. */
  readonly house: House
  readonly login: TradovateLogin
  /** By the names of `SecretsLive.nameOf`. */
  readonly secrets: Readonly<Record<string, string>>
  /** As alerts write it. */
  readonly symbol: string
  /** Hears each step as it is done. */
  readonly tell: (step: Finding) => Effect.Effect<void>
}

export interface VenueAccount {
  readonly name: string
  /** In dollars: its picture of a balance names no currency. */
  readonly balance: string
}

/** A step that must not fail did. */
export class DryRunFailed extends Data.TaggedError("DryRunFailed")<{ readonly step: Finding }> {
  override get message() {
    return `${this.step.check}: ${this.step.text}`
  }
}

/** What the venue last answered a sign-in with, where the adapter's error does not tell it apart. */
interface Overheard {
  penalty: "ticket" | "captcha" | "warned" | "locked" | undefined
}

const penaltyIn = (status: number, body: string): Overheard["penalty"] => {
  if (status === 423) return "warned"
  if (status === 429) return "locked"
  const read = Answers.signedIn(Answers.ofText(status, body), (said) => said)
  if (Result.isSuccess(read) || read.failure._tag !== "Penalised") return undefined
  return read.failure.isCaptcha ? "captcha" : "ticket"
}

const listening = (send: Request.Send, overheard: Overheard): Request.Send => (asked, headers, limits) =>
  Effect.tap(send(asked, headers, limits), ({ body, status }) => Effect.sync(() => { overheard.penalty = penaltyIn(status, body) }))

const waitText = (ms: number): string => ms > minute ? `${Math.ceil(ms / minute)} minutes` : `${Math.ceil(ms / second)} seconds`

const penalties = {
  captcha: Found.failed("sign-in", "the venue answered with a penalty ticket and a captcha, which no program can solve",
    "send it nothing for an hour, then sign in once by hand at trader.tradovate.com and run this again; every try before that begins the hour anew"),
  locked: Found.failed("sign-in", "the venue has locked this user or this address out (429)", "send it nothing for an hour: every try before that begins it anew"),
  warned: Found.failed("sign-in", "the venue gave its last warning (423): the next call too many locks it out for an hour", "send it nothing for a minute or more, then run this again once")
}

const signInFailed = (error: VenueError, { url }: TradovateLogin["tradovate"], { penalty }: Overheard): Finding => {
  const check = "sign-in"
  if (error._tag === "RateLimited" && penalty !== undefined && penalty !== "ticket") return penalties[penalty]
  switch (error._tag) {
    case "Unauthenticated":
    case "Refused":
      return Found.failed(check, `the venue does not let this user in: ${error.message}`,
        `check name and password, the API key's number and secret, and whether the user belongs to ${url}; do not try often, the venue takes five sign-ins an hour`)
    case "RateLimited":
      return Found.failed(check, `the venue answered with a penalty ticket: it wants ${waitText(error.retryAfterMs)} without a try`, `run this again in ${waitText(error.retryAfterMs)}`)
    case "Unavailable":
      return Found.failed(check, `${url} cannot be reached: ${error.message}`, "check the address, the network, and whether the venue is in maintenance; a fake venue must be running")
    default:
      return Found.failed(check, `${url} gave no answer that tells: ${error.message}`, "check the address, and run it again in a minute")
  }
}

const failing = (check: string, remedy: string) => (error: VenueError) =>
  Effect.fail(new DryRunFailed({ step: Found.failed(check, error.message, remedy) }))

/** Short waits that the venue asks for are waited, and told. */
const signIn = Effect.fnUntraced(function*({ login, tell }: Asked, kept: Kept.Kept, client: HttpClient.HttpClient, lost: Session.Around["lost"]) {
  const overheard: Overheard = { penalty: undefined }
  const send = listening(Request.make(client, login.tradovate.url), overheard)
  for (let tries = 1; ; tries++) {
    const opened = yield* Effect.result(Session.open({ login, kept, send, lost }))
    if (Result.isSuccess(opened)) return opened.success
    const error = opened.failure
    const isPatient = error._tag === "RateLimited" && overheard.penalty === "ticket" && error.retryAfterMs <= patienceMsMax && tries < signInTriesMax
    if (!isPatient) return yield* new DryRunFailed({ step: signInFailed(error, login.tradovate, overheard) })
    yield* tell(Found.warning("sign-in", `the venue answered with a penalty ticket: it wants ${waitText(error.retryAfterMs)} without a try, then this goes on by itself`))
    yield* Effect.sleep(Duration.millis(error.retryAfterMs))
  }
})

/** Names and balances of all that may be traded. */
const accountsOf = Effect.fnUntraced(function*({ ask, accounts }: Session.Session) {
  if (accounts.size === 0) {
    return yield* new DryRunFailed({ step: Found.failed("accounts", "the venue lists no active account of this user", "an evaluation account lives on the demo host; an account that was closed or passed is listed no more") })
  }
  const remedy = "run it again; if it stays, the user may not see its accounts' balances over the API"
  return yield* Effect.forEach(accounts, ([name, accountId]) => ask(Answers.balance, { method: "POST", path: "/v1/cashBalance/getcashbalancesnapshot", body: { accountId } }).pipe(
    Effect.map(({ totalCashValue }): VenueAccount => ({ name, balance: BigDecimal.format(totalCashValue) })),
    Effect.catch(failing("accounts", remedy))
  ), { concurrency: 2 })
})

const specOf = ({ tickSize, tickValue }: Instrument): string => `tick ${BigDecimal.format(tickSize)}, ${BigDecimal.format(tickValue)} a tick`

const contract = Effect.fnUntraced(function*({ find }: Contracts.Contracts, instrument: Instrument) {
  const check = "contract"
  const listed = yield* Effect.catch(find(instrument.id), failing(check, "run it again"))
  if (Option.isNone(listed)) return yield* new DryRunFailed({ step: Found.failed(check, `the venue has no contract ${instrument.id}`, "check its root and its roll rule in instruments.json, or name another one with --symbol") })
  const differs = Contracts.disagreement(listed.value, instrument)
  if (differs === undefined) return Found.ok(check, `${instrument.id} is here as it is there: ${specOf(instrument)}`)
  return yield* new DryRunFailed({ step: Found.failed(check, `${instrument.id} is not the same: ${differs}`, "correct it in instruments.json, with a higher version: no entry in it would leave") })
})

/** Without one the house is blind to prices here and trades all the same: nothing that fails. */
const quote = Effect.fnUntraced(function*({ login }: Asked, instrument: Instrument, quotes: Connection["quotes"], said: ReadonlyArray<string>) {
  const check = "quote"
  if (login.tradovate.marketDataUrl === undefined) {
    return Found.ok(check, "not asked for: no market data over the API, so this login is blind to prices and strategies that need live quotes do not trade on it")
  }
  const first = yield* quotes.pipe(
    Streams.filter(({ instrumentId }) => instrumentId === instrument.id), Streams.runHead, Effect.timeoutOption(quoteWithin), Effect.map(Option.flatten), Effect.orElseSucceed(Option.none)
  )
  if (Option.isSome(first)) {
    const { ask, bid } = first.value
    const price = (ticks: number) => BigDecimal.format(BigDecimal.multiply(instrument.tickSize, BigDecimal.fromBigInt(BigInt(ticks))))
    return Found.ok(check, `${instrument.id} ${price(bid)} / ${price(ask)}`)
  }
  const why = said.at(-1)
  return why === undefined
    ? Found.warning(check, `none of ${instrument.id} within ${quoteWithin}`, "its market may be shut; else this user is not entitled to market data over the API: leave marketDataUrl out then")
    : Found.warning(check, `not entitled, or not connected: ${why}`, "market data over the API is sold apart; leave marketDataUrl out if this user has not paid for it")
})

const marketData = Effect.fnUntraced(function*(asked: Asked, instrument: Instrument, around: Omit<MarketData.Around, "login" | "base" | "alsoWanted">) {
  const said: Array<string> = []
  const keeping = Logger.make(({ message }) => void said.push(String(Array.isArray(message) ? message[0] : message).replace(/^login [^:]+: /, "")))
  const opened = yield* Effect.provide(
    MarketData.open({ login: asked.login.id, base: asked.login.tradovate.marketDataUrl, alsoWanted: () => [instrument.id], ...around }),
    Logger.layer([keeping])
  )
  return yield* quote(asked, instrument, opened.quotes, said)
})

const looked = Effect.fnUntraced(function*(asked: Asked) {
  const { house, login, symbol, tell } = asked
  const resolved = Resolve.resolve(house.instruments, symbol, yield* Clock.currentTimeMillis, house.calendars)
  if (Option.isNone(resolved)) return yield* new DryRunFailed({ step: Found.failed("contract", `${symbol} names no instrument of instruments.json`, "name another one with --symbol") })
  const instrument = resolved.value
  const client = yield* HttpClient.HttpClient
  const tokens = SessionTokens.inMemory()
  const kept = Kept.keeping(tokens.of(), Effect.succeed([]))(login)
  const lost = yield* Deferred.make<never, VenueError>()
  const session = yield* signIn(asked, kept, client, lost)
  yield* tell(Found.ok("sign-in", `as ${login.tradovate.name} at ${login.tradovate.url}`))

  const accounts = yield* accountsOf(session)
  yield* tell(Found.ok("accounts", accounts.map(({ balance, name }) => `${name} (${balance} USD)`).join(", ")))

  const contracts = yield* Contracts.make(login.id, session, Catalogue.make(), kept.contracts)
  const reading = Reading.make({ clean: session.clean, complaints: kept.complaints, contracts, names: kept.names })
  const heard = Books.make()
  const lookup = yield* Lookup.make({ session, contracts, names: kept.names, reading, heard })
  const around = { session, contracts, reading, lost }
  yield* Stream.open({ login: login.id, base: login.tradovate.url, kept, lookup, heard, ...around }).pipe(
    Effect.timeout(streamWithin),
    Effect.catch((error) => new DryRunFailed({ step: Found.failed("stream", `orders and fills would not be told: ${error.message}`, "run it again; a proxy or firewall may keep WebSockets from passing") }))
  )
  yield* tell(Found.ok("stream", `orders, fills and positions are told as they change: ${heard.orders().size} orders of this session`))
  yield* tell(yield* contract(contracts, instrument))
  yield* tell(yield* marketData(asked, instrument, around))
  return { accounts, session: tokens.get(login.id) }
})

/** Whoever fails has been told so. `session`: what lets the house go on with this sign-in, in place of one of its own. */
export const run = (asked: Asked) => Effect.scoped(looked(asked)).pipe(
  Effect.tapError(({ step }) => asked.tell(step)),
  Effect.provide([HouseConfig.layerOf(asked.house), SecretsLive.layerOf(asked.secrets, "not-of-any-listener")])
)
