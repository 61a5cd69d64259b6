/** One call, whether it came by HTTP or over a socket. Owns: sign-in, which path does what, and every way in which nothing is done. */
import { Result, Schema } from "effect"
import * as Decimal from "#src/simulation/venues/shared/Decimal.ts"
import * as Matching from "#src/simulation/venues/shared/Matching.ts"
import type { Contracts } from "./Contracts.ts"
import type * as Core from "./Core.ts"
import * as Entities from "./Entities.ts"
import * as Limits from "./Limits.ts"
import * as Orders from "./Orders.ts"
import * as Reads from "./Reads.ts"
import * as Scribe from "./Scribe.ts"
import * as Sessions from "./Sessions.ts"

export type Reply = Reads.Reply

export interface Venue {
  readonly core: Core.Core
  readonly contracts: Contracts
  readonly scribe: Scribe.Scribe
}

export interface Call {
  /** In lower case, without its slash. */
  readonly path: string
  readonly query: URLSearchParams
  readonly body: unknown
}

const penaltyMsUsual = 15_000
const captchaMs = 3_600_000

const Credentials = Schema.Struct({
  name: Schema.String, password: Schema.String, appId: Schema.optionalKey(Schema.String), appVersion: Schema.optionalKey(Schema.String),
  deviceId: Schema.optionalKey(Schema.String), cid: Schema.optionalKey(Schema.Union([Schema.Int, Schema.String])), sec: Schema.optionalKey(Schema.String)
})
const decodeCredentials = Schema.decodeUnknownResult(Credentials)

const ok = (body: unknown): Reply => ({ status: 200, body })
const malformed: Reply = { status: 400, body: "Malformed body" }
const accessDenied: Reply = { status: 401, body: "Access is denied" }

const field = (body: unknown, name: string): unknown => {
  const fields: Readonly<Record<string, unknown>> = typeof body === "object" && body !== null ? { ...body } : {}
  return fields[name]
}

const split = (path: string): readonly [entity: string, operation: string] => {
  const [entity = "", operation = ""] = path.split("/")
  return [entity, operation]
}

/** Of a penalty, in the body or, for what has none, in the query. */
const ticketIn = ({ body, query }: Call): string | undefined => {
  const ticket = field(body, "p-ticket") ?? query.get("p-ticket")
  return typeof ticket === "string" ? ticket : undefined
}

/** A command for orders. */
export const isWrite = (path: string): boolean => {
  const [entity, operation] = split(path)
  return entity === "order" && Orders.isCommand(operation)
}

/** Paths for somebody who has no token. */
const isAnonymous = (path: string): boolean => path === "auth/accesstokenrequest"

const signIn = ({ core }: Venue, body: unknown): Reply => {
  const asked = decodeCredentials(body)
  if (Result.isFailure(asked)) return malformed
  const { cid, deviceId, name, password, sec } = asked.success
  const user = core.users.find(({ options }) => options.name === name && options.password === password)
  const key = user?.options.cid
  if (user === undefined || (key !== undefined && (Number(cid) !== key || sec !== user.options.sec))) return ok({ errorText: "Incorrect username or password. Please try again." })
  return ok(Sessions.grant(core, Sessions.signIn(core, user, deviceId)))
}

const renew = ({ core }: Venue, session: Core.Session): Reply => {
  if (core.dice.hit("F32", session.user.options.name) === undefined) return ok(Sessions.grant(core, session))
  return core.dice.draw("F32", 2) === 0 ? accessDenied : ok({ errorText: "Access is denied" })
}

const snapshot = ({ core }: Venue, { user }: Core.Session, body: unknown): Reply => {
  const id = field(body, "accountId")
  const name = typeof id === "number" ? user.accountNames.get(id) : undefined
  const account = name === undefined ? undefined : core.ledger.accounts.get(name)
  if (account === undefined) return ok({ errorText: "Access is denied" })
  const cash = Number(Decimal.format(account.cash))
  const won = Number((cash - Number(Decimal.format(account.opening))).toFixed(8))
  let open = Decimal.zero
  for (const [symbol, { lots }] of account.positions) {
    const book = core.ledger.books.get(symbol)
    if (book === undefined) continue
    for (const { price, qty } of lots) open = Decimal.add(open, Decimal.times(book.tickValue, (qty > 0 ? book.price - price : book.price + 1 - price) * qty))
  }
  const openPnL = Number(Decimal.format(open))
  return ok({
    totalCashValue: cash, totalPnL: Number((won + openPnL).toFixed(8)), initialMargin: 0, maintenanceMargin: 0, netLiq: Number((cash + openPnL).toFixed(8)), openPnL,
    realizedPnL: won, weekRealizedPnL: won
  })
}

/** The next month of the same product, or the one before. */
const roll = ({ core, contracts }: Venue, body: unknown): Reply => {
  const from = contracts.find(field(body, "name"))
  if (from === undefined) return ok({ errorText: "No such contract" })
  const ids = [...core.entities.tables.contract.rows.keys()]
  const family = (id: number) => Entities.rowOf(core.entities, "contractMaturity", Number(Entities.rowOf(core.entities, "contract", id)?.["contractMaturityId"]))?.["productId"]
  const of = contracts.idOf(from)
  const there = field(body, "forward") === false ? ids.slice(0, ids.indexOf(of)).reverse() : ids.slice(ids.indexOf(of) + 1)
  const next = there.find((id) => family(id) === family(of))
  return next === undefined ? ok({ errorText: "No such contract" }) : ok({ contract: Entities.rowOf(core.entities, "contract", next) })
}

