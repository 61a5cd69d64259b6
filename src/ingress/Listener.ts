/** The webhook's port, the only one that is ever exposed: two routes for alerts, one for health, and nothing else. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Context, Effect, Layer } from "effect"
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { createServer, IncomingMessage, type Server, ServerResponse } from "node:http"
import * as Body from "#src/ingress/Body.ts"
import { Door } from "#src/ingress/Door.ts"
import { type Answer, answerOf, Receive } from "#src/ingress/Receive.ts"
import * as RequestBody from "#src/ingress/RequestBody.ts"
import { Journal } from "#src/ports/Journal.ts"

export interface Options {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Until the headers are whole. */
  readonly headersWithinMs?: number
  /** Until the request is whole. */
  readonly requestWithinMs?: number
}

/** Where it listens, once it does. */
export class WebhookAddress extends Context.Service<WebhookAddress, { readonly port: number; readonly url: string }>()("src/ingress/WebhookAddress") {}

const headersWithinMsDefault = 5_000
const requestWithinMsDefault = 15_000
const checkEveryMsMax = 500
const connectionsMax = 4_096
/** Longest part of a path: a lane, or a secret. */
const pathPartMax = 512
/** For connections that say nothing while the port closes. */
const closeWithin = "1 second"

/** The last thing that connects this file to Node's own request. */
const nodeOf = (request: HttpServerRequest.HttpServerRequest) => {
  const incoming = NodeHttpServerRequest.toIncomingMessage(request)
  const response = NodeHttpServerRequest.toServerResponse(request)
  if (incoming instanceof IncomingMessage && response instanceof ServerResponse) return { incoming, response }
  throw new Error("the webhook speaks HTTP/1.1 only")
}

const respond = ({ status, body }: Answer) =>
  HttpServerResponse.jsonUnsafe(body, { status, ...(status === 413 ? { headers: { connection: "close" } } : {}) })

const nothingHere = answerOf({ error: "unknownLane", message: "nothing is served here" })

const webhook = Effect.gen(function*() {
  const { receive } = yield* Receive
  const request = yield* HttpServerRequest.HttpServerRequest
  const { lane = "", token } = yield* HttpRouter.params
  const { incoming, response } = nodeOf(request)
  const written = RequestBody.written(response)
  const body = yield* RequestBody.read(incoming, response, Body.bytesMax)
  if (body === "cut") return HttpServerResponse.empty({ status: 400 })
  const answer = receive({
    lane,
    token,
    body,
    peer: incoming.socket.remoteAddress ?? "",
    forwardedFor: request.headers["x-forwarded-for"],
    contentType: request.headers["content-type"],
    written
  })
  return respond(yield* Effect.uninterruptible(answer))
})

const health = Effect.gen(function*() {
  const { durable } = yield* (yield* Journal).status
  const ok = durable && (yield* (yield* Door).isOpen)
  return HttpServerResponse.jsonUnsafe({ ok }, { status: ok ? 200 : 503 })
})

/** The router takes HEAD for any method but GET's own. */
const elsewhere = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ method, url }) =>
  method === "HEAD" && url === "/healthz" ? health : Effect.succeed(respond(nothingHere)))

const routes = Layer.mergeAll(
  HttpRouter.add("POST", "/webhook/:lane", webhook),
  HttpRouter.add("POST", "/webhook/:lane/:token", webhook),
  HttpRouter.add("GET", "/healthz", health),
  HttpRouter.add("*", "/*", elsewhere)
)

const serverOf = ({ headersWithinMs = headersWithinMsDefault, requestWithinMs = requestWithinMsDefault }: Options): Server => {
  const server = createServer({
    headersTimeout: headersWithinMs,
    requestTimeout: requestWithinMs,
    connectionsCheckingInterval: Math.min(checkEveryMsMax, headersWithinMs)
  })
  server.maxConnections = connectionsMax
  return server
}

const address = Layer.effect(WebhookAddress, Effect.map(HttpServer.HttpServer, ({ address: bound }) => {
  if (bound._tag === "UnixPathAddress") throw new Error("the webhook listens on a TCP port only")
  return WebhookAddress.of({ port: bound.port, url: HttpServer.formatAddress(bound) })
}))

/** Opens the port when built, closes it last of all when its scope does. */
export const layer = (options: Options) =>
  Layer.unwrap(Effect.sync(() => {
    const server = serverOf(options)
    // Closing waits for the silent connections of strangers no longer than `closeWithin`, then this cuts them.
    const cut = Layer.effectDiscard(Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections())))
    const served = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true, routerConfig: { maxParamLength: pathPartMax } })
    return Layer.merge(served, address).pipe(
      Layer.provide(Receive.layer),
      Layer.provide(cut),
      Layer.provide(NodeHttpServer.layerServer(() => server, { host: options.host, port: options.port, gracefulShutdownTimeout: closeWithin }))
    )
  }))
