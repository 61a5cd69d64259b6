/** Ctrl+C: what is on its way gets its protection, what stays open is said, and nobody is kept waiting. */
import * as NodePath from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Option } from "effect"
import { folder, write } from "#test/support/folder.ts"
import { houseTexts } from "#test/support/house.ts"
import * as Process from "#test/support/process.ts"

const timed = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fromMs = yield* Clock.currentTimeMillis
    const value = yield* work
    return [value, (yield* Clock.currentTimeMillis) - fromMs] as const
  })

const buy = (house: Process.House) =>
  Effect.map(Process.alert(house, "futures", { strategy: "demo-futures", action: "buy", symbol: "MES1!" }), (answer) =>
    assert.strictEqual(Option.getOrThrow(answer).status, 200))

/** A venue so slow that an order is still on its way when the house is asked to leave. */
const latencyMs = 1_000

/** Asked to leave once, with an order on its way. */
const waiting = Effect.gen(function*() {
  const data = yield* folder
  const config = NodePath.join(data, "config")
  yield* write(config, houseTexts({ venues: { "paper-demo": { paper: { latencyMs } } } }))
  const house = yield* Process.start(data, { config })
  yield* Process.open(house)
  yield* buy(house)
  yield* Process.until("an order on its way", 5_000, Effect.map(Process.ask(house, (client) => client.Orders({})), (orders) =>
    orders.some(({ status }) => status === "Intended") ? Option.some(orders) : JSON.stringify(orders)))
  yield* house.signal("SIGINT")
  yield* Process.until("word that it waits", 2_000, Effect.sync(() =>
    house.out().includes("finishing what is in flight, at most 10 s") ? Option.some(true) : house.out()))
  return house
})

describe.concurrent("Ctrl+C", () => {
  it.live("with nothing in flight: says what stays open, and is gone within 3 s", () => Effect.gen(function*() {
    const house = yield* Process.start(yield* folder)
    yield* Process.open(house)
    yield* buy(house)
    yield* Process.settled(house)
    const [{ code }, tookMs] = yield* timed(Process.leave(house))
    assert.strictEqual(code, 130)
    assert.isBelow(tookMs, 3_000)
    const said = house.out().slice(house.out().indexOf("these positions stay open"))
    assert.match(said, /^these positions stay open at their venues:\n {2}paper-1 MES[HMUZ]\d\d 2 \(protected\).*\n {2}paper-2 MES[HMUZ]\d\d 1 \(protected\).*\n$/)
  }).pipe(Effect.scoped))

  it.live("without a position says so", () => Effect.gen(function*() {
    const house = yield* Process.start(yield* folder)
    const [{ code }, tookMs] = yield* timed(Process.leave(house))
    assert.deepStrictEqual([code, house.out().split("\n").at(-2)], [130, "no position stays open"])
    assert.isBelow(tookMs, 3_000)
  }).pipe(Effect.scoped))

  it.live("with an order on its way: takes no more alerts, waits until its stop is confirmed, then leaves", () => Effect.gen(function*() {
    const house = yield* waiting
    const refused = yield* Process.alert(house, "futures", { strategy: "demo-futures", action: "buy", symbol: "MNQ1!" })
    assert.strictEqual(Option.getOrThrow(refused).status, 503)
    assert.strictEqual((yield* Process.ended(house)).code, 130)
    assert.match(house.out(), /paper-1 MES\w+ 2 \(protected\).*\n {2}paper-2 MES\w+ 1 \(protected\).*\n$/)
  }).pipe(Effect.scoped))

  it.live("cancels an entry that nobody would protect, and leaves one whose stop the venue holds", () => Effect.gen(function*() {
    const stays = Effect.fnUntraced(function*(nativeBrackets: boolean) {
      const data = yield* folder
      const config = NodePath.join(data, "config")
      yield* write(config, houseTexts({ venues: { "paper-demo": { paper: { nativeBrackets } } } }))
      const house = yield* Process.start(data, { config })
      yield* Process.open(house)
      yield* Process.alert(house, "futures", {
        strategy: "demo-futures", action: "buy", symbol: "MES1!", orderType: "limit", limitPrice: "5000", timeInForce: "gtc"
      })
      const entries = (of: Process.House) => Effect.map(Process.ask(of, (client) => client.Orders({})), (orders) =>
        orders.filter(({ accountId, leg }) => accountId === "paper-1" && leg === "entry").map(({ status }) => status))
      yield* Process.until("a resting entry", 5_000, Effect.map(entries(house), (found) => found[0] === "Accepted" ? Option.some(found) : found.join()))
      assert.strictEqual((yield* Process.leave(house)).code, 130)
      const next = yield* Process.start(data, { config })
      yield* Process.open(next)
      const found = yield* entries(next)
      yield* Process.kill(next)
      return found
    })
    assert.deepStrictEqual(yield* stays(false), ["Canceled"])
    assert.deepStrictEqual(yield* stays(true), ["Accepted"])
  }).pipe(Effect.scoped))

  it.live("a second one does not wait", () => Effect.gen(function*() {
    const house = yield* waiting
    const [{ code }, tookMs] = yield* timed(Process.leave(house))
    assert.strictEqual(code, 130)
    assert.isBelow(tookMs, 1_000)
    assert.notInclude(house.out(), "open at their venues", "it did not come to that")
  }).pipe(Effect.scoped))
})
