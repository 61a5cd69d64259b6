/** What becomes of a request whose answer is lost, late, wrong or a no: certain where it is certain, and never sent again. */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { ClientOrderId } from "#schemas/Ids.ts"
import { Lots, Ticks } from "#schemas/Instrument.ts"
import type { VenueError } from "#src/ports/Venue.ts"
import { instrument, order, startMs } from "#test/src/venues/paper/fixture.ts"
import * as Fixture from "#test/venues/tradovate/fixture.ts"
import { ask, pass, signedIn } from "#test/venues/tradovate/signedIn.ts"
import * as Stub from "#test/venues/tradovate/stub.ts"

const { account } = Fixture
const id = (text: string) => ClientOrderId.make(text)
const mine = (name: string, terms: Parameters<typeof order>[3] = {}) => order(name, "buy", 2, { accountId: account, ...terms })

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

const at = (path: string, fate: Stub.Fate) => (asked: Stub.Asked) => asked.path.startsWith(path) ? fate : undefined

/** What the wire does with an order, and what is then known of it. */
const fates: ReadonlyArray<readonly [string, Stub.Fate, string]> = [
  ["refused before any byte", { code: "ECONNREFUSED" }, "Unavailable"],
  ["reset", { code: "ECONNRESET" }, "Ambiguous"],
  ["silence", "silence", "Ambiguous"],
  ["500: the venue's own time-out", Stub.no(500, "timeout"), "Ambiguous"],
  ["502 from a gate", Stub.no(502, "<html></html>"), "Ambiguous"],
  ["408", Stub.no(408), "Ambiguous"],
  ["a redirect", Stub.no(302), "Ambiguous"],
  ["400: malformed", Stub.no(400), "Refused invalid"],
  ["401", Stub.no(401, "Access is denied"), "Unauthenticated"],
  ["404", Stub.no(404), "Refused notFound"],
  ["423: the last warning", Stub.no(423), "RateLimited 60000"],
  ["429: locked out for an hour", Stub.no(429), "RateLimited 3600000"],
  ["a truncated 200", Stub.no(200, "{\"orderId\":1"), "Ambiguous"],
  ["an empty 200", Stub.no(200), "Ambiguous"],
  ["a list", Stub.ok([]), "Ambiguous"],
  ["null", Stub.ok(null), "Ambiguous"],
  ["no order id", Stub.ok({ ok: true }), "Ambiguous"],
  ["an order id that is text", Stub.ok({ orderId: "12" }), "Ambiguous"],
  ["an order id that is no whole number", Stub.ok({ orderId: 1.5 }), "Ambiguous"],
  ["Success without an order", Stub.ok({ failureReason: "Success" }), "Ambiguous"],
  ["a refusal", Stub.ok({ failureReason: "MaxPosLimitReached", failureText: "too many" }), "Refused other"],
  ["a refusal with an order's id beside it", Stub.ok({ orderId: 5, failureReason: "InvalidPrice", failureText: "" }), "Refused invalid"],
  ["a shut session", Stub.ok({ failureReason: "SessionClosed" }), "Refused marketClosed"],
  ["maintenance", Stub.ok({ failureReason: "ExecutionProviderUnavailable" }), "Refused marketClosed"],
  ["locked by the auto-liquidation", Stub.ok({ failureReason: "TradingLocked" }), "Refused other"],
  ["only closing is allowed", Stub.ok({ failureReason: "LiquidationOnly" }), "Refused other"],
  ["an unknown reason of the enumeration", Stub.ok({ failureReason: "UnknownReason", failureText: "Access Denied" }), "Refused other"],
  ["a reason that nobody has heard of", Stub.ok({ failureReason: "MoonPhase" }), "Ambiguous"],
  ["a risk check that was not done in time", Stub.ok({ failureReason: "RiskCheckTimeout" }), "Ambiguous"],
  ["a refusal that cannot be read", Stub.ok({ failureReason: 7 }), "Ambiguous"],
  ["a refusal with a command beside it", Stub.ok({ commandId: 5, failureReason: "InvalidPrice" }), "Ambiguous"],
  ["errorText", Stub.ok({ errorText: "no such account" }), "Refused other"],
  ["errorText and an order", Stub.ok({ errorText: "hm", orderId: 5 }), "Ambiguous"],
  ["violations", Stub.ok({ violations: [{ constraint: "min", value: 0, description: "orderQty is too small" }] }), "Refused invalid"],
  ["a penalty", Stub.ok({ "p-ticket": "t", "p-time": 15 }), "RateLimited 15250"],
  ["a penalty with a captcha", Stub.ok({ "p-ticket": "t", "p-time": 15, "p-captcha": true }), "RateLimited 3600000"],
  ["a penalty that cannot be read", Stub.ok({ "p-ticket": "t", "p-time": "soon" }), "Ambiguous"]
]

