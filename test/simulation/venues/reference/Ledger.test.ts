/** The books of the reference venue, by what a customer asks and the ledger says. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { customer, plan } from "#test/simulation/venues/reference/support.ts"

const bracket = { protect: { stop: { clientId: "s", stop: "4990" }, target: { clientId: "t", limit: "5010" } } }

const statusOf = (answer: { readonly body: { readonly [key: string]: unknown } }): unknown => {
  const { order } = answer.body
  return typeof order === "object" && order !== null && "status" in order ? order.status : undefined
}

it.effect("cash is exact: buys at the ask, sells at the bid, pays its fees", () =>
  Effect.gen(function*() {
    const { ask, kinds, order, venue } = yield* customer()
    yield* order({ clientId: "a", qty: "3" })
    venue.market.set("MESZ26", "5001.5")
    yield* order({ clientId: "b", side: "sell", qty: "2" })
    venue.market.set("MESZ26", "4999")
    yield* order({ clientId: "c", side: "sell", qty: "1" })
    assert.deepStrictEqual(kinds("fill").map(({ fee, price, qty }) => [price, qty, fee]), [["5000.25", "3", "1.86"], ["5001.5", "2", "1.24"], ["4999", "1", "0.62"]])
    // 2 x 1.25 x 5 - 1 x 1.25 x 5 = 6.25, less 6 x 0.62
    assert.strictEqual((yield* ask("GET", "balance?account=A1")).body["cash"], "50002.53")
    assert.deepStrictEqual((yield* ask("GET", "positions?account=A1")).body["positions"], [])
  }))

it.effect("children wait for the parent, follow what it filled, and one ends the other", () =>
  Effect.gen(function*() {
    const { ask, kinds, order, venue } = yield* customer()
    yield* order({ clientId: "e", type: "limit", limit: "4995", qty: "2", ...bracket })
    assert.strictEqual(statusOf(yield* ask("GET", "orders/s?account=A1")), "held")
    venue.market.walkTo("MESZ26", "4994")
    assert.deepStrictEqual(["e", "s", "t"].map((id) => kinds("state").findLast(({ clientId }) => clientId === id)?.status), ["filled", "working", "working"])
    assert.strictEqual(kinds("fill")[0]?.price, "4995")
    venue.market.walkTo("MESZ26", "5012")
    assert.strictEqual(statusOf(yield* ask("GET", "orders/t?account=A1")), "filled")
    assert.strictEqual(statusOf(yield* ask("GET", "orders/s?account=A1")), "canceled")
    assert.deepStrictEqual(kinds("fill").map(({ price }) => price), ["4995", "5010"])
    assert.strictEqual(kinds("position").at(-1)?.net, "0")
  }))

it.effect("children go with a parent that ends unfilled", () =>
  Effect.gen(function*() {
    const { ask, order } = yield* customer()
    yield* order({ clientId: "e", type: "limit", limit: "4995", ...bracket })
    yield* ask("DELETE", "orders/e?account=A1")
    assert.deepStrictEqual((yield* ask("GET", "orders?account=A1")).body["orders"], [])
    assert.strictEqual((yield* ask("DELETE", "orders/e?account=A1")).status, 422)
    assert.strictEqual((yield* ask("DELETE", "orders/nobody?account=A1")).status, 404)
  }))

it.effect("a stop fills at its price on the way, and at the open of a gap", () =>
  Effect.gen(function*() {
    const { kinds, order, venue } = yield* customer()
    yield* order({ clientId: "s1", side: "sell", type: "stop", stop: "4995" })
    venue.market.walkTo("MESZ26", "4990")
    yield* order({ clientId: "s2", side: "sell", type: "stop", stop: "4985" })
    venue.market.set("MESZ26", "4980")
    yield* order({ clientId: "b1", type: "stop", stop: "4990" })
    venue.market.set("MESZ26", "5000")
    yield* order({ clientId: "l1", side: "sell", type: "limit", limit: "5005" })
    venue.market.set("MESZ26", "5010")
    assert.deepStrictEqual(kinds("fill").map(({ clientId, price }) => [clientId, price]), [["s1", "4995"], ["s2", "4980"], ["b1", "5000.25"], ["l1", "5010"]])
  }))

it.effect("a stop with a limit waits where a gap jumped past both; what must fill at once or not at all does not rest", () =>
  Effect.gen(function*() {
    const { kinds, order, venue } = yield* customer()
    const fields = { type: "stopLimit", stop: "5005", limit: "5006" }
    yield* order({ clientId: "a", ...fields })
    venue.market.walkTo("MESZ26", "5010")
    assert.deepInclude(kinds("fill").at(-1), { clientId: "a", price: "5005" })
    venue.market.set("MESZ26", "5000")
    yield* order({ clientId: "b", ...fields })
    venue.market.set("MESZ26", "5010")
    assert.strictEqual(kinds("fill").length, 1)
    venue.market.walkTo("MESZ26", "5001")
    assert.deepInclude(kinds("fill").at(-1), { clientId: "b", price: "5006" })
    yield* order({ clientId: "c", type: "limit", limit: "4000", tif: "ioc" })
    assert.deepInclude(kinds("state").at(-1), { clientId: "c", status: "canceled" })
    yield* order({ clientId: "d", type: "limit", limit: "5002", tif: "fok" })
    assert.deepInclude(kinds("fill").at(-1), { clientId: "d", price: "5001.25" })
  }))

it.effect("reduceOnly cuts to what is there in the native style and is ignored in the plain one", () =>
  Effect.gen(function*() {
    const native = yield* customer()
    assert.strictEqual((yield* native.order({ clientId: "r0", side: "sell", reduceOnly: true })).status, 422)
    yield* native.order({ clientId: "e" })
    yield* native.order({ clientId: "r", side: "sell", qty: "3", reduceOnly: true })
    assert.strictEqual(native.kinds("position").at(-1)?.net, "0")
    assert.strictEqual(native.kinds("state").at(-1)?.status, "canceled")
    const plain = yield* customer({ style: "plain" })
    yield* plain.order({ clientId: "r", side: "sell", qty: "3", reduceOnly: true })
    assert.strictEqual(plain.kinds("position").at(-1)?.net, "-3")
    assert.strictEqual((yield* plain.order({ clientId: "e", ...bracket })).status, 422)
  }))

it.effect("close goes against what is held and never through zero", () =>
  Effect.gen(function*() {
    const { ask, kinds, order } = yield* customer()
    assert.strictEqual((yield* ask("POST", "close", { account: "A1", symbol: "MESZ26", clientId: "x0" })).status, 422)
    yield* order({ clientId: "e", side: "sell", qty: "3" })
    yield* ask("POST", "close", { account: "A1", symbol: "MESZ26", clientId: "x1", qty: "1" })
    assert.strictEqual(kinds("position").at(-1)?.net, "-2")
    yield* ask("POST", "close", { account: "A1", symbol: "MESZ26", clientId: "x2", qty: "9" })
    assert.strictEqual(kinds("position").at(-1)?.net, "0")
    assert.deepInclude(kinds("state").findLast(({ clientId }) => clientId === "x2"), { status: "filled", qty: "2" })
  }))

it.effect("a change counts the whole order; the same client id twice is two orders", () =>
  Effect.gen(function*() {
    const { ask, kinds, order } = yield* customer()
    yield* order({ clientId: "l", type: "limit", limit: "4990", qty: "2" })
    const changed = yield* ask("PATCH", "orders/l?x", { account: "A1", qty: "5", limit: "4991" })
    assert.deepInclude(changed.body["order"], { qty: "5", limit: "4991", status: "working" })
    assert.strictEqual((yield* ask("PATCH", "orders/l", { account: "A1", qty: "5", stop: "1" })).status, 422)
    yield* order({ clientId: "l", type: "limit", limit: "4990" })
    assert.strictEqual(new Set(kinds("order").map(({ orderId }) => orderId)).size, 2)
    assert.deepStrictEqual((yield* ask("DELETE", "orders?account=A1&symbol=MESZ26")).body, { canceled: 2 })
  }))

it.effect("what is no multiple of tick or step, or lacks a price, is refused", () =>
  Effect.gen(function*() {
    const { order } = yield* customer()
    for (const wrong of [{ qty: "0" }, { qty: "1.5" }, { qty: "NaN" }, { type: "limit", limit: "5000.1" }, { type: "stop" }, { limit: "5000" }, { symbol: "ESZ26" }, { account: "B9" }]) {
      assert.strictEqual((yield* order(wrong)).status, 422, JSON.stringify(wrong))
    }
    assert.strictEqual((yield* order({ side: "up" })).status, 400)
  }))

it.effect("shut markets take no orders and open with a gap; orders expire at their instant", () =>
  Effect.gen(function*() {
    const { ask, kinds, order, venue } = yield* customer()
    yield* order({ clientId: "s", side: "sell", type: "stop", stop: "4995" })
    yield* order({ clientId: "l", type: "limit", limit: "4000", expiresAt: 90_000 })
    venue.market.open("MESZ26", false)
    venue.market.set("MESZ26", "4980")
    assert.deepInclude((yield* order({ clientId: "x" })).body["error"], { code: "market_closed" })
    assert.strictEqual(kinds("fill").length, 0)
    venue.market.open("MESZ26", true)
    assert.strictEqual(kinds("fill")[0]?.price, "4980")
    yield* TestClock.adjust("90 seconds")
    assert.strictEqual(statusOf(yield* ask("GET", "orders/l?account=A1")), "expired")
  }))

it.effect("an hour of the seed's market fills resting orders inside its bars, twice the same", () =>
  Effect.gen(function*() {
    const hour = Effect.gen(function*() {
      const { ask, order, venue } = yield* customer({ market: { everyMs: 60_000 } }, true)
      const price = Number(venue.market.price("MESZ26"))
      for (let step = 1; step <= 8; step++) {
        yield* order({ clientId: `b${step}`, type: "limit", limit: String(price - step), ...bracket })
        yield* order({ clientId: `s${step}`, type: "stop", stop: String(price + step) })
      }
      yield* TestClock.adjust("1 hour")
      const { bars } = (yield* ask("GET", "bars?symbol=MESZ26&from=0&to=99999999999&step=60000")).body
      return { ledger: JSON.stringify(venue.ledger), bars: JSON.stringify(bars), fills: venue.ledger.filter(({ kind }) => kind === "fill").length }
    }).pipe(Effect.scoped, Effect.provide(TestClock.layer()))
    const [first, second] = [yield* hour, yield* hour]
    assert.isAbove(first.fills, 3)
    assert.isAbove(JSON.parse(first.bars).length, 55)
    assert.strictEqual(first.ledger, second.ledger)
    assert.strictEqual(first.bars, second.bars)
  }))

it.effect("a script leads the price: what it passes fills at its own price, what it jumps over does not", () =>
  Effect.gen(function*() {
    const { kinds, order, venue } = yield* customer()
    yield* order({ clientId: "l", type: "limit", limit: "4990" })
    yield* order({ clientId: "s", side: "sell", type: "stop", stop: "4980" })
    venue.market.script("MESZ26", [{ afterMs: 10_000, price: "4985" }, { afterMs: 20_000, price: "4970", isGap: true }])
    yield* TestClock.adjust("5 seconds")
    assert.strictEqual(venue.market.price("MESZ26"), "4992.5")
    yield* TestClock.adjust("20 seconds")
    assert.deepStrictEqual(kinds("fill").map(({ clientId, price }) => [clientId, price]), [["l", "4990"], ["s", "4970"]])
    venue.market.script("MESZ26", [])
    assert.isFalse(venue.symbols()[0]?.isScripted)
  }))

it.effect("an outage: nobody is answered, streams end, the ledger says when", () =>
  Effect.gen(function*() {
    const { ask, kinds, raw, token, venue } = yield* customer()
    const closes: Array<number> = []
    venue.connect(token(), { frame: () => {}, close: (code) => void closes.push(code) })
    venue.outage("refused")
    assert.strictEqual((yield* Effect.flip(raw("GET", "instruments"))).kind, "refused")
    venue.outage(undefined)
    assert.strictEqual((yield* ask("GET", "instruments")).status, 200)
    assert.deepStrictEqual(closes, [1006])
    assert.deepStrictEqual(kinds("reach").filter(({ session }) => session === undefined).map(({ up }) => up), [true, false, true])
  }))

it.effect("a sign-in has its requests per minute, and its token a day", () =>
  Effect.gen(function*() {
    const { ask } = yield* customer({ requestsPerMinute: 3 })
    for (const status of [200, 200, 200, 429]) assert.strictEqual((yield* ask("GET", "instruments")).status, status)
    yield* TestClock.adjust("1 minute")
    assert.strictEqual((yield* ask("GET", "instruments")).status, 200)
    yield* TestClock.adjust("1 day")
    assert.strictEqual((yield* ask("GET", "instruments")).status, 401)
  }))

it.effect("with faults too: one seed, one ledger", () =>
  Effect.gen(function*() {
    const run = (seed: number) => Effect.gen(function*() {
      const { ask, order, signIn, token, venue } = yield* customer({ seed, market: { everyMs: 60_000 } }, true)
      venue.faults.set(plan("F2:p=0.1 F3:p=0.1 F5:p=0.1 F14:p=0.3 F15:p=0.3 F17:p=0.5 F18:p=0.2 F19:p=0.3 F20:p=0.01 F21:p=0.02 F23:p=0.2 F31:p=0.02 F33:p=0.01 F34:p=0.005 F37:p=0.05"))
      for (let minute = 0; minute < 120; minute++) {
        venue.connect(token(), { frame: () => {}, close: () => {} })
        const price = Number(venue.market.price("MESZ26"))
        yield* Effect.forkScoped(Effect.ignore(order({ clientId: `e${minute}`, qty: "3", protect: { stop: { clientId: `s${minute}`, stop: String(price - 5) }, target: { clientId: `t${minute}`, limit: String(price + 5) } } })))
        yield* Effect.forkScoped(Effect.ignore(ask("DELETE", `orders/s${minute - 3}?account=A1`)))
        yield* TestClock.adjust("1 minute")
        yield* Effect.forkScoped(Effect.ignore(signIn))
        yield* TestClock.adjust("1 second")
      }
      return JSON.stringify(venue.ledger)
    }).pipe(Effect.scoped, Effect.provide(TestClock.layer()))
    const first = yield* run(11)
    assert.strictEqual(yield* run(11), first)
    assert.notStrictEqual(yield* run(12), first)
    for (const name of ["F3", "F14", "F15", "F18", "F19", "F20", "F21", "F23", "F33"]) assert.include(first, `"name":"${name}"`)
  }))
