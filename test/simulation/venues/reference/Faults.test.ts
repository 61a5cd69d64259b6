/** Each fault as the customer sees it on the wire, on virtual time; and what the ledger knows of it. */
import { assert, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Result } from "effect"
import { TestClock } from "effect/testing"
import type { Options } from "#src/simulation/venues/reference/Core.ts"
import { customer, plan } from "#test/simulation/venues/reference/support.ts"

const children = { protect: { stop: { clientId: "s", stop: "4990" }, target: { clientId: "t", limit: "5010" } } }
const bracket = { clientId: "e", qty: "2", ...children }

/** A customer who listens; the plan begins once the stream is open. */
const listening = (text: string, given: Partial<Options> = {}) =>
  Effect.gen(function*() {
    const one = yield* customer(given)
    const frames: Array<string> = []
    const closes: Array<number> = []
    const listen = () => Result.getOrThrow(one.venue.connect(one.token(), { frame: (frame) => void frames.push(frame), close: (code) => void closes.push(code) }))
    const wire = listen()
    one.venue.faults.set(plan(text))
    const hits = (name: string) => one.venue.faults.counts()[name]?.hits ?? 0
    const faults = () => one.kinds("fault").map(({ name }) => name)
    const seen = () => frames.map((frame): { readonly [key: string]: unknown } => JSON.parse(frame))
    const events = () => seen().filter(({ type }) => type === "order" || type === "fill" || type === "position")
    return { ...one, frames, closes, wire, listen, hits, faults, seen, events }
  })

/** `order working`, `fill`, `position` and so on. */
const shape = (events: ReadonlyArray<{ readonly [key: string]: unknown }>): ReadonlyArray<string> =>
  events.map(({ order, type }) => typeof order === "object" && order !== null && "status" in order ? `order ${String(order.status)}` : String(type))

it.effect("F1 F2 F9 nothing is done; F3 it is", () =>
  Effect.gen(function*() {
    const { faults, kinds, raw, venue } = yield* listening("F1:n=1 F9:n=1 F2:n=1 F3:n=1")
    const send = Effect.flip(raw("POST", "orders", { account: "A1", clientId: "e", symbol: "MESZ26", side: "buy", type: "market", qty: "1" }))
    const first = yield* send
    assert.deepInclude(first, { kind: "refused", isDone: false })
    assert.include(["dns", "tls"], (yield* send).kind)
    assert.deepInclude(yield* send, { kind: "reset", isDone: false })
    assert.strictEqual(kinds("order").length, 0)
    assert.deepInclude(yield* send, { kind: "reset", isDone: true })
    assert.strictEqual(kinds("position").at(-1)?.net, "1")
    assert.deepStrictEqual(faults(), ["F1", "F9", "F2", "F3"])
    assert.isEmpty(venue.ledger.filter(({ kind }) => kind === "told"))
  }))

it.effect("F4 vanishes for a minute; F5 is done at once and answered late", () =>
  Effect.gen(function*() {
    const { kinds, order } = yield* listening("F4:n=1 F5:every=1,ms=7000")
    const lost = yield* Effect.forkChild(order({ clientId: "a" }))
    yield* TestClock.adjust("59 seconds")
    assert.isUndefined(lost.pollUnsafe())
    yield* TestClock.adjust("1 second")
    assert.isTrue(Exit.isFailure(yield* Fiber.await(lost)))
    assert.strictEqual(kinds("order").length, 0)
    const slow = yield* Effect.forkChild(order({ clientId: "b" }))
    yield* TestClock.adjust("6 seconds")
    assert.strictEqual(kinds("position").at(-1)?.net, "1")
    assert.isUndefined(slow.pollUnsafe())
    yield* TestClock.adjust("1 second")
    assert.strictEqual((yield* Fiber.join(slow)).status, 200)
  }))

it.effect("a plain stream numbers its frames, tells after the answer, beats", () =>
  Effect.gen(function*() {
    const { events, kinds, order, seen } = yield* listening("")
    yield* order({ clientId: "e" })
    assert.isEmpty(events())
    yield* TestClock.adjust("30 seconds")
    assert.deepStrictEqual(shape(seen()), ["hello", "order working", "fill", "order filled", "position", "heartbeat", "heartbeat", "heartbeat"])
    assert.deepStrictEqual(seen().map(({ seq }) => seq), [1, 2, 3, 4, 5, 6, 7, 8])
    assert.deepStrictEqual(kinds("told").map(({ how, status }) => [how, status]), [["stream", "working"], ["stream", undefined], ["stream", "filled"]])
  }))

