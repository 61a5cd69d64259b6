/** What becomes of a request whose answer is lost, late, wrong or a no: certain where it is certain, and never sent again. */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Cause, Clock, Effect, Exit, Fiber, Option } from "effect"
import { TestClock } from "effect/testing"
import { AccountId, ClientOrderId } from "#schemas/Ids.ts"
import { Lots, Ticks } from "#schemas/Instrument.ts"
import type { Connection, VenueError } from "#src/ports/Venue.ts"
import { begin, instrument, order } from "#test/src/venues/paper/fixture.ts"
import * as Fixture from "#test/venues/reference/fixture.ts"
import * as Stub from "#test/venues/reference/stub.ts"

const account = AccountId.make("ref-a")
const id = (text: string) => ClientOrderId.make(text)
const mine = (name: string, terms: Parameters<typeof order>[3] = {}) => order(name, "buy", 2, { accountId: account, ...terms })

/** So long that every wait of the adapter is over. */
const ask = <A, E, R>(request: Effect.Effect<A, E, R>, seconds = 12): Effect.Effect<A, E, R> => Effect.gen(function*() {
  const fiber = yield* Effect.forkChild(request)
  for (let step = 0; step < seconds * 4 && fiber.pollUnsafe() === undefined; step++) yield* TestClock.adjust("250 millis")
  return yield* Fiber.join(fiber)
})

const over = <A, E>(options: Parameters<typeof Fixture.overrides>[0], style: "native" | "plain", test: (connection: Connection, stub: Stub.Stub) => Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    yield* begin
    const clock = yield* Clock.Clock
    const stub = Stub.make({ style, nowMs: () => clock.currentTimeMillisUnsafe() })
    const connection = yield* Effect.provide(ask(Fixture.connect), [stub.layer, Fixture.config(options)])
    stub.sent.length = 0
    return yield* test(connection, stub)
  }).pipe(Effect.scoped)

const told = (error: VenueError): string => {
  switch (error._tag) {
    case "Refused":
      return `Refused ${error.kind}`
    case "RateLimited":
      return `RateLimited ${error.retryAfterMs}`
    default:
      return error._tag
  }
}

const order200 = (body: string): Stub.Fate => ({ status: 200, body })

/** What the wire does with an order, and what is then known of it. */
const fates: ReadonlyArray<readonly [string, Stub.Fate, string]> = [
  ["refused before any byte", { code: "ECONNREFUSED" }, "Unavailable"],
  ["no such name", { code: "ENOTFOUND" }, "Unavailable"],
  ["a certificate that is not trusted", { code: "CERT_HAS_EXPIRED" }, "Unavailable"],
  ["reset", { code: "ECONNRESET" }, "Ambiguous"],
  ["a network that went away", { code: "EHOSTUNREACH" }, "Ambiguous"],
  ["an error nobody has heard of", { code: "EWHATEVER" }, "Ambiguous"],
  ["silence", "silence", "Ambiguous"],
  ["500", { status: 500, body: "" }, "Ambiguous"],
  ["502 from a gate", { status: 502, body: "<html>bad gateway</html>" }, "Ambiguous"],
  ["503 that says nothing of its own", { status: 503, body: "<html></html>" }, "Ambiguous"],
  ["500 with a refusal in it", Stub.no(500, "invalid"), "Ambiguous"],
  ["502 with the venue's word from who knows where", Stub.no(502, "maintenance"), "Ambiguous"],
  ["503 by the venue's own word", Stub.no(503, "maintenance"), "Unavailable"],
  ["408", Stub.no(408, "invalid"), "Ambiguous"],
  ["a redirect", { status: 302, body: "", headers: { location: "https://elsewhere.test" } }, "Ambiguous"],
  ["a truncated 200", order200("{\"orderId\":\"o-"), "Ambiguous"],
  ["an empty 200", order200(""), "Ambiguous"],
  ["HTML", order200("<html></html>"), "Ambiguous"],
  ["a list", order200("[]"), "Ambiguous"],
  ["null", order200("null"), "Ambiguous"],
  ["NaN", order200("{\"orderId\":NaN}"), "Ambiguous"],
  ["a wrong type", order200("{\"orderId\":17}"), "Ambiguous"],
  ["no order id", order200("{\"ok\":true}"), "Ambiguous"],
  ["an error and an order id", order200("{\"orderId\":\"o-1\",\"error\":{\"code\":\"margin\",\"message\":\"no\"}}"), "Ambiguous"],
  ["an error that cannot be read", order200("{\"error\":\"no\"}"), "Ambiguous"],
  ["a penalty that cannot be read", order200("{\"penalty\":{\"waitMs\":\"soon\"}}"), "Ambiguous"],
  ["a longer answer than anybody reads", order200(`{"orderId":"${"x".repeat(5_000_000)}"}`), "Ambiguous"],
  ["an error in a 200", order200("{\"error\":{\"code\":\"margin\",\"message\":\"too little\"}}"), "Refused margin"],
  ["a penalty in a 200", order200("{\"penalty\":{\"waitMs\":2500}}"), "RateLimited 2500"],
  ["400 invalid", Stub.no(400, "invalid"), "Refused invalid"],
  ["422 market closed", Stub.no(422, "market_closed"), "Refused marketClosed"],
  ["403 disabled", Stub.no(403, "disabled"), "Refused other"],
  ["404 not found", Stub.no(404, "not_found"), "Refused notFound"],
  ["422 unsupported", Stub.no(422, "unsupported"), "Unsupported"],
  ["422 that cannot be read", { status: 422, body: "{\"err" }, "Refused other"],
  ["429 with a time", { status: 429, body: "{\"error\":{\"code\":\"rate_limited\"}}", headers: { "retry-after": "7" } }, "RateLimited 7000"],
  ["429 without one", { status: 429, body: "" }, "RateLimited 1000"],
  ["401", Stub.no(401, "unauthenticated"), "Unauthenticated"]
]

