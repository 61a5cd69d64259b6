/** The venue on a real port: HTTP, the stream as a WebSocket, and the console. What would be no connection at all is, on a port that listens, a connection that is reset. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { Data, Effect, Exit, FiberSet, Result, type Scope } from "effect"
import { WebSocketServer } from "ws"
import * as Console from "./Console.ts"
import type { Broken, Response, Venue } from "./Venue.ts"

const bodyBytesMax = 65_536
const frameBytesMax = 65_536
const loopback = "127.0.0.1"

export class NotServed extends Data.TaggedError("NotServed")<{ readonly message: string }> {}

export interface Served {
  readonly url: string
  readonly port: number
}

/** Undefined: too large. */
const bodyOf = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Array<Buffer> = []
  let size = 0
  for await (const chunk of request) {
    const bytes: Buffer = chunk
    size += bytes.length
    if (size > bodyBytesMax) return undefined
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString("utf8")
}

const plain = (headers: IncomingMessage["headers"]): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : value?.join(", ")]))

const reset = (request: IncomingMessage): void => void request.socket.resetAndDestroy()

const answered = (request: IncomingMessage, response: ServerResponse, exit: Exit.Exit<Response, Broken>): void => {
  if (Exit.isFailure(exit)) return reset(request)
  const { body, headers, status } = exit.value
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body)
}

type Run = (effect: ReturnType<Venue["handle"]>) => { readonly addObserver: (observer: (exit: Parameters<typeof answered>[2]) => void) => void; readonly interruptUnsafe: () => void }

const onRequest = (venue: Venue, run: Run) => async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const path = request.url ?? "/"
  const body = await bodyOf(request)
  if (body === undefined) return reset(request)
  const asked = { method: request.method ?? "GET", path, headers: plain(request.headers), body }
  const shown = Console.answer(venue, asked)
  if (shown !== undefined) return answered(request, response, Exit.succeed(shown))
  const fiber = run(venue.handle(asked))
  response.on("close", () => fiber.interruptUnsafe())
  fiber.addObserver((exit) => answered(request, response, exit))
}

const onUpgrade = (venue: Venue, sockets: WebSocketServer) => (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
  const waiting: Array<string> = []
  let frame = (text: string): void => void waiting.push(text)
  let end: (code: number, reason: string) => void = (code) => {
    ended = code
  }
  let ended: number | undefined
  const wire = venue.upgrade(request.url ?? "/", { frame: (text) => frame(text), close: (code, reason) => end(code, reason) })
  if (Result.isFailure(wire)) {
    if (wire.failure._tag === "Broken") return reset(request)
    socket.end(`HTTP/1.1 ${wire.failure.status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    return
  }
  sockets.handleUpgrade(request, socket, head, (client) => {
    frame = (text) => client.send(text)
    end = (code, reason) => code === 1006 ? client.terminate() : client.close(code, reason)
    client.on("message", (data) => wire.success.receive(String(data)))
    client.on("close", () => wire.success.close())
    client.on("error", () => client.terminate())
    for (const text of waiting.splice(0)) client.send(text)
    if (ended !== undefined) client.close(ended, "")
  })
}

const listen = (server: Server, port: number, host: string): Effect.Effect<number, NotServed> =>
  Effect.callback((resume) => {
    server.once("error", ({ message }) => resume(Effect.fail(new NotServed({ message: `cannot listen on ${host}:${port}: ${message}` }))))
    server.listen(port, host, () => {
      const address = server.address()
      const isBound = (value: typeof address): value is AddressInfo => typeof value === "object" && value !== null
      resume(isBound(address) ? Effect.succeed(address.port) : Effect.fail(new NotServed({ message: "no port" })))
    })
  })

/** Until the scope ends. Port 0: any free one. */
export const serve = (venue: Venue, { host = loopback, port }: { readonly port: number; readonly host?: string }): Effect.Effect<Served, NotServed, Scope.Scope> =>
  Effect.gen(function*() {
    const run = yield* FiberSet.makeRuntime<never>()
    const sockets = new WebSocketServer({ noServer: true, maxPayload: frameBytesMax })
    const server = createServer()
    const handle = onRequest(venue, run)
    server.on("request", (request, response) => void handle(request, response).catch(() => reset(request)))
    server.on("upgrade", onUpgrade(venue, sockets))
    yield* Effect.addFinalizer(() => Effect.callback<void>((resume) => {
      for (const client of sockets.clients) client.terminate()
      server.closeAllConnections()
      server.close(() => resume(Effect.void))
    }))
    const bound = yield* listen(server, port, host)
    return { url: `http://${host}:${bound}`, port: bound }
  })
