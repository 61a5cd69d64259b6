/** The operator listener: `/rpc` (HTTP, one JSON per line), `/rpc/ws` (WebSocket), `/healthz`. Owns: who may come in. */
import { Effect, Layer, Option } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { RpcSerialization, RpcServer } from "effect/rpc"
import { Secrets } from "#config/Secrets.ts"
import { AdminRpc } from "#schemas/contracts/AdminRpc.ts"
import * as Guard from "./Guard.ts"

export const rpcPath = "/rpc"
export const socketPath = "/rpc/ws"
export const healthPath = "/healthz"

const overHttp = RpcServer.layerHttp({ group: AdminRpc, path: rpcPath, protocol: "http", disableTracing: true }).pipe(
  Layer.provide(RpcSerialization.layerNdjson)
)
const overSocket = RpcServer.layerHttp({ group: AdminRpc, path: socketPath, protocol: "websocket", disableTracing: true }).pipe(
  Layer.provide(RpcSerialization.layerJson)
)
const health = HttpRouter.add("GET", healthPath, Effect.succeed(HttpServerResponse.jsonUnsafe({ status: "ok" })))

/** The connection of a refused WebSocket cannot be used again: nobody should try. */
const refuse = ({ error, message, status }: Guard.Refusal) =>
  HttpServerResponse.jsonUnsafe({ error, message }, {
    status,
    headers: { connection: "close", ...(status === 401 ? { "www-authenticate": "Bearer" } : {}) }
  })

/** Before any route, so also before a WebSocket is made. */
const guard = (rules: Guard.Rules) => HttpRouter.middleware((route) => Effect.gen(function*() {
  const { headers, url } = yield* HttpServerRequest.HttpServerRequest
  const refusal = Guard.check(rules, {
    host: headers["host"],
    origin: headers["origin"],
    authorization: headers["authorization"],
    needsToken: url.split("?")[0] !== healthPath
  })
  return Option.isSome(refusal) ? refuse(refusal.value) : yield* route
}), { global: true })

/** Names beside the loopback ones under which it may be asked for. */
export interface Options {
  readonly hosts: ReadonlyArray<string>
}

/** Listens on the `HttpServer` it is given; its handlers come from outside, so that nothing is built twice. */
export const layer = ({ hosts }: Options) => Layer.unwrap(Effect.map(Secrets, ({ operatorToken: token }) =>
  HttpRouter.serve(Layer.mergeAll(overHttp, overSocket, health, guard({ token, hosts })), { disableLogger: true, disableListenLog: true })))