describe("an order", () => {
  for (const [name, fate, expected] of fates) {
    it.effect(`${name}: ${expected}, sent once`, () => over({}, "native", (connection, stub) => Effect.gen(function*() {
      stub.state.answers = ({ path }) => path === "/v1/orders" ? fate : undefined
      const error = yield* ask(Effect.flip(connection.submit(mine("a"), instrument)))
      assert.strictEqual(told(error), expected)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(stub.orders().length, 1)
    })))
  }

  it.effect("no answer brings a token to light", () => over({}, "native", (connection, stub) => Effect.gen(function*() {
    stub.state.answers = ({ path, token }) => path === "/v1/orders" ? Stub.no(422, "invalid", `not with ${token}`) : undefined
    const error = yield* ask(Effect.flip(connection.submit(mine("a"), instrument)))
    assert.strictEqual(error.message, "not with ***")
  })))

  it.effect("fields that nobody knows do no harm", () => over({}, "native", (connection, stub) => Effect.gen(function*() {
    stub.state.answers = ({ path }) => path === "/v1/orders" ? Stub.ok({ orderId: "o-9", more: { of: ["it"] }, at: null }) : undefined
    assert.deepStrictEqual(yield* ask(connection.submit(mine("a"), instrument)), { venueOrderId: "o-9" })
  })))

  it.effect("leaves in the venue's words, exact", () => over({}, "native", (connection, stub) => Effect.gen(function*() {
    yield* ask(connection.submit(mine("a", { limit: 27_601, stop: 27_600, expiresAtMs: 5, reduceOnly: true }), instrument))
    yield* ask(connection.modify(account, id("a"), { lots: Lots.make(3), limit: Ticks.make(27_603) }).pipe(Effect.ignore))
    assert.deepStrictEqual(stub.orders().map(({ body }) => JSON.parse(body)), [
      { account: "A1", clientId: "a", symbol: "MESZ26", side: "buy", type: "stopLimit", qty: "2", limit: "6900.25", stop: "6900", tif: "gtc", expiresAt: 5, reduceOnly: true },
      { account: "A1", qty: "3", limit: "6900.75" }
    ])
  })))

  it.effect("where nobody keeps reduce-only it is not promised", () => over({}, "plain", (connection, stub) => Effect.gen(function*() {
    yield* ask(connection.submit(mine("a", { reduceOnly: true, leg: "exit" }), instrument))
    assert.notProperty(JSON.parse(stub.orders()[0]?.body ?? "{}"), "reduceOnly")
  })))

  it.effect("an entry in an instrument that is another one there does not leave; what protects does", () => over({}, "native", (connection, stub) => Effect.gen(function*() {
    const coarse = { ...instrument, tickSize: BigDecimal.fromStringUnsafe("0.5") }
    assert.strictEqual(told(yield* ask(Effect.flip(connection.submit(mine("a"), coarse)))), "Refused invalid")
    assert.strictEqual(stub.orders().length, 0)
    yield* ask(connection.submit(mine("b", { leg: "stop", stop: 10 }), coarse))
    assert.strictEqual(stub.orders().length, 1)
  })))
})