it.effect("F6 a storm, F7 silence, F8 a missed beat, F10 a gap, F4 a dead stream", () =>
  Effect.gen(function*() {
    const storm = yield* listening("F6:n=1,burst=2")
    storm.listen()
    storm.listen()
    assert.deepStrictEqual(storm.closes, [1012, 1012])
    storm.listen()
    assert.strictEqual(storm.closes.length, 2)

    for (const silent of ["F7:n=2", "F4:n=2"]) {
      const { closes, frames } = yield* listening(silent)
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual([frames.length, closes.length], [2, 0], silent)
    }
    const missed = yield* listening("F8:n=2")
    yield* TestClock.adjust("30 seconds")
    assert.strictEqual(missed.frames.length, 3)

    const gap = yield* listening("F10:n=2")
    yield* gap.order({ clientId: "e" })
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(gap.seen().map(({ seq }) => seq), [1, 2, 4, 5])
    assert.isEmpty(gap.kinds("told").filter(({ fillId }) => fillId !== undefined))
  }))

it.effect("F11 twice, F12 before the answer, F13 acceptance last, F22 position first", () =>
  Effect.gen(function*() {
    const told = (text: string) => Effect.gen(function*() {
      const one = yield* listening(text)
      const answer = yield* Effect.forkChild(one.order({ clientId: "e" }))
      yield* Effect.yieldNow
      const before = shape(one.events())
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(answer)
      return { before, after: shape(one.events()) }
    })
    assert.deepStrictEqual((yield* told("F11")).after, ["order working", "fill", "fill", "order filled", "position"])
    const early = yield* told("F12")
    assert.deepStrictEqual(early.before, ["order working", "fill", "order filled", "position"])
    assert.deepStrictEqual(early.after, early.before)
    assert.deepStrictEqual((yield* told("F13")).after, ["fill", "order filled", "position", "order working"])
    assert.deepStrictEqual((yield* told("F22")).after, ["order working", "position", "fill", "order filled"])
  }))

it.effect("F14 parts, then the rest canceled: the stop is as large as what filled", () =>
  Effect.gen(function*() {
    const { hits, kinds, order } = yield* listening("F14")
    yield* order({ ...bracket, qty: "5" })
    assert.strictEqual(hits("F14"), 1)
    const entry = kinds("state").findLast(({ clientId }) => clientId === "e")
    assert.strictEqual(entry?.status, "canceled")
    assert.isAbove(Number(entry?.filled), 0)
    assert.isBelow(Number(entry?.filled), 5)
    assert.deepInclude(kinds("state").findLast(({ clientId }) => clientId === "s"), { status: "working", qty: entry?.filled ?? "" })
  }))

it.effect("F15 a fill after the cancel; F16 a change accepted on a filled order; F17 a worse stop", () =>
  Effect.gen(function*() {
    const late = yield* listening("F15:ms=1500")
    yield* late.order({ clientId: "l", type: "limit", limit: "4990" })
    assert.strictEqual((yield* late.ask("DELETE", "orders/l?account=A1")).status, 200)
    yield* TestClock.adjust("1 second")
    assert.strictEqual(late.kinds("state").at(-1)?.status, "canceled")
    yield* TestClock.adjust("1 second")
    assert.deepInclude(late.kinds("fill")[0], { clientId: "l", price: "4990" })
    assert.strictEqual(shape(late.events()).join(), "order working,order canceled,fill,order filled,position")

    const changed = yield* listening("F16")
    yield* changed.order({ clientId: "l", type: "limit", limit: "4990" })
    const answer = yield* changed.ask("PATCH", "orders/l", { account: "A1", qty: "2", limit: "4991" })
    assert.strictEqual(answer.status, 200)
    assert.deepInclude(changed.kinds("fill")[0], { clientId: "l", qty: "1", price: "4990" })

    const worse = yield* listening("F17")
    yield* worse.order({ clientId: "s", side: "sell", type: "stop", stop: "4995" })
    worse.venue.market.walkTo("MESZ26", "4990")
    assert.isBelow(Number(worse.kinds("fill")[0]?.price), 4995)
  }))

