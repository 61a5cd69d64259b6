/** What the tests of Tradovate's fake share: a venue on virtual time, one user, and the bytes of HTTP and of the socket. Nothing of the adapter. */
import { assert } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as Faults from "#src/simulation/venues/shared/Faults.ts"
import type { LedgerRecord } from "#src/simulation/venues/shared/Records.ts"
import type { Options } from "#src/simulation/venues/tradovate/Core.ts"
import * as Tradovate from "#src/simulation/venues/tradovate/Tradovate.ts"

export const plan = (text: string): Faults.FaultPlan => Result.getOrThrow(Faults.parse(text))

export const options = (given: Partial<Options> = {}): Options => ({
  seed: 7,
  users: [{
    name: "trader", password: "secret",
    accounts: [{ id: "DEMO1", currency: "USD", cash: "50000", feePerLot: "0.62" }, { id: "DEMO2", currency: "USD", cash: "1000.5", feePerLot: "0" }]
  }],
  instruments: [{ symbol: "MESZ26", tick: "0.25", pointValue: "5", step: "1" }, { symbol: "MESH27", tick: "0.25", pointValue: "5", step: "1" }],
  ...given
})

export type Fields = { readonly [key: string]: unknown }

export interface Answer {
  readonly status: number
  readonly body: Fields
  readonly list: ReadonlyArray<Fields>
  readonly text: string
}

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value)
export const fieldsOf = (value: unknown): Fields => isFields(value) ? value : {}
export const listOf = (value: unknown): ReadonlyArray<Fields> => Array.isArray(value) ? value.filter(isFields) : []

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a test that damages answers looks at the text
  }
}

export type Told = { readonly kind: string; readonly event: string; readonly entity: Fields }

/** A socket: what was sent, and what came, by kind. */
export const socketOf = (venue: Tradovate.Tradovate, token: () => string) => {
  const frames: Array<string> = []
  const closes: Array<number> = []
  const wire = Result.getOrThrow(venue.upgrade("/v1/websocket", { frame: (frame) => void frames.push(frame), close: (code) => void closes.push(code) }))
  let last = 0
  const messages = (): ReadonlyArray<Fields> => frames.filter((frame) => frame.startsWith("a")).flatMap((frame) => listOf(parse(frame.slice(1))))
  const send = (endpoint: string, body: unknown = "", query = ""): number => {
    const id = ++last
    wire.receive(`${endpoint}\n${id}\n${query}\n${typeof body === "string" ? body : JSON.stringify(body)}`)
    return id
  }
  const replyTo = (id: number): Fields | undefined => messages().find(({ i }) => i === id)
  const props = (): ReadonlyArray<Told> => messages().flatMap(({ d, e }) => {
    const { entity, entityType, eventType } = fieldsOf(d)
    return e === "props" ? [{ kind: String(entityType), event: String(eventType), entity: fieldsOf(entity) }] : []
  })
  return {
    wire, frames, closes, messages, send, replyTo, props,
    beat: () => wire.receive("[]"),
    authorize: () => wire.receive(`authorize\n0\n\n${token()}`),
    /** One word for each thing told of orders, fills and money, in order. */
    story: () => props().map(({ entity, event, kind }) => {
      const word = entity["ordStatus"] ?? entity["commandStatus"] ?? ""
      return `${kind} ${kind === "executionReport" ? String(entity["execType"]) : `${event} ${String(word)}`}`.trim()
    })
  }
}

/** Signed in, with a price of 5000.00. */
export const customer = (given: Partial<Options> = {}) =>
  Effect.gen(function*() {
    const venue = yield* Tradovate.make(options(given))
    for (const { symbol } of options(given).instruments) venue.market.set(symbol, "5000")
    let token = ""
    const raw = (method: string, path: string, body?: unknown, bearer = token) =>
      venue.handle({ method, path: `/v1/${path}`, headers: { authorization: `Bearer ${bearer}` }, body: body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body) })
    const ask = (method: string, path: string, body?: unknown, bearer = token): Effect.Effect<Answer, unknown> =>
      Effect.map(raw(method, path, body, bearer), ({ body: text, status }) => {
        const parsed = parse(text)
        return { status, text, body: fieldsOf(parsed), list: listOf(parsed) }
      })
    const get = (path: string) => ask("GET", path)
    const post = (path: string, body: unknown) => ask("POST", path, body)
    const credentials = { name: "trader", password: "secret", appId: "test", appVersion: "1", deviceId: "here" }
    const signIn = Effect.map(ask("POST", "auth/accesstokenrequest", credentials), (answer) => {
      token = String(answer.body["accessToken"])
      return answer
    })
    const signedIn = yield* signIn
    const account = (yield* get("account/list")).list[0]
    const accountId = Number(account?.["id"])
    const contractId = Number((yield* get("contract/find?name=MESZ6")).body["id"])
    assert.isAbove(contractId, 0)
    const terms = { accountSpec: "DEMO1", accountId, action: "Buy", symbol: "MESZ6", orderQty: 1, orderType: "Market", isAutomated: true }
    const place = (fields: object = {}) => post("order/placeorder", { ...terms, ...fields })
    const bracket = (fields: object = {}) => post("order/placeoso", {
      ...terms, orderType: "Limit", price: 5000.25, bracket1: { action: "Sell", orderType: "Stop", stopPrice: 4990, clOrdId: "s" },
      bracket2: { action: "Sell", orderType: "Limit", price: 5010, clOrdId: "t" }, clOrdId: "e", ...fields
    })
    const statusOf = (id: unknown) => Effect.map(get(`order/item?id=${String(id)}`), ({ body }) => String(body["ordStatus"]))
    const net = Effect.map(get("position/list"), ({ list }) => list.find((one) => one["contractId"] === contractId)?.["netPos"])
    const synced = () => {
      const socket = socketOf(venue, () => token)
      socket.authorize()
      socket.send("user/syncrequest", { users: [signedIn.body["userId"]] })
      return socket
    }
    return {
      venue, ask, raw, get, post, signIn, credentials, terms, place, bracket, statusOf, net, synced, accountId, contractId, userId: Number(signedIn.body["userId"]), token: () => token,
      socket: () => socketOf(venue, () => token),
      kinds: <K extends LedgerRecord["kind"]>(kind: K) => venue.ledger.filter((record): record is Extract<LedgerRecord, { kind: K }> => record.kind === kind)
    }
  })
