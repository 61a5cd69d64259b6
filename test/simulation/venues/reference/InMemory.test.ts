/** The fake through Effect's own HTTP client and socket, as an adapter reaches it. */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Schema } from "effect"
import { HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { Socket } from "effect/socket"
import { TestClock } from "effect/testing"
import * as InMemory from "#src/simulation/venues/shared/InMemory.ts"
import * as Reference from "#src/simulation/venues/reference/Reference.ts"
import { options, plan } from "#test/simulation/venues/reference/support.ts"

const url = "https://reference.test/v1"
const Token = Schema.Struct({ token: Schema.String, accounts: Schema.Array(Schema.String), style: Schema.String })

const world = Effect.gen(function*() {
  const venue = yield* Reference.make(options())
  const layer = InMemory.layer(new Map([["reference.test", venue]]))
  const signIn = HttpClientRequest.post(`${url}/session`).pipe(
    HttpClientRequest.bodyJsonUnsafe({ key: "demo", secret: "demo" }),
    HttpClient.execute,
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Token))
  )
  const place = (token: string, clientId: string) => HttpClientRequest.post(`${url}/orders`).pipe(
    HttpClientRequest.bearerToken(token),
    HttpClientRequest.bodyJsonUnsafe({ account: "A1", clientId, symbol: "MESZ26", side: "buy", type: "market", qty: "1" }),
    HttpClient.execute
  )
  return { venue, layer, signIn, place }
})

/** Reads until the stream ends; gives what came and how it ended. */
const listen = (token: string, frames: Array<string>) =>
  Effect.scoped(Effect.gen(function*() {
    const socket = yield* Socket.makeWebSocket(`wss://reference.test/v1/stream?token=${token}`)
    const read = yield* Socket.readerString(socket)
    const { write } = yield* socket.writer
    yield* write('{"subscribe":["MESZ26"]}')
    return yield* Effect.forever(Effect.map(read, (texts) => void frames.push(...texts)))
  }))

it.effect("orders, frames and quotes; a second sign-in closes the first stream with 4001", () =>
  Effect.gen(function*() {
    const { layer, place, signIn, venue } = yield* world
    yield* Effect.gen(function*() {
      const { accounts, style, token } = yield* signIn
      assert.deepStrictEqual([accounts, style], [["A1", "A2"], "native"])
      const frames: Array<string> = []
      const reader = yield* Effect.forkChild(Effect.flip(listen(token, frames)))
      yield* TestClock.adjust("10 millis")
      assert.strictEqual((yield* place(token, "e")).status, 200)
      venue.market.set("MESZ26", "5000")
      yield* TestClock.adjust("1 second")
      const types = frames.map((frame) => JSON.parse(frame)).map(({ type }: { readonly type: string }) => type)
      assert.deepStrictEqual(types, ["hello", "quote", "quote", "order", "fill", "order", "position"])
      assert.include(frames[2], '"bid":"5000","ask":"5000.25"')
      yield* signIn
      const ended = yield* Fiber.join(reader)
      assert.deepInclude(ended.reason, { _tag: "SocketCloseError", code: 4001 })
    }).pipe(Effect.provide(layer))
  }))

it.effect("a lost answer is a transport error with Node's own code; an unknown host is refused; the books outlive the client", () =>
  Effect.gen(function*() {
    const { layer, place, signIn, venue } = yield* world
    const failed = yield* Effect.gen(function*() {
      const { token } = yield* signIn
      venue.faults.set(plan("F3"))
      return [yield* Effect.flip(place(token, "e")), yield* Effect.flip(HttpClient.get("https://nobody.test/"))] as const
    }).pipe(Effect.provide(layer))
    const codes = failed.map(({ reason }) => reason._tag === "TransportError" && reason.cause instanceof Error && "code" in reason.cause ? reason.cause.code : reason._tag)
    assert.deepStrictEqual(codes, ["ECONNRESET", "ECONNREFUSED"])
    venue.faults.off()
    yield* Effect.gen(function*() {
      const { token } = yield* signIn
      const answer = yield* HttpClientRequest.get(`${url}/orders/e?account=A1`).pipe(HttpClientRequest.bearerToken(token), HttpClient.execute)
      assert.include(yield* answer.text, '"status":"filled"')
    }).pipe(Effect.provide(layer))
  }))

it.effect("a token that is not good opens no stream", () =>
  Effect.gen(function*() {
    const { layer } = yield* world
    const error = yield* Effect.flip(listen("nobody", [])).pipe(Effect.provide(layer))
    assert.strictEqual(error.reason._tag, "SocketOpenError")
  }))