it.effect("F18 the protective stop is rejected, in both styles; F19 the sibling stays; F37 only cancel and close", () =>
  Effect.gen(function*() {
    const native = yield* listening("F18")
    yield* native.order(bracket)
    assert.strictEqual(native.kinds("state").findLast(({ clientId }) => clientId === "s")?.status, "rejected")
    assert.strictEqual(native.kinds("state").findLast(({ clientId }) => clientId === "t")?.status, "working")

    const simple = yield* listening("F18", { style: "plain" })
    yield* simple.order({ clientId: "e" })
    assert.strictEqual((yield* simple.order({ clientId: "s", side: "sell", type: "stop", stop: "4990" })).status, 200)
    assert.strictEqual(simple.kinds("state").at(-1)?.status, "rejected")

    const sibling = yield* listening("F19")
    yield* sibling.order(bracket)
    sibling.venue.market.walkTo("MESZ26", "5010")
    sibling.venue.market.walkTo("MESZ26", "4990")
    assert.strictEqual(sibling.kinds("position").at(-1)?.net, "-2")

    const disabled = yield* listening("F37:ms=5000", { style: "plain" })
    yield* disabled.order({ clientId: "e" })
    assert.deepInclude((yield* disabled.order({ clientId: "s", side: "sell", type: "stop", stop: "4990" })).body["error"], { code: "disabled" })
    assert.strictEqual((yield* disabled.ask("POST", "close", { account: "A1", symbol: "MESZ26", clientId: "x" })).status, 200)
    yield* TestClock.adjust("5 seconds")
    assert.strictEqual((yield* disabled.order({ clientId: "f", type: "limit", limit: "4000" })).status, 200)
  }))

it.effect("F20 all canceled, F21 a trade by hand, F33 kicked, F34 maintenance: with the heartbeat, or at once when struck", () =>
  Effect.gen(function*() {
    const one = yield* listening("F20:n=1 F21:n=2")
    yield* one.order({ clientId: "l", type: "limit", limit: "4000" })
    yield* TestClock.adjust("10 seconds")
    assert.deepInclude(one.kinds("state").at(-1), { clientId: "l", status: "canceled" })
    yield* TestClock.adjust("11 seconds")
    const byHand = one.kinds("fill").at(-1)
    assert.isDefined(byHand)
    assert.isUndefined(byHand?.clientId)
    assert.include(shape(one.events()), "fill")

    one.venue.faults.strike("F33")
    assert.deepStrictEqual(one.closes, [4001])
    assert.strictEqual((yield* one.ask("GET", "instruments")).status, 401)
    yield* one.signIn
    one.listen()
    one.venue.faults.strike("F34", 20_000)
    assert.deepStrictEqual(one.closes, [4001, 1012])
    assert.deepInclude((yield* one.ask("GET", "instruments")).body["error"], { code: "maintenance" })
    assert.isFalse(one.venue.symbols()[0]?.isOpen)
    yield* TestClock.adjust("20 seconds")
    assert.strictEqual((yield* one.ask("GET", "instruments")).status, 200)
    assert.isTrue(one.venue.symbols()[0]?.isOpen)
    assert.deepStrictEqual(one.kinds("reach").filter(({ session }) => session === undefined).map(({ up }) => up), [true, false, true])
  }))

it.effect("F23 another id from the acceptance on; the client id stays", () =>
  Effect.gen(function*() {
    const { events, kinds, order } = yield* listening("F23")
    const first = (yield* order({ clientId: "e" })).body["orderId"]
    yield* TestClock.adjust("1 second")
    const ids = events().flatMap(({ fill, order: told }) => [fill, told]).flatMap((value) =>
      typeof value === "object" && value !== null && "orderId" in value ? [value.orderId] : [])
    assert.strictEqual(ids[0], first)
    assert.notInclude(ids.slice(1), first)
    assert.deepStrictEqual([...new Set(kinds("fill").map(({ orderId }) => orderId))], [first])
  }))

it.effect("F24 both ways of 429, F25 a ticket, F26 an error in a 200: nothing done; F27 a 5xx: done", () =>
  Effect.gen(function*() {
    const limited = yield* listening("F24")
    const after = new Set<boolean>()
    for (let count = 0; count < 12; count++) {
      const answer = yield* limited.order({ clientId: `e${count}` })
      assert.strictEqual(answer.status, 429)
      after.add("retry-after" in answer.headers)
    }
    assert.strictEqual(after.size, 2)
    const { kinds, order, venue } = yield* listening("F25")
    assert.property((yield* order({ clientId: "a" })).body, "penalty")
    venue.faults.set(plan("F26"))
    const refused = yield* order({ clientId: "b" })
    assert.strictEqual(refused.status, 200)
    assert.property(refused.body, "error")
    assert.strictEqual(kinds("order").length, 0)
    venue.faults.set(plan("F27"))
    assert.isAtLeast((yield* order({ clientId: "c" })).status, 500)
    assert.strictEqual(kinds("position").at(-1)?.net, "1")
  }))