describe("a limit of requests", () => {
  it.effect("holds back what can wait, and leaves room for what cannot", () => over({ requestsPerMinute: 20 }, "native", (connection, stub) => Effect.gen(function*() {
    const results: Array<string> = []
    for (let n = 0; n < 12; n++) results.push(yield* ask(connection.submit(mine(`e${n}`), instrument)).pipe(Effect.as("sent"), Effect.catch((error) => Effect.succeed(error._tag))))
    assert.strictEqual(results.filter((one) => one === "sent").length, 10) // 60 % of 20, less the sign-in and the list of instruments
    assert.strictEqual(results.at(-1), "RateLimited")
    for (let n = 0; n < 10; n++) results.push(yield* ask(connection.cancel(account, id(`e${n}`))).pipe(Effect.as("cancelled"), Effect.catch((error) => Effect.succeed(error._tag))))
    assert.strictEqual(results.filter((one) => one === "cancelled").length, 6) // up to 90 %
    assert.strictEqual(stub.orders().length, 16)
    yield* TestClock.adjust("1 minute")
    yield* ask(connection.submit(mine("later"), instrument))
  })))

  it.effect("a venue that wants silence gets it from what can wait: not a new session's first questions", () => over({}, "native", (connection, stub) => Effect.gen(function*() {
    stub.state.answers = ({ path }) => path === "/v1/orders" ? { status: 429, body: "", headers: { "retry-after": "30" } } : undefined
    yield* ask(Effect.flip(connection.submit(mine("a"), instrument)))
    yield* ask(connection.positions(account))
    yield* TestClock.adjust("5 seconds")
    assert.strictEqual(told(yield* ask(Effect.flip(connection.positions(account)))).split(" ")[0], "RateLimited")
    yield* ask(connection.cancel(account, id("b")))
    assert.deepStrictEqual(stub.sent.map(({ method }) => method), ["POST", "GET", "DELETE"])
    yield* TestClock.adjust("25 seconds")
    assert.deepStrictEqual(yield* ask(connection.positions(account)), [])
  })))
})

/** Whatever is asked, and whatever comes. */
const nasty = [
  "", "{", "null", "17", "\"text\"", "[]", "{}", "[".repeat(200_000), `{"a":${"[".repeat(50_000)}`, "{\"__proto__\":{\"orderId\":\"x\"}}", "\u0000", "\ufeff{}",
  "{\"orders\":null,\"positions\":{},\"fills\":7,\"bars\":\"x\",\"order\":[],\"instruments\":false,\"orderId\":{},\"canceled\":-1,\"cash\":\"1e9999\",\"currency\":\"USD\"}",
  `{"orders":[${Array.from({ length: 5_000 }, () => "{}").join()}],"fills":[[]],"bars":[0],"positions":[null],"asOf":1e400}`,
  `{"orderId":"${"\\u0000".repeat(200)}","order":{"orderId":"","qty":"${"9".repeat(10_000)}"},"cash":"${"9".repeat(10_000)}","currency":"XXX"}`
]

it.effect("no answer kills anything", () => over({}, "native", (connection, stub) => Effect.gen(function*() {
  for (const body of nasty) {
    for (const status of [200, 400, 404, 500]) {
      stub.state.answers = () => ({ status, body })
      const all = yield* ask(Effect.all([
        connection.submit(mine("a"), instrument), connection.modify(account, id("a"), { lots: Lots.make(1) }), connection.cancel(account, id("a")), connection.cancelAll(account),
        connection.closePosition(account, instrument.id, id("c")), connection.orderByClientId(account, id("a")), connection.workingOrders(account),
        connection.positions(account), connection.balances(account), connection.fillsSince(account, 0), connection.bars(instrument.id, 0, 60_000, 60_000)
      ].map((request) => Effect.exit(Effect.asVoid<unknown, VenueError, never>(request))), { concurrency: "unbounded" }))
      for (const exit of all) assert.isFalse(Exit.isFailure(exit) && Cause.hasDies(exit.cause), `${status} ${body.slice(0, 80)}`)
    }
  }
})))