describe("an order", () => {
  for (const [name, fate, expected] of fates) {
    it.effect(`${name}: ${expected}, sent once`, () => signedIn(({ connection, stub }) => Effect.gen(function*() {
      stub.state.answers = at("/v1/order/placeorder", fate)
      assert.strictEqual(told(yield* ask(Effect.flip(connection.submit(mine("a"), instrument)))), expected)
      yield* pass(5)
      assert.strictEqual(stub.orders().length, 1)
    })))
  }

  it.effect("Success is no refusal, and what is empty says nothing", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.state.answers = at("/v1/order/placeorder", Stub.ok({ orderId: 12, failureReason: "Success", failureText: "", errorText: "", violations: [] }))
    assert.deepStrictEqual(yield* ask(connection.submit(mine("a"), instrument)), { venueOrderId: "12" })
  })))

  it.effect("no answer brings a secret to light", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.state.answers = ({ path, token }) => path.startsWith("/v1/order/") ? Stub.ok({ errorText: `not with ${token}, ${Fixture.password} or ${Fixture.sec}` }) : undefined
    assert.strictEqual((yield* ask(Effect.flip(connection.submit(mine("a"), instrument)))).message, "not with ***, *** or ***")
  })))

  it.effect("leaves in the venue's words, exact", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    yield* ask(connection.submit(mine("a", { limit: 27_601, stop: 27_600, timeInForce: "day" }), instrument))
    yield* ask(connection.submit(mine("b", { limit: 27_500, expiresAtMs: startMs }), instrument))
    const both = { accountSpec: "DEMO1", accountId: Stub.accountA, action: "Buy", symbol: "MESZ6", orderQty: 2, isAutomated: true }
    assert.deepStrictEqual(stub.orders().map(({ body }) => JSON.parse(body)), [
      { ...both, clOrdId: "a", text: "a", orderType: "StopLimit", price: 6900.25, stopPrice: 6900, timeInForce: "Day" },
      { ...both, clOrdId: "b", text: "b", orderType: "Limit", price: 6875, timeInForce: "GTD", expireTime: Stub.iso(startMs) }
    ])
  })))

  it.effect("with its protection is one request, the children's prices by themselves", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    const child = { accountId: account, reduceOnly: true } as const
    const stop = order("s", "sell", 2, { ...child, leg: "stop", stop: 27_400 })
    yield* ask(connection.submitBracket({ entry: mine("e"), stop, target: order("t", "sell", 2, { ...child, leg: "target", limit: 27_900 }) }, instrument))
    yield* ask(connection.submitBracket({ entry: mine("e2"), stop: { ...stop, id: id("s2") } }, instrument))
    yield* ask(connection.submitBracket({ entry: mine("e3") }, instrument))
    const [first, second, third] = stub.orders().map(({ body, path }) => ({ path, ...JSON.parse(body) }))
    assert.deepInclude(first, {
      path: "/v1/order/placeoso", clOrdId: "e", orderType: "Market", action: "Buy",
      bracket1: { clOrdId: "s", text: "s", orderType: "Stop", stopPrice: 6850, timeInForce: "GTC", action: "Sell" },
      bracket2: { clOrdId: "t", text: "t", orderType: "Limit", price: 6975, timeInForce: "GTC", action: "Sell" }
    })
    assert.deepInclude(second, { path: "/v1/order/placeoso", bracket1: { clOrdId: "s2", text: "s2", orderType: "Stop", stopPrice: 6850, timeInForce: "GTC", action: "Sell" } })
    assert.notProperty(second, "bracket2")
    assert.strictEqual(third.path, "/v1/order/placeorder")
  })))

  it.effect("for an instrument that is another one there does not leave; what protects does", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    const coarse = { ...instrument, tickSize: BigDecimal.fromStringUnsafe("0.5") }
    const dear = { ...instrument, tickValue: BigDecimal.fromStringUnsafe("12.5") }
    for (const wrong of [coarse, dear]) assert.match((yield* ask(Effect.flip(connection.submit(mine("a"), wrong)))).message, /not the same at the venue/)
    const unknown = { ...instrument, id: "ESZ26" as typeof instrument.id }
    assert.match((yield* ask(Effect.flip(connection.submit(mine("a", { instrumentId: "ESZ26" }), unknown)))).message, /no contract ESZ6/)
    assert.strictEqual(stub.orders().length, 0)
    yield* ask(connection.submit(mine("b", { leg: "stop", stop: 10 }), coarse))
    assert.strictEqual(stub.orders().length, 1)
  })))

  it.effect("whose contract cannot be asked for surely did not leave", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.state.answers = at("/v1/contract/find", Stub.no(500))
    const unknown = { ...instrument, id: "ESZ26" as typeof instrument.id }
    assert.strictEqual(told(yield* ask(Effect.flip(connection.submit(mine("a", { instrumentId: "ESZ26" }), unknown)))), "Unavailable")
    assert.strictEqual(stub.orders().length, 0)
  })))
})

