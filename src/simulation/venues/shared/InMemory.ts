/** Simulated venues without a network: an HTTP client and a socket constructor that reach them by host name. A host nobody gave is refused. */
import { Effect, FiberSet, Layer } from "effect"
import { HttpClient, HttpClientError, type HttpClientRequest } from "effect/http"
import { Socket } from "effect/socket"
import * as MemoryResponse from "./MemoryResponse.ts"
import * as MemorySocket from "./MemorySocket.ts"
import type { BrokenKind, Venue } from "./Venue.ts"

/** By host name: `reference.test` answers at `https://reference.test` and `wss://reference.test`. */
export type Hosts = ReadonlyMap<string, Venue>

/** As Node's own transports name them. */
const codes = { refused: "ECONNREFUSED", reset: "ECONNRESET", dns: "ENOTFOUND", tls: "CERT_HAS_EXPIRED" } as const satisfies Record<BrokenKind, string>

const decoder = new TextDecoder()

const bodyOf = ({ body }: HttpClientRequest.HttpClientRequest): string => {
  if (body._tag === "Uint8Array") return decoder.decode(body.body)
  return body._tag === "Raw" && typeof body.body === "string" ? body.body : ""
}

const transportError = (request: HttpClientRequest.HttpClientRequest, kind: BrokenKind) =>
  new HttpClientError.HttpClientError({
    reason: new HttpClientError.TransportError({ request, description: kind, cause: Object.assign(new Error(codes[kind]), { code: codes[kind] }) })
  })

export const client = (hosts: Hosts): HttpClient.HttpClient =>
  HttpClient.make((request, url) => {
    const venue = hosts.get(url.hostname)
    if (venue === undefined) return Effect.fail(transportError(request, "refused"))
    const asked = { method: request.method, path: url.pathname + url.search, headers: request.headers, body: bodyOf(request) }
    return venue.handle(asked).pipe(
      Effect.map((response) => MemoryResponse.make(request, url, response)),
      Effect.mapError(({ kind }) => transportError(request, kind))
    )
  })

/** Both, for the fakes given. They outlive whoever uses them. */
export const layer = (hosts: Hosts): Layer.Layer<HttpClient.HttpClient | Socket.WebSocketConstructor> =>
  Layer.mergeAll(
    Layer.succeed(HttpClient.HttpClient)(client(hosts)),
    Layer.effect(Socket.WebSocketConstructor)(Effect.gen(function*() {
      const run = yield* FiberSet.makeRuntime<never>()
      const soon = (act: () => void): void => void run(Effect.andThen(Effect.yieldNow, Effect.sync(act)))
      return (address: string) => MemorySocket.make(hosts, address, soon)
    }))
  )