const report = (more: Readonly<Record<string, unknown>> = {}) =>
  ({ orderId: "o-1", clientId: "a", symbol: "MESZ26", side: "buy", type: "limit", qty: "2", filled: "0", status: "working", limit: "6900.25", ...more })

describe("a question", () => {
  it.effect("is asked once more when no answer came", () => over({}, "native", (connection, stub) => Effect.gen(function*() {
    const clock = yield* Clock.Clock
    const askedAtMs: Array<number> = []
    stub.state.answers = ({ path }) => path.startsWith("/v1/balance") && askedAtMs.push(clock.currentTimeMillisUnsafe()) === 1 ? { code: "ECONNRESET" } : undefined
    assert.strictEqual(BigDecimal.format((yield* ask(connection.balances(account))).amount), "1.5")
    assert.deepStrictEqual(askedAtMs.map(Number.isSafeInteger), [true, true])
    stub.state.answers = ({ path }) => path.startsWith("/v1/balance") ? "silence" : undefined
    assert.strictEqual((yield* ask(Effect.flip(connection.balances(account)), 10))._tag, "Ambiguous")
    assert.strictEqual(stub.sent.length, 4)
  })))

  it.effect("not found is said only in the venue's own words", () => over({}, "native", (connection, stub) => Effect.gen(function*() {
    assert.isTrue(Option.isNone(yield* ask(connection.orderByClientId(account, id("a")))))
    for (const fate of [{ status: 404, body: "<html>" }, { status: 200, body: "{}" }, { status: 500, body: "" }] as const) {
      stub.state.answers = () => fate
      yield* ask(Effect.flip(connection.orderByClientId(account, id("a"))))
    }
  })))

  it.effect("an answer about another order is no evidence", () => over({}, "native", (connection, stub) => Effect.gen(function*() {
    stub.state.answers = () => Stub.ok({ order: report({ clientId: "b" }) })
    assert.strictEqual((yield* ask(Effect.flip(connection.orderByClientId(account, id("a")))))._tag, "Ambiguous")
    stub.state.answers = () => Stub.ok({ order: report({ clientId: undefined }) })
    assert.strictEqual((yield* ask(Effect.flip(connection.orderByClientId(account, id("a")))))._tag, "Ambiguous")
  })))

  it.effect("an order that cannot be read spoils no other, and is not called missing", () => over({}, "native", (connection, stub) => Effect.gen(function*() {
    const odd = [
      report({ orderId: "o-2", clientId: "off-tick", limit: "6900.1" }), report({ orderId: "o-3", clientId: "nan", qty: "NaN" }),
      report({ orderId: "o-4", clientId: "negative", qty: "-2" }), report({ orderId: "o-5", clientId: "too-full", filled: "3" }),
      report({ orderId: "o-6", clientId: "huge", limit: "9".repeat(60) }), report({ orderId: "o-7", clientId: "empty", qty: "" }),
      report({ orderId: "o-8", clientId: "status", status: "zombie" }), report({ orderId: "o-9", clientId: "symbol", symbol: "NOBODY" }), null, 17
    ]
    stub.state.answers = ({ path }) => path.startsWith("/v1/orders?") ? Stub.ok({ orders: [...odd, report()] }) : path.includes("off-tick") ? Stub.ok({ order: odd[0] }) : undefined
    assert.deepStrictEqual((yield* ask(connection.workingOrders(account))).map(({ clientOrderId }) => clientOrderId), [id("a")])
    assert.strictEqual((yield* ask(Effect.flip(connection.orderByClientId(account, id("off-tick")))))._tag, "Ambiguous")
  })))

  it.effect("strangers' orders are shown under names of their own, and the second of two with one client id too", () => over({}, "native", (connection, stub) => Effect.gen(function*() {
    stub.state.answers = ({ method, path }) => method === "GET" && path.startsWith("/v1/orders?")
      ? Stub.ok({ orders: [report(), report({ orderId: "o-2" }), report(), report({ orderId: "o-3", clientId: undefined }), report({ orderId: "o-4", clientId: "By Hand" })] })
      : undefined
    const names = (yield* ask(connection.workingOrders(account))).map(({ clientOrderId }) => clientOrderId)
    assert.deepStrictEqual(names, [id("a"), id("venue-o-2"), id("venue-o-3"), id("venue-o-4")])
    stub.sent.length = 0
    yield* ask(connection.cancel(account, id("venue-o-4")))
    assert.strictEqual(stub.sent[0]?.path, "/v1/orders/By%20Hand?account=A1")
    assert.strictEqual((yield* ask(Effect.flip(connection.cancel(account, id("venue-o-3")))))._tag, "Unsupported")
    assert.strictEqual((yield* ask(Effect.flip(connection.cancel(account, id("venue-o-2")))))._tag, "Unsupported")
  })))
})