it.effect("F28 damaged answers and frames of every kind; only the readable ones count as told", () =>
  Effect.gen(function*() {
    const { ask, frames, kinds, order, venue } = yield* listening("")
    yield* order({ clientId: "e", type: "limit", limit: "4000" })
    yield* TestClock.adjust("1 second")
    venue.faults.set(plan("F28"))
    const texts = new Set<string>()
    for (let count = 0; count < 60; count++) texts.add((yield* ask("GET", "orders/e?account=A1")).text)
    assert.strictEqual(texts.size, 6)
    const before = kinds("told").length
    for (let count = 0; count < 10; count++) yield* order({ clientId: `x${count}`, type: "limit", limit: "4000" })
    yield* TestClock.adjust("1 second")
    assert.isAbove(frames.length, 10)
    assert.isBelow(kinds("told").length - before, 10)
  }))

it.effect("F29 half a minute old, F30 not found for 5 s", () =>
  Effect.gen(function*() {
    const { ask, order, venue } = yield* listening("")
    yield* order({ clientId: "e", type: "limit", limit: "4000" })
    yield* TestClock.adjust("40 seconds")
    yield* order({ clientId: "m" })
    yield* ask("DELETE", "orders/e?account=A1")
    venue.faults.set(plan("F29"))
    const positions = yield* ask("GET", "positions?account=A1")
    assert.deepStrictEqual(positions.body, { positions: [], asOf: 10_000 })
    assert.deepInclude((yield* ask("GET", "balance?account=A1")).body, { cash: "50000" })
    const stale = yield* ask("GET", "orders?account=A1")
    assert.include(stale.text, '"clientId":"e"')
    venue.faults.off()
    assert.notInclude((yield* ask("GET", "orders?account=A1")).text, '"clientId":"e"')
    assert.include((yield* ask("GET", "positions?account=A1")).text, '"net":"1"')

    yield* order({ clientId: "h", type: "limit", limit: "4000" })
    venue.faults.set(plan("F30:n=1"))
    assert.strictEqual((yield* ask("GET", "orders/h?account=A1")).status, 404)
    assert.notInclude((yield* ask("GET", "orders?account=A1")).text, '"clientId":"h"')
    yield* TestClock.adjust("4900 millis")
    assert.strictEqual((yield* ask("GET", "orders/h?account=A1")).status, 404)
    yield* TestClock.adjust("100 millis")
    assert.strictEqual((yield* ask("GET", "orders/h?account=A1")).status, 200)
  }))

it.effect("F31 the token ends before the order, F32 no renewal; a second sign-in ends the first", () =>
  Effect.gen(function*() {
    const { ask, closes, kinds, listen, order, signIn } = yield* listening("F31:n=1 F32:n=1")
    assert.strictEqual((yield* order({ clientId: "e" })).status, 401)
    assert.strictEqual(kinds("order").length, 0)
    assert.deepStrictEqual(closes, [4002])
    yield* signIn
    listen()
    assert.strictEqual((yield* ask("POST", "session/renew")).status, 401)
    assert.property((yield* ask("POST", "session/renew")).body, "token")
    yield* signIn
    assert.deepStrictEqual(closes, [4002, 4001])
    assert.strictEqual((yield* ask("POST", "session", { key: "demo", secret: "wrong" })).status, 401)
  }))

it.effect("F35 a halt begins as the order comes; F36 the contract takes what closes only", () =>
  Effect.gen(function*() {
    const { kinds, order, venue } = yield* listening("")
    yield* order({ clientId: "e" })
    venue.faults.set(plan("F35:n=1,ms=10000"))
    assert.deepInclude((yield* order({ clientId: "f" })).body["error"], { code: "market_closed" })
    yield* TestClock.adjust("10 seconds")
    assert.deepStrictEqual(kinds("market").map(({ open }) => open), [true, false, true])
    venue.faults.set(plan("F36:n=1"))
    assert.deepInclude((yield* order({ clientId: "g" })).body["error"], { code: "invalid" })
    assert.strictEqual((yield* order({ clientId: "h", side: "sell" })).status, 200)
    assert.strictEqual((yield* order({ clientId: "i" })).status, 422)
    yield* TestClock.adjust("10 minutes")
    assert.strictEqual((yield* order({ clientId: "j" })).status, 200)
  }))
