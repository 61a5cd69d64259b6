/** Between a call and its answer: what is written down of it, what may go wrong, and when its bytes leave. Owns: HTTP's side; a socket asks here too. */
import * as Shared from "#src/simulation/venues/shared/Door.ts"
import * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import * as Told from "#src/simulation/venues/shared/Told.ts"
import type { Request } from "#src/simulation/venues/shared/Venue.ts"
import * as Calls from "./Calls.ts"
import type * as Core from "./Core.ts"

const bodyMax = 65_536
const root = "/v1/"
const json = { "content-type": "application/json" } as const

/** Numbers of an answer that a reader must not get wrong. */
export const numbersThatMatter = /"(price|qty|netPos|amount|orderId|avgPx|lastPx|orderQty|stopPrice)":("[^"]*"|-?[\d.]+)/

export const parsed = (text: string): unknown => {
  try {
    return text === "" || text.length > bodyMax ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const textOf = (value: unknown, name: string): string | undefined => {
  const fields: Readonly<Record<string, unknown>> = typeof value === "object" && value !== null ? { ...value } : {}
  const found = fields[name]
  return typeof found === "string" || typeof found === "number" ? String(found) : undefined
}

/** As the ledger names a call: its path, and the order's own name. */
export const whatOf = (method: string, { body, path }: Calls.Call): string => `${method} ${path} ${textOf(body, "clOrdId") ?? textOf(body, "orderId") ?? ""}`.trim()

export const writeDown = ({ core }: Calls.Venue, method: string, { body, path }: Calls.Call, what: string): void => {
  const accountId = Number(textOf(body, "accountId"))
  const account = textOf(body, "accountSpec") ?? core.users.flatMap(({ accountNames }) => accountNames.get(accountId) ?? [])[0]
  Ledger.write(core.ledger, core.nowMs(), { kind: "request", ...(account === undefined ? {} : { account }), method, path: `/v1/${path}`, what })
}

/** The books have changed, or were read; what is told of it is another matter. */
export const leaving = ({ core }: Calls.Venue, session: Core.Session | undefined, path: string, { body, status, tells, text: known }: Calls.Reply, what: string, flush: () => void): Shared.Outcome => {
  const { dice } = core
  const isWrite = Calls.isWrite(path)
  const isDone = status === 200
  if (isDone && isWrite) {
    if (dice.hit("F3", what) !== undefined) return Shared.broken("reset", true)
    if (dice.hit("F27", what) !== undefined) {
      return { _tag: "Answer", delayMs: core.settings.answerMs, response: { status: 500, headers: { "content-type": "text/html" }, body: "<html><body>Internal Server Error</body></html>" }, leave: () => {} }
    }
  }
  const hasFill = core.entities.news.some(({ kind }) => kind === "fill")
  const delayMs = isWrite ? Shared.lateness(dice, what, { hasFill, isDone, flush }) : 0
  const text = known ?? (typeof body === "string" ? body : JSON.stringify(body))
  const damaged = session === undefined || dice.hit("F28", what) === undefined ? undefined : Shared.garble(dice, text, numbersThatMatter)
  const isTold = session !== undefined && tells !== undefined && damaged?.isReadable !== false
  return {
    _tag: "Answer", delayMs: delayMs + core.settings.answerMs,
    response: { status, headers: typeof body === "string" ? { "content-type": "text/plain" } : json, body: damaged?.text ?? text },
    leave: () => {
      if (isTold) for (const event of tells) Told.write(core, core.told, session.number, "query", event)
    }
  }
}

const bearerOf = ({ headers }: Request): string => {
  const value = headers["authorization"] ?? ""
  return value.startsWith("Bearer ") ? value.slice(7) : ""
}

export const unavailable: Calls.Reply = { status: 503, body: "Service Unavailable" }

export const take = (venue: Calls.Venue, request: Request, flush: () => void): Shared.Outcome => {
  const { core } = venue
  const [path = "", query = ""] = request.path.split("?")
  const lower = path.toLowerCase()
  const call: Calls.Call = { path: lower.startsWith(root) ? lower.slice(root.length) : "", query: new URLSearchParams(query), body: parsed(request.body) }
  const what = whatOf(request.method, call)
  const lost = Shared.onTheWay(core, what)
  if (lost !== undefined) return lost
  writeDown(venue, request.method, call, what)
  if (core.outage !== undefined) return leaving(venue, undefined, call.path, unavailable, what, flush)
  const { reply, session } = Calls.answer(venue, bearerOf(request), call, what)
  return leaving(venue, session, call.path, reply, what, flush)
}
