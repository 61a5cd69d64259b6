/** A sign-in and its stream: what ends them, and that nothing is missed unnoticed. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Effect, Exit, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { AccountId } from "#schemas/Ids.ts"
import type { Quote } from "#schemas/Quote.ts"
import type { Connection } from "#src/ports/Venue.ts"
import { begin, instrument, order, startMs } from "#test/src/venues/paper/fixture.ts"
import * as Fixture from "#test/venues/reference/fixture.ts"
import * as Stub from "#test/venues/reference/stub.ts"

const account = AccountId.make("ref-a")

const pass = (seconds: number) => Effect.repeat(TestClock.adjust("250 millis"), { times: seconds * 4 - 1 })

const ask = <A, E, R>(request: Effect.Effect<A, E, R>, seconds = 12): Effect.Effect<A, E, R> => Effect.gen(function*() {
  const fiber = yield* Effect.forkChild(request)
  for (let step = 0; step < seconds * 4 && fiber.pollUnsafe() === undefined; step++) yield* TestClock.adjust("250 millis")
  return yield* Fiber.join(fiber)
})

const beating = (stub: Stub.Stub) => Effect.forkChild(Effect.forever(Effect.andThen(Effect.sleep("10 seconds"), Effect.sync(() => stub.socket().push({ type: "heartbeat" })))))

interface Signed {
  readonly stub: Stub.Stub
  readonly connection: Connection
  readonly heard: ReadonlyArray<string>
  readonly quotes: ReadonlyArray<Quote>
  /** Why the events ended; undefined while they have not. */
  readonly end: () => string | undefined
}

const signedIn = <A, E>(test: (signed: Signed) => Effect.Effect<A, E>, lifeMs?: number) => Effect.gen(function*() {
  yield* begin
  const clock = yield* Clock.Clock
  const stub = Stub.make({ nowMs: () => clock.currentTimeMillisUnsafe(), ...(lifeMs === undefined ? {} : { lifeMs }) })
  const connection = yield* Effect.provide(ask(Fixture.connect), [stub.layer, Fixture.config()])
  const heard: Array<string> = []
  const quotes: Array<Quote> = []
  const events = yield* Effect.forkChild(Stream.runForEach(connection.events, ({ account: of, event }) => Effect.sync(() => heard.push(`${of} ${event._tag}`))))
  yield* Effect.forkChild(Effect.ignore(Stream.runForEach(connection.quotes, (quote) => Effect.sync(() => quotes.push(quote)))))
  yield* TestClock.adjust("100 millis")
  const end = () => {
    const exit = events.pollUnsafe()
    return exit === undefined ? undefined : Exit.isFailure(exit) ? Cause.pretty(exit.cause).split("\n")[0] : "no error"
  }
  return yield* test({ stub, connection, heard, quotes, end })
}).pipe(Effect.scoped)

const fill = { fillId: "f-1", orderId: "o-1", clientId: "a", symbol: "MESZ26", side: "buy", qty: "1", price: "6900.25", fee: "0.62", at: startMs }
const working = { orderId: "o-1", clientId: "a", symbol: "MESZ26", side: "buy", qty: "2", filled: "0", status: "working" }

