/** One request at the venue's door. Owns: sign-in, limits, and what may go wrong between a request and its answer. The books are changed at once; only the answer may be late. */
import { Result, Schema } from "effect"
import * as Core from "./Core.ts"
import * as Door from "#src/simulation/venues/shared/Door.ts"
import * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import type { Listener, Request } from "#src/simulation/venues/shared/Venue.ts"
import * as Routes from "./Routes.ts"
import * as Stream from "./Stream.ts"

const minuteMs = 60_000
const bodyMax = 65_536

const Credentials = Schema.Struct({ key: Schema.String, secret: Schema.String })
const decodeCredentials = Schema.decodeUnknownResult(Credentials)

const json = { "content-type": "application/json" } as const
const nothing = () => {}

const answerOf = (core: Core.Core, { body, status }: Routes.Reply, delayMs: number, headers: Readonly<Record<string, string>> = json, leave = nothing): Door.Outcome =>
  ({ _tag: "Answer", delayMs: delayMs + core.settings.answerMs, response: { status, headers, body: typeof body === "string" ? body : JSON.stringify(body) }, leave })

const error = (core: Core.Core, status: number, code: string, message: string, headers?: Readonly<Record<string, string>>): Door.Outcome =>
  answerOf(core, { status, body: { error: { code, message } } }, 0, headers === undefined ? json : { ...json, ...headers })

const isWrite = ({ method }: Request): boolean => method !== "GET"

const parsed = (body: string): unknown => {
  try {
    return body === "" || body.length > bodyMax ? undefined : JSON.parse(body)
  } catch {
    return undefined
  }
}

const overLimit = (core: Core.Core, { login }: Core.Session): boolean => {
  const { requestsPerMinute } = core.options
  if (requestsPerMinute === undefined) return false
  const sinceMs = core.nowMs() - minuteMs
  const times = (core.requestTimes.get(login.key) ?? []).filter((atMs) => atMs > sinceMs)
  core.requestTimes.set(login.key, times)
  if (times.length >= requestsPerMinute) return true
  times.push(core.nowMs())
  return false
}

/** A venue that turns a sign-in away says for how long, or leaves it to the caller. */
const stayOutMs = 1_000

const turnedAwayFrom = (core: Core.Core, body: unknown, away: Door.Outcome): Door.Outcome => {
  const asked = decodeCredentials(body)
  const seconds = away._tag === "Answer" ? away.response.headers["retry-after"] : undefined
  const forMs = seconds === undefined ? stayOutMs : Number(seconds) * 1_000
  if (Result.isSuccess(asked)) Ledger.write(core.ledger, core.nowMs(), { kind: "reach", up: false, session: asked.success.key, forMs })
  return away
}

const signIn = (core: Core.Core, body: unknown): Door.Outcome => {
  const asked = decodeCredentials(body)
  if (Result.isFailure(asked)) return error(core, 400, "invalid", "key and secret")
  const login = core.options.logins.find(({ key, secret }) => key === asked.success.key && secret === asked.success.secret)
  if (login === undefined) return error(core, 401, "unauthenticated", "wrong key or secret")
  const { session, token } = Core.signIn(core, login)
  return answerOf(core, { status: 200, body: { token, expiresAt: session.expiresAtMs, accounts: login.accounts.map(({ id }) => id), style: core.options.style } }, 0)
}

const renew = (core: Core.Core, session: Core.Session): Door.Outcome => {
  if (core.dice.hit("F32", session.login.key) !== undefined) return error(core, 401, "unauthenticated", "renewal refused")
  const token = Core.renew(core, session)
  return answerOf(core, { status: 200, body: { token, expiresAt: session.expiresAtMs, accounts: [...session.accounts], style: core.options.style } }, 0)
}

/** Nothing is done, and the answer says so more or less plainly. */
const turnedAway = (core: Core.Core, session: Core.Session | undefined, request: Request, what: string): Door.Outcome | undefined => {
  const { dice } = core
  const limited = dice.hit("F24", what)
  if (limited !== undefined) {
    const seconds = limited.ms === undefined ? 1 + dice.draw("F24", 5) : Math.ceil(limited.ms / 1_000)
    return error(core, 429, "rate_limited", "slow down", dice.draw("F24", 2) === 0 ? {} : { "retry-after": String(seconds) })
  }
  if (session !== undefined && overLimit(core, session)) return error(core, 429, "rate_limited", "over the limit", { "retry-after": "5" })
  if (session === undefined || !isWrite(request)) return undefined
  const penalty = dice.hit("F25", what)
  if (penalty !== undefined) return answerOf(core, { status: 200, body: { penalty: { waitMs: penalty.ms ?? 500 + dice.draw("F25", 4_500) } } }, 0)
  if (dice.hit("F26", what) !== undefined) {
    const code = dice.draw("F26", 2) === 0 ? "margin" : "invalid"
    return answerOf(core, { status: 200, body: { error: { code, message: "not taken" } } }, 0)
  }
  return undefined
}

