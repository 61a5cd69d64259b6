/** A wire that says what a test wants: every answer and every frame by hand. What was sent over it stays visible. */
import { DateTime, Effect, Layer, Option } from "effect"
import { HttpClient, HttpClientError, HttpClientResponse } from "effect/http"
import { Socket } from "effect/socket"

export interface Asked {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly body: string
  readonly token: string | undefined
}
/** An answer, the driver's code of a broken connection, or nothing for ever. */
export type Fate = { readonly status: number; readonly body: string } | { readonly code: string } | "silence"

export const ok = (body: unknown): Fate => ({ status: 200, body: JSON.stringify(body) })
export const no = (status: number, body = ""): Fate => ({ status, body })

export const iso = (atMs: number): string => DateTime.formatIso(DateTime.makeUnsafe(atMs))

type Kind = "open" | "message" | "error" | "close"

export const userId = 77
export const accountA = 501
export const accountB = 502
export const contractId = 3_001

/** One stream as the venue sees it. */
const makeSocket = (url: string, sync: () => unknown) => {
  const listeners: Array<readonly [Kind, (event: Socket.WebSocketEvent) => void]> = []
  const said: Array<string> = []
  const tell = (kind: Kind, event: Socket.WebSocketEvent) => listeners.filter(([of]) => of === kind).forEach(([, listener]) => listener(event))
  const raw = (text: string) => tell("message", { data: text })
  const reply = (id: string | undefined, status: number, d: unknown) => raw(`a${JSON.stringify([{ s: status, i: Number(id), d }])}`)
  const like: Socket.WebSocketLike = {
    readyState: 1,
    addEventListener: (kind, listener) => void listeners.push([kind, listener]),
    removeEventListener: () => undefined,
    close: () => undefined,
    send: (data) => {
      const text = String(data)
      said.push(text)
      const [endpoint, id] = text.split("\n")
      if (endpoint === "authorize") queueMicrotask(() => reply(id, 200, undefined))
      if (endpoint?.startsWith("md/") === true) queueMicrotask(() => reply(id, 200, {}))
      if (endpoint === "user/syncrequest") queueMicrotask(() => reply(id, 200, sync()))
    }
  }
  return {
    url, like, said, raw, reply,
    /** Changes, all of one frame. */
    props: (...changes: ReadonlyArray<readonly [entityType: string, entity: unknown]>) =>
      raw(`a${JSON.stringify(changes.map(([entityType, entity]) => ({ e: "props", d: { entityType, eventType: "Updated", entity } })))}`),
    event: (e: string, d: unknown) => raw(`a${JSON.stringify([{ e, d }])}`),
    close: (code: number, reason: string) => tell("close", { code, reason })
  }
}

const accounts = [
  { id: accountA, name: "DEMO1", userId, active: true },
  { id: accountB, name: "DEMO2", userId, active: true }
]
const contract = { id: contractId, name: "MESZ6", contractMaturityId: 2_001 }

/** A sound venue, but for what `answers` says first. */
export const make = (options: { readonly lifeMs?: number; readonly nowMs: () => number }) => {
  const sent: Array<Asked> = []
  const sockets: Array<ReturnType<typeof makeSocket>> = []
  const state: { answers: (asked: Asked) => Fate | undefined; greets: boolean; snapshot: Readonly<Record<string, unknown>> } = { answers: () => undefined, greets: true, snapshot: {} }
  let tokens = 0
  let ids = 9_000
  const token = () => {
    tokens += 1
    return { accessToken: `token-${tokens}-canary`, mdAccessToken: `md-${tokens}-canary`, expirationTime: iso(options.nowMs() + (options.lifeMs ?? 5_400_000)), userStatus: "Active", userId, name: "demo-user", hasLive: false }
  }

  const sound = ({ path }: Asked): Fate => {
    const name = path.split("?")[0] ?? ""
    if (name === "/v1/auth/accesstokenrequest" || name === "/v1/auth/renewaccesstoken") return ok(token())
    if (name === "/v1/account/list") return ok(accounts)
    if (name === "/v1/contract/find") return path.endsWith("name=MESZ6") ? ok(contract) : no(404)
    if (name === "/v1/contract/item") return ok(contract)
    if (name === "/v1/contractMaturity/item") return ok({ id: 2_001, productId: 1_001, expirationMonth: 202_612 })
    if (name === "/v1/product/item") return ok({ id: 1_001, name: "MES", valuePerPoint: 5, tickSize: 0.25, priceFormatType: "Decimal" })
    if (name === "/v1/cashBalance/getcashbalancesnapshot") return ok({ totalCashValue: 1.5 })
    if (name === "/v1/order/placeoso") return ok({ orderId: ++ids, oso1Id: ++ids, oso2Id: ++ids })
    if (name === "/v1/order/placeorder" || name === "/v1/order/liquidateposition") return ok({ orderId: ++ids })
    if (name.startsWith("/v1/order/") && (name.endsWith("modifyorder") || name.endsWith("cancelorder"))) return ok({ commandId: ++ids })
    return /\/(?:list|deps|ldeps)$/.test(name) ? ok([]) : no(404)
  }

  const client = HttpClient.make((request, url) => Effect.suspend(() => {
    const asked: Asked = {
      method: request.method,
      path: url.pathname + url.search,
      body: request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : "",
      token: request.headers["authorization"]?.replace("Bearer ", "")
    }
    sent.push(asked)
    const fate = state.answers(asked) ?? sound(asked)
    if (fate === "silence") return Effect.never
    if ("code" in fate) {
      return Effect.fail(new HttpClientError.HttpClientError({
        reason: new HttpClientError.TransportError({ request, cause: Object.assign(new Error("broken"), { code: fate.code }) })
      }))
    }
    return Effect.succeed(HttpClientResponse.fromWeb(request, new Response(fate.body, { status: fate.status })))
  }))

  const constructor = (url: string): Socket.WebSocketLike => {
    const socket = makeSocket(url, () => ({ users: [{ id: userId }], accounts, orders: [], ...state.snapshot }))
    sockets.push(socket)
    if (state.greets) queueMicrotask(() => socket.raw("o"))
    return socket.like
  }
  return {
    sent, state, sockets,
    /** Of orders and positions; market data has none here. */
    socket: () => Option.getOrThrow(Option.fromUndefinedOr(sockets.at(-1))),
    /** Requests that change something. */
    orders: () => sent.filter(({ method, path }) => method === "POST" && path.startsWith("/v1/order/")),
    count: (path: string) => sent.filter((asked) => asked.path.startsWith(path)).length,
    layer: Layer.merge(Layer.succeed(HttpClient.HttpClient, client), Layer.succeed(Socket.WebSocketConstructor, constructor))
  }
}
export type Stub = ReturnType<typeof make>
