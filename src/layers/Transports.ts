/** The wires to the venues as they are: HTTP and WebSocket over the network. Loaded with the first request: a house without such a login never needs them. */
import * as NodeWS from "@effect/platform-node/NodeWS"
import { Effect, Layer } from "effect"
import { HttpClient } from "effect/http"
import { Socket } from "effect/socket"

/** A connection that is not made by then surely carried no byte. */
const connectWithinMs = 3_000
/** A venue may tell a whole session of every account in one frame. */
const frameBytesMax = 16 * 1_048_576

const http = Layer.effect(HttpClient.HttpClient, Effect.gen(function*() {
  const scope = yield* Effect.scope
  const made = yield* Effect.cached(Effect.gen(function*() {
    const NodeHttpClient = yield* Effect.promise(() => import("@effect/platform-node/NodeHttpClient"))
    const layer = Layer.provide(NodeHttpClient.layerUndiciNoDispatcher, NodeHttpClient.layerDispatcherOptions({ connect: { timeout: connectWithinMs } }))
    return yield* Effect.provide(HttpClient.HttpClient, yield* Layer.buildWithScope(layer, scope))
  }).pipe(Effect.uninterruptible))
  return HttpClient.make((request) => Effect.flatMap(made, (client) => client.execute(request)))
}))

const webSocket = Layer.succeed(Socket.WebSocketConstructor)((url, options) => {
  const protocols = typeof options === "string" || Array.isArray(options) ? options : options?.protocols
  const headers = typeof options === "object" && !Array.isArray(options) ? options.headers : undefined
  return new NodeWS.WebSocket(url, protocols, {
    maxPayload: frameBytesMax, perMessageDeflate: false, handshakeTimeout: connectWithinMs, ...(headers === undefined ? {} : { headers })
  })
})

export const layer: Layer.Layer<HttpClient.HttpClient | Socket.WebSocketConstructor> = Layer.merge(http, webSocket)