const live = { id: 9_001, accountId: Stub.accountA, contractId: Stub.contractId, timestamp: Stub.iso(startMs), action: "Sell", ordStatus: "Working" }
const version = { id: 9_001, orderId: 9_001, orderQty: 2, orderType: "Stop", stopPrice: 6850, timeInForce: "GTC", text: "kept" }

describe("a change", () => {
  it.effect("repeats every field of the version in force, but for what changes", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.socket().props(["order", live], ["orderVersion", version], ["command", { id: 9_001, orderId: 9_001, commandType: "New", clOrdId: "s", commandStatus: "AtExecution" }])
    yield* ask(connection.modify(account, id("s"), { lots: Lots.make(3), stop: Ticks.make(27_440) }))
    assert.deepStrictEqual(stub.orders().map(({ body }) => JSON.parse(body)), [
      { orderId: 9_001, orderQty: 3, orderType: "Stop", stopPrice: 6860, timeInForce: "GTC", text: "kept", isAutomated: true }
    ])
  })))

  it.effect("asks for the version first where the stream has not told it", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.state.answers = ({ path }) => path.startsWith("/v1/order/item") ? Stub.ok(live) : path.startsWith("/v1/orderVersion/deps") ? Stub.ok([version]) :
      path === "/v1/command/list" ? Stub.ok([{ id: 9_001, orderId: 9_001, commandType: "New", clOrdId: "s" }]) : undefined
    yield* ask(connection.modify(account, id("s"), { lots: Lots.make(2), stop: Ticks.make(27_440) }))
    assert.deepInclude(JSON.parse(stub.orders()[0]?.body ?? ""), { orderId: 9_001, stopPrice: 6860 })
  })))

  it.effect("waits while another command of the order is on its way, and for the one before", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.socket().props(["order", live], ["orderVersion", version], ["command", { id: 9_001, orderId: 9_001, commandType: "New", clOrdId: "s" }])
    yield* TestClock.adjust("1 second")
    let left = 2
    stub.state.answers = ({ path }) => path.endsWith("order") && left-- > 0 ? Stub.ok({ failureReason: "AnotherCommandPending" }) : undefined
    const change = connection.modify(account, id("s"), { lots: Lots.make(2), stop: Ticks.make(27_440) })
    yield* ask(change)
    assert.strictEqual(stub.orders().length, 3)
    stub.state.answers = at("/v1/order/modifyorder", Stub.ok({ failureReason: "AnotherCommandPending" }))
    assert.strictEqual(told(yield* ask(Effect.flip(change))), "Refused other")
  })))

  it.effect("of an order that nobody has heard of, or of another account, does not leave", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.socket().props(["order", { ...live, accountId: Stub.accountB }], ["command", { id: 9_001, orderId: 9_001, commandType: "New", clOrdId: "b" }])
    for (const name of ["never", "b"]) {
      assert.strictEqual(told(yield* ask(Effect.flip(connection.modify(account, id(name), { lots: Lots.make(2) })))), "Refused notFound")
      assert.strictEqual(told(yield* ask(Effect.flip(connection.cancel(account, id(name))))), "Refused notFound")
    }
    assert.strictEqual(stub.orders().length, 0)
  })))
})

