/** The operator listener: `/rpc` (HTTP, one JSON per line), `/rpc/ws` (WebSocket), `/metrics`, `/healthz`. Owns: who may come in. */
import { Effect, Layer, Option } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { RpcMiddleware, RpcSchema, RpcSerialization, RpcServer } from "effect/rpc"
import { Secrets } from "#config/Secrets.ts"
import { isLoopback } from "#config/Settings.ts"
import { AdminRpc } from "#schemas/contracts/AdminRpc.ts"
import * as Stopwatch from "#src/ports/Stopwatch.ts"
import * as Guard from "./Guard.ts"

export const rpcPath = "/rpc"
export const socketPath = "/rpc/ws"
export const healthPath = "/healthz"
export const metricsPath = "/metrics"

/** On this side alone: a tool that asks knows nothing of it. */
class Timing extends RpcMiddleware.Service<Timing>()("src/admin/Timing") {}
/** A stream lasts as long as somebody listens: that says nothing. */
const timing = Layer.succeed(Timing, (answer, { rpc }) =>
  RpcSchema.isStreamSchema(rpc.successSchema) ? answer : Stopwatch.timed({ kind: "rpc", name: rpc._tag })(answer))
const group = AdminRpc.middleware(Timing)

const overHttp = RpcServer.layerHttp({ group, path: rpcPath, protocol: "http", disableTracing: true }).pipe(
  Layer.provide(RpcSerialization.layerNdjson)
)
const overSocket = RpcServer.layerHttp({ group, path: socketPath, protocol: "websocket", disableTracing: true }).pipe(
  Layer.provide(RpcSerialization.layerJson)
)
const health = HttpRouter.add("GET", healthPath, Effect.succeed(HttpServerResponse.jsonUnsafe({ status: "ok" })))

const prometheus = "text/plain; version=0.0.4; charset=utf-8"
const metricsRoute = (text: Effect.Effect<string>) =>
  HttpRouter.add("GET", metricsPath, Effect.map(text, (body) => HttpServerResponse.text(body, { contentType: prometheus })))

/** Asked on this machine under its own name, and by nobody's proxy. */
const isNear = ({ headers, peerAddress }: HttpServerRequest.HttpServerRequest): boolean => {
  const peer = Option.getOrElse(peerAddress, () => "").replace(/^::ffff:/, "")
  const name = (headers["host"] ?? "").replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1")
  return isLoopback(peer) && isLoopback(name) && headers["x-forwarded-for"] === undefined && headers["forwarded"] === undefined
}

/** Figures hold no secret: on this machine they need no token. */
const needsToken = (request: HttpServerRequest.HttpServerRequest): boolean => {
  const path = pathOf(request)
  return path !== healthPath && !(path === metricsPath && isNear(request))
}

/** The connection of a refused WebSocket cannot be used again: nobody should try. */
const refuse = ({ error, message, status }: Guard.Refusal) =>
  HttpServerResponse.jsonUnsafe({ error, message }, {
    status,
    headers: { connection: "close", ...(status === 401 ? { "www-authenticate": "Bearer" } : {}) }
  })

/** An answer's own failures stand in it: what dies out here is a question that is none. */
const unreadable = (defect: unknown) => Effect.as(
  Effect.logWarning("a question could not be read", defect),
  HttpServerResponse.jsonUnsafe({ error: "unreadable", message: "expected one request per line, as the client of this version writes it" }, { status: 400 })
)
const pathOf = ({ url }: HttpServerRequest.HttpServerRequest): string => url.split("?", 1)[0] ?? ""

/** A WebSocket begins without one: whoever announces one and leaves would be waited for for ever, by the end of the house too. */
const hasBody = (headers: HttpServerRequest.HttpServerRequest["headers"]): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0"
const noBody: Guard.Refusal = { status: 400, error: "unreadable", message: "a WebSocket is asked for without a body" }

/** Before any route, so also before a WebSocket is made. */
const guard = (rules: Guard.Rules) => HttpRouter.middleware((route) => Effect.gen(function*() {
  const request = yield* HttpServerRequest.HttpServerRequest
  const { headers } = request
  const refusal = Guard.check(rules, {
    host: headers["host"],
    origin: headers["origin"],
    authorization: headers["authorization"],
    needsToken: needsToken(request)
  })
  if (Option.isSome(refusal)) return refuse(refusal.value)
  if (pathOf(request) === socketPath && hasBody(headers)) return refuse(noBody)
  return yield* pathOf(request) === rpcPath ? Effect.catchDefect(route, unreadable) : route
}), { global: true })

export interface Options {
  /** Names beside the loopback ones under which it may be asked for. */
  readonly hosts: ReadonlyArray<string>
  /** What `/metrics` tells; absent: there is no such page. */
  readonly metrics?: Effect.Effect<string>
}

/** Listens on the `HttpServer` it is given; its handlers come from outside, so that nothing is built twice. */
export const layer = ({ hosts, metrics }: Options) => Layer.unwrap(Effect.map(Secrets, ({ operatorToken: token }) => {
  const figures = metrics === undefined ? Layer.empty : metricsRoute(metrics)
  const routes = Layer.mergeAll(overHttp, overSocket, health, figures, guard({ token, hosts })).pipe(Layer.provide(timing))
  return HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true })
}))