/** The books have changed, or were read; what is told of it is another matter. */
const sent = (core: Core.Core, session: Core.Session, request: Request, reply: Routes.Reply, what: string): Door.Outcome => {
  const { dice } = core
  const isDone = reply.status === 200
  if (isDone && isWrite(request)) {
    if (dice.hit("F3", what) !== undefined) return Door.broken("reset", true)
    if (dice.hit("F27", what) !== undefined) {
      const status = [500, 502, 504][dice.draw("F27", 3)] ?? 500
      return answerOf(core, { status, body: "<html><body>bad gateway</body></html>" }, 0, { "content-type": "text/html" })
    }
  }
  const hasFill = core.ledger.events.some(({ type }) => type === "fill")
  const delayMs = isWrite(request) ? Door.lateness(dice, what, { hasFill, isDone, flush: () => Stream.flush(core) }) : 0
  const text = JSON.stringify(reply.body)
  const damaged = dice.hit("F28", what) === undefined ? undefined : Stream.garble(core, text)
  const tells = damaged?.isReadable === false ? undefined : reply.tells
  const leave = tells === undefined ? nothing : () => tells.forEach((event) => Stream.told(core, session, "query", event))
  return answerOf(core, { status: reply.status, body: damaged?.text ?? text }, delayMs, json, leave)
}

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

const bearerOf = ({ headers }: Request): string => {
  const value = headers["authorization"] ?? ""
  return value.startsWith("Bearer ") ? value.slice(7) : ""
}

const whatOf = (method: string, segments: ReadonlyArray<string>, body: unknown): string => {
  const named = typeof body === "object" && body !== null && "clientId" in body ? String(body.clientId) : segments[1] ?? ""
  return `${method} ${segments[0] ?? ""} ${named}`.trim()
}

const accountIn = (query: URLSearchParams, body: unknown): string | undefined => {
  if (typeof body === "object" && body !== null && "account" in body && typeof body.account === "string") return body.account
  return query.get("account") ?? undefined
}

export const take = (core: Core.Core, request: Request): Door.Outcome => {
  const { method } = request
  const mark = request.path.indexOf("?")
  const path = mark < 0 ? request.path : request.path.slice(0, mark)
  const query = new URLSearchParams(mark < 0 ? "" : request.path.slice(mark + 1))
  const segments = path.split("/").slice(2).map(decoded)
  const body = parsed(request.body)
  const what = whatOf(method, segments, body)
  const lost = Door.onTheWay(core, what)
  if (lost !== undefined) return lost

  const account = accountIn(query, body)
  Ledger.write(core.ledger, core.nowMs(), { kind: "request", ...(account === undefined ? {} : { account }), method, path, what })
  if (core.outage === "maintenance") return error(core, 503, "maintenance", "back soon")
  const isSignIn = segments[0] === "session" && segments.length === 1
  if (isSignIn) {
    const away = turnedAway(core, undefined, request, what)
    return away === undefined ? signIn(core, body) : turnedAwayFrom(core, body, away)
  }

  const session = Core.sessionOf(core, bearerOf(request))
  if (session === undefined) return error(core, 401, "unauthenticated", "sign in first")
  const away = turnedAway(core, session, request, what)
  if (away !== undefined) return away
  if (segments[0] === "session" && segments[1] === "renew") return renew(core, session)
  if (isWrite(request) && core.dice.hit("F31", what) !== undefined) {
    Core.endSession(core, session, 4002, "expired")
    return error(core, 401, "unauthenticated", "the token expired")
  }
  return sent(core, session, request, Routes.answer(core, session, { method, segments, query, body }), what)
}

/** The other way in: a stream. */
export const connect = (core: Core.Core, token: string, listener: Listener): Core.Connection | Door.Lost | { readonly _tag: "Rejected"; readonly status: number } => {
  const lost = Door.onTheWay(core, "stream")
  if (lost !== undefined) return lost
  if (core.outage === "maintenance") return { _tag: "Rejected", status: 503 }
  const session = Core.sessionOf(core, token)
  return session === undefined ? { _tag: "Rejected", status: 401 } : Stream.connect(core, session, listener)
}
