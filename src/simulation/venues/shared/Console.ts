/** The desk behind the venue: what a person may look at and do while it runs. JSON under /console/, and one page that speaks it. */
import { Result, Schema } from "effect"
import * as Page from "./ConsolePage.ts"
import * as Faults from "./Faults.ts"
import type { Request, Response, Venue } from "./Venue.ts"

const tailMax = 200
const json = { "content-type": "application/json", "cache-control": "no-store" } as const
const html = { "content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'" } as const

const reply = (status: number, body: unknown): Response => ({ status, headers: json, body: JSON.stringify(body) })
const done = reply(200, { ok: true })
const wrong = (message: string): Response => reply(422, { error: { code: "invalid", message } })

const FaultSwitch = Schema.Struct({ plan: Schema.String })
const Strike = Schema.Struct({ name: Schema.Literals(Object.keys(Faults.names).filter((name): name is Faults.FaultName => Object.hasOwn(Faults.names, name))), ms: Schema.optionalKey(Schema.Int) })
const Price = Schema.Struct({ symbol: Schema.String, price: Schema.String, how: Schema.Literals(["jump", "walk"]) })
const Free = Schema.Struct({ symbol: Schema.String })
const Open = Schema.Struct({ symbol: Schema.String, open: Schema.Boolean })
const Trade = Schema.Struct({ account: Schema.String, symbol: Schema.String, side: Schema.Literals(["buy", "sell"]), qty: Schema.String })
const CancelAll = Schema.Struct({ account: Schema.String })
const Outage = Schema.Struct({ kind: Schema.Literals(["none", "refused", "maintenance"]) })

const state = (venue: Venue, isWhole: boolean) => {
  const plan = venue.faults.plan()
  const counts = venue.faults.counts()
  return {
    title: venue.title,
    plan: Faults.format(plan),
    faults: Object.entries(Faults.names).map(([name, what]) =>
      ({ name, what, rules: Faults.format(plan.filter((rule) => rule.name === name)), chances: counts[name]?.chances ?? 0, hits: counts[name]?.hits ?? 0 })),
    markets: venue.symbols(),
    accounts: venue.accounts(),
    ledger: isWhole ? venue.ledger : venue.ledger.slice(-tailMax)
  }
}

const given = <A>(schema: Schema.ConstraintDecoder<A>, body: string, act: (value: A) => Response): Response => {
  const decoded = Schema.decodeUnknownResult(Schema.fromJsonString(schema))(body)
  return Result.isFailure(decoded) ? wrong(decoded.failure.message) : act(decoded.success)
}

const act = (venue: Venue, path: string, body: string): Response | undefined => {
  switch (path) {
    case "faults": return given(FaultSwitch, body, ({ plan }) => {
      const parsed = Faults.parse(plan)
      if (Result.isFailure(parsed)) return wrong(parsed.failure)
      venue.faults.set(parsed.success)
      return done
    })
    case "strike": return given(Strike, body, ({ ms, name }) => {
      venue.faults.strike(name, ms)
      return done
    })
    case "price": return given(Price, body, ({ how, price, symbol }) => {
      if (how === "jump") venue.market.set(symbol, price)
      else venue.market.walkTo(symbol, price)
      return done
    })
    case "free": return given(Free, body, ({ symbol }) => {
      venue.market.script(symbol, [])
      return done
    })
    case "open": return given(Open, body, ({ open, symbol }) => {
      venue.market.open(symbol, open)
      return done
    })
    case "trade": return given(Trade, body, (trade) => venue.byHand.trade(trade) ? done : wrong("not taken: the market is shut, or the account does not exist"))
    case "cancel-all": return given(CancelAll, body, ({ account }) => reply(200, { canceled: venue.byHand.cancelAll(account) }))
    case "outage": return given(Outage, body, ({ kind }) => {
      venue.outage(kind === "none" ? undefined : kind)
      return done
    })
    default: return undefined
  }
}

/** Only pages of this very host may act: others could not read the answer, but the deed would be done. */
const isForeign = ({ headers }: Request): boolean => {
  const origin = headers["origin"]
  return (origin !== undefined && origin !== `http://${headers["host"] ?? ""}`) || !(headers["content-type"] ?? "").startsWith("application/json")
}

/** Undefined: not a path of the console. */
export const answer = (venue: Venue, request: Request): Response | undefined => {
  const [path = "", query = ""] = request.path.split("?")
  if (path !== "/console" && !path.startsWith("/console/")) return undefined
  const name = path.slice("/console/".length)
  if (request.method === "GET") {
    if (name === "") return { status: 200, headers: html, body: Page.of(venue.title) }
    return name === "state" ? reply(200, state(venue, query === "all")) : reply(404, { error: { code: "not_found", message: "no such page" } })
  }
  if (isForeign(request)) return reply(403, { error: { code: "invalid", message: "JSON from this host only" } })
  try {
    return act(venue, name, request.body) ?? reply(404, { error: { code: "not_found", message: "no such switch" } })
  } catch (error) {
    if (error instanceof RangeError) return wrong(error.message)
    throw error
  }
}
