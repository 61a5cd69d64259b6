/** The two doors: the webhook's, which may be exposed, and the operator's, which may not. */
import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Context, Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import { Settings } from "#config/Settings.ts"
import * as Handlers from "#src/admin/Handlers.ts"
import * as AdminListener from "#src/admin/Listener.ts"
import { Views } from "#src/admin/Views.ts"
import * as WebhookListener from "#src/ingress/Listener.ts"
import { Exposition } from "#src/observe/Exposition.ts"

/** Where the operator's tools find the house. */
export class OperatorAddress extends Context.Service<OperatorAddress, { readonly url: string }>()("src/layers/OperatorAddress") {}

/** Built apart, and nothing of it but its address comes out: two doors share no router. */
export const webhook = Layer.effect(WebhookListener.WebhookAddress, Effect.gen(function*() {
  const { webhook: at } = yield* Settings
  return Context.get(yield* Layer.build(Layer.fresh(WebhookListener.layer(at))), WebhookListener.WebhookAddress)
}))

const handlers = Layer.unwrap(Effect.map(WebhookListener.WebhookAddress, ({ url }) => Handlers.layer({ webhookUrl: url })))

/** Named `localhost` where it is: sign-in with a passkey works under no other loopback name. */
const address = Layer.effect(OperatorAddress, Effect.gen(function*() {
  const { address: bound } = yield* HttpServer.HttpServer
  const { admin } = yield* Settings
  if (bound._tag === "UnixPathAddress") return yield* Effect.die("the operator's listener needs a TCP port")
  const host = admin.host.includes(":") ? `[${admin.host}]` : admin.host
  return OperatorAddress.of({ url: `http://${host}:${bound.port}` })
}))

const closeWithin = "500 millis"

/** The door alone: who answers behind it comes from outside. */
export const operatorDoor = Layer.unwrap(Effect.gen(function*() {
  const { admin } = yield* Settings
  const { text } = yield* Exposition
  return Layer.merge(AdminListener.layer({ hosts: [admin.host], metrics: text }), address).pipe(
    Layer.provide(NodeHttpServer.layer(createServer, { host: admin.host, port: admin.port, gracefulShutdownTimeout: closeWithin }))
  )
}))

export const operator = operatorDoor.pipe(Layer.provide(handlers), Layer.provideMerge(Views.layer))