describe("closing", () => {
  const holding = (netPos: number) => at("/v1/position/list", Stub.ok([{ id: 1, accountId: Stub.accountA, contractId: Stub.contractId, timestamp: Stub.iso(startMs), netPos }]))

  it.effect("all of it is the venue's own call, a part is bound by what is held, of nothing nothing leaves", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    const close = (name: string, lots?: number) => ask(connection.closePosition(account, instrument.id, id(name), lots === undefined ? undefined : Lots.make(lots)))
    stub.state.answers = holding(-3)
    yield* close("all")
    yield* close("part", 2)
    yield* close("more", 9)
    assert.deepStrictEqual(stub.orders().map(({ body, path }) => [path, JSON.parse(body)]), [
      ["/v1/order/liquidateposition", { accountId: Stub.accountA, contractId: Stub.contractId, admin: false, customTag50: "all", isAutomated: true }],
      ["/v1/order/placeorder", {
        accountSpec: "DEMO1", accountId: Stub.accountA, clOrdId: "part", action: "Buy", symbol: "MESZ6", orderQty: 2, orderType: "Market", timeInForce: "Day", isAutomated: true
      }],
      ["/v1/order/liquidateposition", { accountId: Stub.accountA, contractId: Stub.contractId, admin: false, customTag50: "more", isAutomated: true }]
    ])
    stub.state.answers = holding(0)
    assert.strictEqual(told(yield* Effect.flip(close("flat"))), "Refused invalid")
    assert.strictEqual(stub.orders().length, 3)
  })))

  it.effect("does not count on what another close is already taking", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.state.answers = holding(3)
    stub.socket().props(
      ["order", live], ["orderVersion", { ...version, orderType: "Market", stopPrice: undefined }], ["command", { id: 9_001, orderId: 9_001, commandType: "New", clOrdId: "first" }]
    )
    yield* ask(connection.closePosition(account, instrument.id, id("second"), Lots.make(2)))
    assert.strictEqual(JSON.parse(stub.orders()[0]?.body ?? "{}").orderQty, 1)
  })))

  it.effect("all of it leaves as what is left while something closes already, and not at all when nothing is left", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.state.answers = holding(3)
    stub.socket().props(
      ["order", live], ["orderVersion", { ...version, orderType: "Market", stopPrice: undefined }], ["command", { id: 9_001, orderId: 9_001, commandType: "New", clOrdId: "first" }]
    )
    yield* ask(connection.closePosition(account, instrument.id, id("again")))
    assert.deepStrictEqual(stub.orders().map(({ body, path }) => [path, JSON.parse(body).orderQty]), [["/v1/order/placeorder", 1]])
    stub.state.answers = holding(2)
    assert.strictEqual(told(yield* ask(Effect.flip(connection.closePosition(account, instrument.id, id("more"))))), "Refused invalid")
    assert.strictEqual(stub.orders().length, 1)
  })))

  it.effect("an order that the stream left at work, and the venue shows as over, holds up no close", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.state.answers = (asked) => asked.path.startsWith("/v1/order/item?id=9001") ? Stub.ok({ ...live, ordStatus: "Filled" }) : holding(2)(asked)
    stub.socket().props(
      ["order", live], ["orderVersion", { ...version, orderType: "Market", stopPrice: undefined }], ["command", { id: 9_001, orderId: 9_001, commandType: "New", clOrdId: "first" }]
    )
    yield* ask(connection.closePosition(account, instrument.id, id("again")))
    assert.deepStrictEqual(stub.orders().map(({ path }) => path), ["/v1/order/liquidateposition"])
  })))

  it.effect("does not leave while what is held cannot be asked", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.state.answers = at("/v1/position/list", Stub.no(500))
    assert.strictEqual(told(yield* ask(Effect.flip(connection.closePosition(account, instrument.id, id("c"))))), "Unavailable")
    assert.strictEqual(stub.orders().length, 0)
  })))
})