describe("the stream", () => {
  it.effect("tells of our accounts, of orders that nobody here sent too, and of nobody else's", () => signedIn(({ end, heard, stub }) => Effect.gen(function*() {
    const socket = stub.socket()
    socket.push({ type: "order", account: "A1", order: working })
    socket.push({ type: "fill", account: "A2", fill: { ...fill, clientId: undefined } })
    socket.push({ type: "position", account: "A1", position: { symbol: "ODDZ26", net: "0.5" } })
    socket.push({ type: "order", account: "A9", order: working })
    socket.push({ type: "order", order: working })
    socket.push({ type: "weather", account: "A1", weather: "fine" })
    socket.push({ type: "order", account: "A1", order: { ...working, qty: "NaN" } })
    socket.push({ type: "fill", account: "A1" })
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual([heard, end()], [["ref-a OrderChanged", "ref-b Filled", "ref-a PositionChanged"], undefined])
  })))

  for (const [name, break_, why] of [
    ["a gap", (socket: ReturnType<Stub.Stub["socket"]>) => { socket.skip(); socket.push({ type: "heartbeat" }) }, /a gap in the stream: 3 after 1/],
    ["a frame that comes twice", (socket: ReturnType<Stub.Stub["socket"]>) => socket.raw("{\"seq\":1,\"type\":\"hello\"}"), /a gap in the stream: 1 after 1/],
    ["a frame that cannot be read", (socket: ReturnType<Stub.Stub["socket"]>) => socket.raw("{\"seq\":2,"), /cannot be read/],
    ["a frame without a number", (socket: ReturnType<Stub.Stub["socket"]>) => socket.raw("{\"type\":\"heartbeat\"}"), /cannot be read/],
    ["a frame without end", (socket: ReturnType<Stub.Stub["socket"]>) => socket.push({ type: "heartbeat", more: "x".repeat(300_000) }), /more than/],
    ["a sign-in elsewhere", (socket: ReturnType<Stub.Stub["socket"]>) => socket.close(4001, "kicked"), /signed in elsewhere.*4001 kicked/],
    ["its end", (socket: ReturnType<Stub.Stub["socket"]>) => socket.close(1006, ""), /the stream ended \(1006\)/]
  ] as const) {
    it.effect(`${name} ends the connection and says why`, () => signedIn(({ connection, end, stub }) => Effect.gen(function*() {
      break_(stub.socket())
      yield* TestClock.adjust("100 millis")
      assert.match(end() ?? "", why)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(ask(Stream.runDrain(connection.quotes)))))
    })))
  }

  it.effect("without three heartbeats it is over, whatever else is said; with them it lives", () => signedIn(({ end, stub }) => Effect.gen(function*() {
    const beats = yield* beating(stub)
    yield* pass(120)
    assert.isUndefined(end())
    yield* Fiber.interrupt(beats)
    for (let n = 0; n < 40 && end() === undefined; n++) {
      stub.socket().push({ type: "quote", quote: { symbol: "MESZ26", bid: "6900", ask: "6900.25", last: "6900", at: startMs } })
      yield* pass(1)
    }
    assert.match(end() ?? "", /silent/)
  })))

  it.effect("quotes are asked for where our accounts may trade, and are never of the future", () => signedIn(({ connection, quotes, stub }) => Effect.gen(function*() {
    const socket = stub.socket()
    assert.deepStrictEqual(socket.said.map((text) => JSON.parse(text)), [{ subscribe: ["MESZ26"] }])
    const quote = { symbol: "MESZ26", bid: "6900", ask: "6900.25", last: "6900.25", at: startMs + 3_600_000 }
    for (const bad of [{ ...quote, bid: "6900.1" }, { ...quote, bid: "NaN" }, { ...quote, bid: "6901" }, { ...quote, bid: "-1" }, { symbol: "MESZ26" }]) socket.push({ type: "quote", quote: bad })
    socket.push({ type: "quote", quote })
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(quotes.map(({ ask: high, bid, last, source }) => [Number(bid), Number(high), Number(last), source]), [[27_600, 27_601, 27_601, "ref-1"]])
    assert.isAtMost(quotes[0]?.atMs ?? Infinity, yield* Clock.currentTimeMillis)
    stub.state.answers = ({ path }) => path === "/v1/orders" ? Stub.ok({ orderId: "o-2" }) : undefined
    yield* ask(connection.submit(order("odd", "buy", 1, { accountId: account, instrumentId: "ODDZ26" }), instrument))
    yield* TestClock.adjust("100 millis")
    assert.deepStrictEqual(JSON.parse(socket.said.at(-1) ?? "{}"), { subscribe: ["MESZ26", "ODDZ26"] })
  })))
})

