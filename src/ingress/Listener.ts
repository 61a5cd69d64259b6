/** The webhook's port, the only one that is ever exposed: two routes for alerts, one for health, and nothing else. On Node's own server: no alert pays for a router. */
import { Context, Effect, Layer } from "effect"
import { HttpServerError } from "effect/http"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import * as Body from "#src/ingress/Body.ts"
import { Door } from "#src/ingress/Door.ts"
import { type Answer, answerOf, Receive } from "#src/ingress/Receive.ts"
import * as RequestBody from "#src/ingress/RequestBody.ts"
import * as Route from "#src/ingress/Route.ts"
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
/** For connections that say nothing while the port closes. */
const closeWithin = "1 second"

const nothingHere = answerOf({ error: "unknownLane", message: "nothing is served here" })

const write = (response: ServerResponse, status: number, body: unknown, isHead = false): void => {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...(status === 413 ? { connection: "close" } : {})
  })
  response.end(isHead ? undefined : text)
}

const writeAnswer = (response: ServerResponse, { body, status }: Answer): void => write(response, status, body)

/** What a request is answered. The sender may leave at any time; what was begun for it goes on. */
const answering = Effect.gen(function*() {
  const { receive } = yield* Receive
  const door = yield* Door
  const journal = yield* Journal
  const run = Effect.runForkWith(yield* Effect.context<never>())

  const alert = (request: IncomingMessage, response: ServerResponse, lane: string, token: string | undefined) => {
    const written = RequestBody.written(response)
    RequestBody.read(request, response, Body.bytesMax, (body) => {
      if (body === "cut") return void response.destroy()
      const forwarded = request.headers["x-forwarded-for"]
      const answer = receive({
        lane,
        token,
        body,
        peer: request.socket.remoteAddress ?? "",
        forwardedFor: Array.isArray(forwarded) ? forwarded.join(",") : forwarded,
        contentType: request.headers["content-type"],
        written
      })
      run(Effect.map(answer, (one) => writeAnswer(response, one)))
    })
  }

  const health = (response: ServerResponse, isHead: boolean) =>
    run(Effect.gen(function*() {
      const { durable } = yield* journal.status
      const ok = durable && (yield* door.isOpen)
      write(response, ok ? 200 : 503, { ok }, isHead)
    }))

  return (request: IncomingMessage, response: ServerResponse): void => {
    const route = Route.of(request.method ?? "", request.url ?? "")
    switch (route._tag) {
      case "Alert":
        return alert(request, response, route.lane, route.token)
      case "Health":
        health(response, request.method === "HEAD")
        return
      case "Nothing":
        return writeAnswer(response, nothingHere)
    }
  }
})

const serverOf = ({ headersWithinMs = headersWithinMsDefault, requestWithinMs = requestWithinMsDefault }: Options): Server => {
  const server = createServer({
    headersTimeout: headersWithinMs,
    requestTimeout: requestWithinMs,
    connectionsCheckingInterval: Math.min(checkEveryMsMax, headersWithinMs)
  })
  server.maxConnections = connectionsMax
  return server
}

const listen = (server: Server, { host, port }: Options): Effect.Effect<WebhookAddress["Service"], HttpServerError.ServeError> =>
  Effect.callback((resume) => {
    const fail = (cause: Error) => resume(Effect.fail(new HttpServerError.ServeError({ cause })))
    server.once("error", fail)
    server.listen(port, host, () => {
      server.off("error", fail)
      const bound = server.address()
      const at = typeof bound === "object" && bound !== null ? bound.port : port
      resume(Effect.succeed({ port: at, url: `http://${host.includes(":") ? `[${host}]` : host}:${at}` }))
    })
  })

/** Connections that are silent keep the port no longer than `closeWithin`, then they are cut. */
const close = (server: Server): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeIdleConnections()
  }).pipe(Effect.timeoutOption(closeWithin), Effect.andThen(Effect.sync(() => server.closeAllConnections())))

const listening = Effect.fnUntraced(function*(options: Options) {
  const answer = yield* answering
  const server = yield* Effect.acquireRelease(Effect.sync(() => serverOf(options)), close)
  server.on("request", answer).on("checkContinue", answer)
  return WebhookAddress.of(yield* listen(server, options))
})

/** Opens the port when built, closes it last of all when its scope does. */
export const layer = (options: Options) => Layer.effect(WebhookAddress, listening(options)).pipe(Layer.provide(Receive.layer))