describe("a penalty", () => {
  it.effect("is waited for, and the same request taken with its ticket; others go on", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.state.answers = ({ body, path }) => path === "/v1/order/placeorder" && body.includes("\"a\"") && !body.includes("p-ticket") ? Stub.ok({ "p-ticket": "the-ticket", "p-time": 15 }) : undefined
    const submit = (name: string) => connection.submit(mine(name), instrument)
    yield* ask(Effect.flip(submit("a")))
    assert.strictEqual(told(yield* ask(Effect.flip(submit("a")))).split(" ")[0], "RateLimited")
    assert.strictEqual(stub.orders().length, 1)
    yield* ask(submit("b"))
    yield* pass(16)
    yield* ask(submit("a"))
    assert.deepInclude(JSON.parse(stub.orders().at(-1)?.body ?? "{}"), { clOrdId: "a", "p-ticket": "the-ticket" })
  })))

  for (const [name, fate] of [["with a captcha", Stub.ok({ "p-ticket": "t", "p-time": 1, "p-captcha": true })], ["that locks out", Stub.no(429)]] as const) {
    it.effect(`${name}: nothing at all is sent for an hour`, () => signedIn(({ connection, stub }) => Effect.gen(function*() {
      stub.state.answers = at("/v1/cashBalance", fate)
      yield* ask(Effect.flip(connection.balances(account)))
      stub.state.answers = () => undefined
      const before = stub.sent.length
      yield* pass(60)
      assert.strictEqual(told(yield* ask(Effect.flip(connection.submit(mine("a", { leg: "stop", stop: 5 }), instrument)))).split(" ")[0], "RateLimited")
      assert.strictEqual(stub.sent.length, before)
      yield* TestClock.adjust("1 hour")
      yield* ask(connection.balances(account))
    })))
  }

  it.effect("announced by a 423: what can wait keeps silence, what protects does not", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.state.answers = at("/v1/order/placeorder", Stub.no(423))
    yield* ask(Effect.flip(connection.submit(mine("a"), instrument)))
    stub.state.answers = () => undefined
    assert.strictEqual(told(yield* ask(Effect.flip(connection.balances(account)))).split(" ")[0], "RateLimited")
    yield* ask(connection.submit(mine("s", { leg: "stop", stop: 5 }), instrument))
    yield* pass(61)
    yield* ask(connection.balances(account))
  })))
})

describe("a look-up", () => {
  it.effect("goes by the client id to the order, its version and its fills", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.state.answers = ({ path }) => path.startsWith("/v1/order/item?id=9001") ? Stub.ok(live) : path.startsWith("/v1/orderVersion/deps?masterid=9001") ? Stub.ok([version]) :
      path === "/v1/command/list" ? Stub.ok([{ id: 9_001, orderId: 9_001, commandType: "New", clOrdId: "s" }, { id: 9_005, orderId: 9_001, commandType: "Modify", clOrdId: "t" }]) :
      path.startsWith("/v1/fill/deps") ? Stub.ok([{ id: 9_009, orderId: 9_001, contractId: Stub.contractId, timestamp: Stub.iso(startMs), action: "Sell", qty: 1, price: 6850.25, active: true }]) : undefined
    const found = Option.getOrThrow(yield* ask(connection.orderByClientId(account, id("s"))))
    assert.deepStrictEqual(found, {
      clientOrderId: id("s"), venueOrderId: "9001" as typeof found.venueOrderId, instrumentId: instrument.id, side: "sell", lots: Lots.make(2), filledLots: 1, status: "PartlyFilled", stop: Ticks.make(27_400)
    })
    assert.isTrue(Option.isNone(yield* ask(connection.orderByClientId(account, id("t")))))
  })))

  it.effect("that shows less than the stream has told proves nothing", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    stub.socket().props(["order", { ...live, ordStatus: "Filled" }], ["orderVersion", version], ["command", { id: 9_001, orderId: 9_001, commandType: "New", clOrdId: "s" }])
    yield* TestClock.adjust("1 second")
    assert.strictEqual(told(yield* ask(Effect.flip(connection.orderByClientId(account, id("s"))))), "Ambiguous")
    stub.state.answers = ({ path }) => path.startsWith("/v1/order/item") ? Stub.ok(live) : path.startsWith("/v1/orderVersion/deps") ? Stub.ok([version]) : undefined
    assert.strictEqual(told(yield* ask(Effect.flip(connection.orderByClientId(account, id("s"))))), "Ambiguous")
  })))

  it.effect("of positions older than the stream's word is none, and of many accounts is one request", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    const row = { id: 1, accountId: Stub.accountA, contractId: Stub.contractId, timestamp: Stub.iso(startMs), netPos: 0 }
    stub.state.answers = at("/v1/position/list", Stub.ok([row]))
    yield* ask(Effect.all([1, 2, 3, 4, 5].map(() => connection.positions(account)), { concurrency: "unbounded" }))
    assert.isAtMost(stub.count("/v1/position/list"), 2)
    stub.socket().props(["position", { ...row, timestamp: Stub.iso(startMs + 1_000), netPos: 2 }])
    yield* TestClock.adjust("1 second")
    assert.strictEqual(told(yield* ask(Effect.flip(connection.positions(account)))), "Ambiguous")
  })))
})