describe("the token", () => {
  it.effect("is renewed before it ends", () => signedIn(({ connection, end, stub }) => Effect.gen(function*() {
    yield* beating(stub)
    yield* pass(241)
    assert.strictEqual(stub.sent.filter(({ path }) => path === "/v1/session/renew").length, 1)
    yield* ask(connection.balances(account))
    assert.strictEqual(stub.sent.at(-1)?.token, "token-2-canary")
    assert.isUndefined(end())
  }), 300_000))

  it.effect("refused for a question: renewed once, asked again", () => signedIn(({ connection, end, stub }) => Effect.gen(function*() {
    stub.state.answers = ({ path, token }) => path.startsWith("/v1/balance") && token === "token-1-canary" ? Stub.no(401, "unauthenticated") : undefined
    yield* ask(connection.balances(account))
    assert.deepStrictEqual(stub.sent.slice(-3).map(({ path, token }) => `${path.split("?")[0]} ${token}`), [
      "/v1/balance token-1-canary", "/v1/session/renew token-1-canary", "/v1/balance token-2-canary"
    ])
    assert.isUndefined(end())
  })))

  it.effect("refused for many at once: renewed once", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.state.answers = ({ path, token }) => path.startsWith("/v1/balance") && token === "token-1-canary" ? Stub.no(401, "unauthenticated") : undefined
    yield* ask(Effect.all([1, 2, 3, 4].map(() => connection.balances(account)), { concurrency: "unbounded" }))
    assert.strictEqual(stub.sent.filter(({ path }) => path === "/v1/session/renew").length, 1)
  })))

  it.effect("refused for an order: the order is not sent again, the token is renewed", () => signedIn(({ connection, end, stub }) => Effect.gen(function*() {
    stub.state.answers = ({ path, token }) => path === "/v1/orders" && token === "token-1-canary" ? Stub.no(401, "unauthenticated") : undefined
    assert.strictEqual((yield* ask(Effect.flip(connection.submit(order("a", "buy", 1, { accountId: account }), instrument))))._tag, "Unauthenticated")
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(stub.sent.slice(-2).map(({ path }) => path), ["/v1/orders", "/v1/session/renew"])
    assert.isUndefined(end())
  })))

  for (const [name, path] of [["a question", "/v1/balance"], ["an order", "/v1/orders"]] as const) {
    it.effect(`refused for ${name} and not renewed: the connection is over`, () => signedIn(({ connection, end, stub }) => Effect.gen(function*() {
      stub.state.answers = ({ path: asked }) => asked.startsWith(path) || asked.endsWith("/renew") ? Stub.no(401, "unauthenticated") : undefined
      const request = path === "/v1/orders" ? connection.submit(order("a", "buy", 1, { accountId: account }), instrument) : connection.balances(account)
      assert.strictEqual((yield* ask(Effect.flip(Effect.asVoid(request as Effect.Effect<unknown, { readonly _tag: string }>))))._tag, "Unauthenticated")
      yield* TestClock.adjust("1 second")
      assert.match(end() ?? "", /the token is refused/)
    })))
  }

  it.effect("that ends in the past by our clock is not renewed without pause", () => signedIn(({ stub }) => Effect.gen(function*() {
    yield* beating(stub)
    yield* pass(20)
    assert.isAtMost(stub.sent.filter(({ path }) => path === "/v1/session/renew").length, 4)
  }), -3_600_000))
})

describe("a sign-in", () => {
  const failed = (answers: (asked: Stub.Asked) => Stub.Fate | undefined, greets = true) => Effect.gen(function*() {
    yield* begin
    const stub = Stub.make({ nowMs: () => startMs })
    stub.state.answers = answers
    stub.state.greets = greets
    return yield* Effect.provide(ask(Effect.flip(Fixture.connect), 60), [stub.layer, Fixture.config()])
  }).pipe(Effect.scoped)
  const on = (path: string, fate: Stub.Fate) => (asked: Stub.Asked) => asked.path === path ? fate : undefined

  for (const [name, answers, expected] of [
    ["wrong secret", on("/v1/session", Stub.no(401, "unauthenticated")), "Unauthenticated"],
    ["nobody there", on("/v1/session", { code: "ECONNREFUSED" }), "Unavailable"],
    ["maintenance", on("/v1/session", Stub.no(503, "maintenance")), "Unavailable"],
    ["garbage", on("/v1/session", { status: 200, body: "{\"token\":\"\"}" }), "Ambiguous"],
    ["no list of instruments", on("/v1/instruments", { status: 500, body: "" }), "Ambiguous"]
  ] as const) it.effect(`fails with a reason: ${name}`, () => Effect.map(failed(answers), ({ _tag }) => assert.strictEqual(_tag, expected)))

  it.effect("fails when the stream does not greet", () => Effect.map(failed(() => undefined, false), (error) => assert.match(error.message, /silent/)))

  it.effect("no word of its reaches us with a secret in it", () => Effect.gen(function*() {
    const error = yield* failed(on("/v1/session", Stub.no(400, "invalid", `your secret ${Fixture.secret} is\nwrong ${"x".repeat(5_000)}`)))
    assert.notInclude(JSON.stringify(error), Fixture.secret)
    assert.isBelow(error.message.length, 300)
  }))
})
