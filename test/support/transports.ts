/** Wires that lead nowhere: every connection is refused before a byte leaves. For houses whose logins are all of paper. */
import { Effect, Layer } from "effect"
import { HttpClient, HttpClientError } from "effect/http"
import { Socket } from "effect/socket"

const refused = HttpClient.make((request) => Effect.fail(new HttpClientError.HttpClientError({
  reason: new HttpClientError.TransportError({ request, cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) })
})))

const closed: Socket.WebSocketLike = { readyState: 3, addEventListener: () => undefined, removeEventListener: () => undefined, close: () => undefined, send: () => undefined }

export const layer = Layer.merge(
  Layer.succeed(HttpClient.HttpClient, refused),
  Layer.succeed(Socket.WebSocketConstructor, () => closed)
)
