/** A wire that says what a test wants: every answer and every frame by hand. What was sent over it stays visible. */
import { Effect, Layer, Option } from "effect"
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
export type Fate = { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> } | { readonly code: string } | "silence"

export const ok = (body: unknown): Fate => ({ status: 200, body: JSON.stringify(body) })
export const no = (status: number, code: string, message = "no"): Fate => ({ status, body: JSON.stringify({ error: { code, message } }) })

type Kind = "open" | "message" | "error" | "close"

/** One stream as the venue sees it. */
const makeSocket = (url: string) => {
  const listeners: Array<readonly [Kind, (event: Socket.WebSocketEvent) => void]> = []
  const said: Array<string> = []
  const tell = (kind: Kind, event: Socket.WebSocketEvent) => listeners.filter(([of]) => of === kind).forEach(([, listener]) => listener(event))
  let seq = 0
  const like: Socket.WebSocketLike = {
    readyState: 1,
    addEventListener: (kind, listener) => void listeners.push([kind, listener]),
    removeEventListener: () => undefined,
    close: () => undefined,
    send: (data) => void said.push(String(data))
  }
  return {
    url, like, said,
    raw: (text: string) => tell("message", { data: text }),
    /** The next frame. */
    push: (frame: Readonly<Record<string, unknown>>) => tell("message", { data: JSON.stringify({ seq: ++seq, ...frame }) }),
    /** One number is used up and nothing comes. */
    skip: () => { seq++ },
    close: (code: number, reason: string) => tell("close", { code, reason })
  }
}

const instruments = [
  { symbol: "MESZ26", tick: "0.25", pointValue: "5", step: "1", open: true },
  { symbol: "ODDZ26", tick: "0.01", pointValue: "1", step: "0.5", open: true }
]

/** A sound venue, but for what `answers` says first. */
export const make = (options: { readonly style?: "native" | "plain"; readonly lifeMs?: number; readonly nowMs: () => number }) => {
  const sent: Array<Asked> = []
  const sockets: Array<ReturnType<typeof makeSocket>> = []
  const state: { answers: (asked: Asked) => Fate | undefined; greets: boolean } = { answers: () => undefined, greets: true }
  let tokens = 0
  const token = () => ({ token: `token-${++tokens}-canary`, expiresAt: options.nowMs() + (options.lifeMs ?? 86_400_000) })

  const sound = ({ method, path }: Asked): Fate => {
    if (path === "/v1/session") return ok({ ...token(), accounts: ["A1", "A2"], style: options.style ?? "native" })
    if (path === "/v1/session/renew") return ok(token())
    if (path === "/v1/instruments") return ok({ instruments })
    if (method === "POST") return ok({ orderId: "o-1" })
    if (path.startsWith("/v1/orders?")) return ok(method === "GET" ? { orders: [] } : { canceled: 0 })
    if (path.startsWith("/v1/positions")) return ok({ positions: [], asOf: options.nowMs() })
    if (path.startsWith("/v1/fills")) return ok({ fills: [] })
    if (path.startsWith("/v1/balance")) return ok({ currency: "USD", cash: "1.5" })
    return method === "GET" ? no(404, "not_found") : ok({})
  }

  const client = HttpClient.make((request, url) => Effect.suspend(() => {
    const authorization = request.headers["authorization"]
    const asked: Asked = {
      method: request.method,
      path: url.pathname + url.search,
      body: request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : "",
      token: authorization?.replace("Bearer ", "")
    }
    sent.push(asked)
    const fate = state.answers(asked) ?? sound(asked)
    if (fate === "silence") return Effect.never
    if ("code" in fate) {
      return Effect.fail(new HttpClientError.HttpClientError({
        reason: new HttpClientError.TransportError({ request, cause: Object.assign(new Error("broken"), { code: fate.code }) })
      }))
    }
    return Effect.succeed(HttpClientResponse.fromWeb(request, new Response(fate.body, { status: fate.status, headers: fate.headers ?? {} })))
  }))

  const constructor = (url: string): Socket.WebSocketLike => {
    const socket = makeSocket(url)
    sockets.push(socket)
    if (state.greets) queueMicrotask(() => socket.push({ type: "hello" }))
    return socket.like
  }
  return {
    sent, state, sockets,
    socket: () => Option.getOrThrow(Option.fromUndefinedOr(sockets.at(-1))),
    /** Requests that change something. */
    orders: () => sent.filter(({ method, path }) => method !== "GET" && !path.startsWith("/v1/session")),
    layer: Layer.merge(Layer.succeed(HttpClient.HttpClient, client), Layer.succeed(Socket.WebSocketConstructor, constructor))
  }
}
export type Stub = ReturnType<typeof make>