describe("positions", () => {
  const seen = (positions: ReadonlyArray<unknown>, asOf?: number) => over({}, "native", (connection, stub) => Effect.gen(function*() {
    const nowMs = yield* Clock.currentTimeMillis
    stub.state.answers = () => Stub.ok({ positions, asOf: asOf ?? nowMs })
    return yield* ask(connection.positions(account)).pipe(
      Effect.map((all) => all.map(({ instrumentId, net }) => `${instrumentId} ${net}`).join(", ")),
      Effect.catch((error) => Effect.succeed(error._tag))
    )
  }))

  for (const [name, positions, expected] of [
    ["ours and what the house does not know are shown", [{ symbol: "MESZ26", net: "-3" }, { symbol: "ODDZ26", net: "1.5" }, { symbol: "GC Z6/26", net: "2" }, { symbol: "HALF", net: "-0.5" }],
      "MESZ26 -3, ODDZ26 3, x-GC_Z6_26 2, HALF -1"],
    ["the same row twice is one", [{ symbol: "MESZ26", net: "1" }, { symbol: "MESZ26", net: "1" }], "MESZ26 1"],
    ["two that differ are no answer", [{ symbol: "MESZ26", net: "1" }, { symbol: "MESZ26", net: "2" }], "Ambiguous"],
    ["one that cannot be read is not taken for none", [{ symbol: "MESZ26", net: "NaN" }], "Ambiguous"],
    ["half a lot of ours is no answer", [{ symbol: "MESZ26", net: "0.5" }], "Ambiguous"]
  ] as const) it.effect(name, () => Effect.map(seen(positions), (text) => assert.strictEqual(text, expected)))

  it.effect("older than a fill that was told, or than the last answer, they say nothing", () => over({}, "native", (connection, stub) => Effect.gen(function*() {
    const nowMs = yield* Clock.currentTimeMillis
    let asOf = nowMs - 1_000
    stub.state.answers = ({ path }) => path.startsWith("/v1/positions") ? Stub.ok({ positions: [], asOf }) : undefined
    yield* ask(connection.positions(account))
    stub.socket().push({ type: "fill", account: "A1", fill: { fillId: "f-1", orderId: "o-1", clientId: "a", symbol: "MESZ26", side: "buy", qty: "1", price: "6900.1375", fee: "0.62", at: nowMs } })
    yield* TestClock.adjust("1 seconds")
    assert.strictEqual((yield* ask(Effect.flip(connection.positions(account))))._tag, "Ambiguous")
    asOf = nowMs + 500
    yield* ask(connection.positions(account))
    asOf = nowMs + 400
    assert.strictEqual((yield* ask(Effect.flip(connection.positions(account))))._tag, "Ambiguous")
  })))
})

describe("fills", () => {
  it.effect("count once, keep their exact price, and those that cannot be read spoil no other", () => over({}, "native", (connection, stub) => Effect.gen(function*() {
    const fill = { fillId: "f-1", orderId: "o-1", clientId: "a", symbol: "MESZ26", side: "buy", qty: "1", price: "6900.1375", fee: "-0.01", at: 5 }
    stub.state.answers = () => Stub.ok({ fills: [fill, fill, { ...fill, fillId: "f-2", price: "-1" }, { ...fill, fillId: "f-3", qty: "0.5" }, { ...fill, fillId: "f-4", clientId: "By Hand" }, {}] })
    const fills = yield* ask(connection.fillsSince(account, 100_000))
    assert.deepStrictEqual(fills.map(({ id: of, clientOrderId, price }) => [of, clientOrderId, BigDecimal.format(price)]), [
      ["f-1", "a", "6900.1375"], ["f-4", undefined, "6900.1375"]
    ] as ReadonlyArray<unknown>)
    assert.include(stub.sent[0]?.path ?? "", "since=40000")
  })))
})