/** Who asks is signed in; the books may change before this returns. */
const dispatch = (venue: Venue, session: Core.Session, { body, path, query }: Call): Reply => {
  const { core, scribe } = venue
  for (const book of core.ledger.books.values()) if (book.working.length > 0) Matching.advance(core.ledger, core.nowMs(), book)
  Scribe.drain(scribe)
  switch (path) {
    case "auth/renewaccesstoken": return renew(venue, session)
    case "auth/me": {
      const { user: { id, options: { name } } } = session
      return ok({ userId: id, name, fullName: name, email: `${name}@example.test`, emailVerified: true, isTrial: false })
    }
    case "cashbalance/getcashbalancesnapshot": return snapshot(venue, session, body)
    case "contract/rollcontract": return roll(venue, body)
  }
  const [entity, operation] = split(path)
  const commanded = entity === "order" ? Orders.answer({ core, scribe, session }, operation, body) : undefined
  if (commanded !== undefined) return commanded
  if (Entities.isEmptyKind(entity)) return Reads.empty(operation)
  const kind = Entities.kindOf(entity)
  const parameter = (name: string): string => {
    const value = query.get(name) ?? field(body, name) ?? ""
    return typeof value === "object" && Array.isArray(value) ? value.join(",") : String(value)
  }
  return (kind === undefined ? undefined : Reads.answer(core, session.user, kind, operation, parameter)) ?? Reads.notFound
}

const refusals = ["NotEnoughLiquidity", "RiskCheckTimeout", "MaxPosLimitReached", "ExecutionProviderUnavailable"] as const

/** F24 to F26: nothing is done, and the answer says so more or less plainly. */
const turnedAway = ({ core }: Venue, caller: string, call: Call, what: string): Reply | undefined => {
  const { dice } = core
  const { path } = call
  const limited = dice.hit("F24", what)
  if (limited !== undefined) return Limits.climb(core, caller, limited.ms)
  const key = `${caller} penalty`
  const redeemed = Limits.redeem(core, key, ticketIn(call))
  if (redeemed !== undefined && redeemed !== "passed") return redeemed
  if (!isWrite(path) && !isAnonymous(path)) return undefined
  const penalized = redeemed === undefined ? dice.hit("F25", what) : undefined
  if (penalized !== undefined) return Limits.penalty(core, key, penalized.ms ?? (isAnonymous(path) ? captchaMs : penaltyMsUsual), isAnonymous(path))
  if (!isWrite(path) || dice.hit("F26", what) === undefined) return undefined
  const kind = dice.draw("F26", 3)
  if (kind === 0) return ok({ errorText: "not taken" })
  if (kind === 1) return ok({ violations: [{ constraint: "risk", value: null, description: "not taken" }] })
  const orderId = dice.draw("F26", 2) === 0 ? {} : { orderId: core.entities.nextId() }
  return ok({ ...orderId, failureReason: refusals[dice.draw("F26", refusals.length)] ?? "UnknownReason", failureText: "not taken" })
}

const isSuccess = ({ body, status }: Reply): boolean => status === 200 && (Array.isArray(body) || field(body, "errorText") === undefined)

/** Somebody without a token. */
export const anonymous = (venue: Venue, call: Call, what: string): Reply => {
  const { core } = venue
  const limited = Limits.overall(core, "anonymous", core.limits.anonymous)
  if (limited !== undefined) return limited
  if (!isAnonymous(call.path)) return accessDenied
  return Limits.ofEndpoint(core, "anonymous", call.path, ticketIn(call)) ?? turnedAway(venue, "anonymous", call, what) ?? signIn(venue, call.body)
}

/** With a token that may be good. Gives the session it was good for. */
export const answer = (venue: Venue, token: string, call: Call, what: string, more?: (session: Core.Session) => Reply | undefined): { readonly reply: Reply; readonly session: Core.Session | undefined } => {
  const { core } = venue
  const access = Sessions.accessOf(core, token)
  const isOpen = typeof access !== "string" && (!access.isMarketData || call.path.startsWith("md/"))
  if (!isOpen) {
    const none = anonymous(venue, call, what)
    return { session: undefined, reply: none.status === 401 && access === "expired" ? { status: 401, body: core.switches.expiredText } : none }
  }
  if (isAnonymous(call.path)) return { session: undefined, reply: anonymous(venue, call, what) }
  const { session } = access
  const caller = `user ${session.user.id}`
  const away = Limits.overall(core, caller, core.limits.user) ?? Limits.ofEndpoint(core, caller, call.path, ticketIn(call)) ?? turnedAway(venue, caller, call, what)
  if (away !== undefined) return { session, reply: away }
  if (isWrite(call.path) && core.dice.hit("F31", what) !== undefined) {
    Sessions.expire(core, session)
    return { session, reply: { status: 401, body: core.switches.expiredText } }
  }
  const reply = more?.(session) ?? dispatch(venue, session, call)
  Limits.count(core, caller, call.path, isSuccess(reply))
  return { session, reply }
}
