/** A house that ends, or dies, while a position is run on: the next life takes up phase, best price and stop, and comes to the same end. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import { findings, venueBooks } from "#test/support/audit.ts"
import { moves } from "#test/actors/account/desk.ts"
import type { Overrides } from "#test/support/house.ts"
import { mortal } from "#test/support/journalFaults.ts"
import { begin, lifeThatDies, silent } from "#test/support/lives.ts"
import { lifeAt, pass, post, rows, startMs, world } from "#test/support/runtime.ts"

const runner = { firstTarget: { ticks: 20, portion: "0.5" }, breakEven: { atFirstTarget: true, offsetTicks: 2 }, trail: { ticks: 15, stepTicks: 4 }, timeStop: { minutes: 2 } }

const overrides = (paper: { readonly [key: string]: boolean }): Overrides => ({
  venues: { "paper-demo": { paper } },
  accounts: { "paper-2": null, "paper-3": null },
  strategies: { "demo-futures": { runner, defaultTarget: null } }
})
const kinds = [
  ["native", overrides({})],
  ["managed", overrides({ nativeBrackets: false })],
  ["bare", overrides({ nativeBrackets: false, reduceOnly: false, oca: false, modify: false })]
] as const

const house = (of: Overrides) => Layer.provideMerge(lifeAt<never>(of, VenuesLive.layer), silent)

type Living = Layer.Success<ReturnType<typeof house>> | Layer.Success<typeof world>

/** Each phase of one position: bought, first target and break-even, trailed, the market back a little, and out when its time is up. */
const phases: ReadonlyArray<Effect.Effect<void, never, Living>> = [
  Effect.asVoid(Effect.andThen(post("futures", { action: "buy", symbol: "MES1!", strategy: "demo-futures" }), pass(4))),
  Effect.andThen(moves(28_021), pass(6)),
  Effect.andThen(moves(28_060), pass(4)),
  Effect.andThen(moves(28_050), pass(4)),
  Effect.asVoid(pass(130))
]

const stepsOf = (events: ReadonlyArray<JournalEvent>) => events.flatMap((event) =>
  event._tag === "RunnerStepped" ? [`${event.step} ${event.stop ?? ""}`] : event._tag === "CloseDecided" ? [`${event.reason} ${event.lots ?? "all"}`] : [])

const toldIn = (of: Overrides, lives: typeof phases) => Effect.gen(function*() {
  yield* TestClock.setTime(startMs)
  for (const life of lives) yield* Effect.provide(Effect.andThen(pass(3), life), house(of))
  return yield* Effect.map(rows, (all) => all.map(({ event }) => event))
}).pipe(Effect.provide(world))

describe("a house that ends and comes again in each phase", () => {
  it.effect.each(kinds)("decides as the one that stayed, %s", ([, of]) => Effect.gen(function*() {
    const stayed = yield* toldIn(of, [phases.reduce((all, phase) => Effect.andThen(all, Effect.andThen(pass(3), phase)))])
    const came = yield* toldIn(of, phases)
    assert.deepStrictEqual(stepsOf(came), stepsOf(stayed))
    assert.deepStrictEqual(stepsOf(stayed).filter((one) => !one.startsWith("target")), ["started ", "firstTarget ", "breakEven 28004", "trailed 28045", "timeStop all"])
    for (const all of [stayed, came]) {
      const traded = all.flatMap((event) => event._tag === "TradeClosed" ? [event.trade?.lots] : [])
      assert.deepStrictEqual<ReadonlyArray<number | undefined>>(traded, [2])
    }
  }), 60_000)

  it.effect.each(kinds)("decides the same twice, to the millisecond, %s", ([, of]) => Effect.gen(function*() {
    const decided = Effect.map(toldIn(of, phases), (all) => all.flatMap((event) =>
      event._tag === "RunnerStepped" || event._tag === "ProtectionMoved" || event._tag === "CloseDecided" ? [{ ...event, alertId: "" }] : []))
    assert.deepStrictEqual(yield* decided, yield* decided)
  }), 60_000)
})

/** The same, by the clock. */
const story = Effect.gen(function*() {
  yield* post("futures", { action: "buy", symbol: "MES1!", strategy: "demo-futures", id: "the-buy" })
  yield* Effect.sleep("2 seconds")
  yield* moves(28_021)
  yield* Effect.sleep("3 seconds")
  yield* moves(28_060)
}).pipe(Effect.asVoid)

const survives = (of: Overrides, lived: { readonly stepMs: number; readonly steps: number }) => Effect.gen(function*() {
  yield* begin
  yield* lifeThatDies(lifeAt<never>(of, VenuesLive.layer), mortal(), Effect.andThen(Effect.sleep("1 second"), story), lived)
  return yield* Effect.provide(Effect.gen(function*() {
    yield* pass(1)
    yield* post("futures", { action: "buy", symbol: "MES1!", strategy: "demo-futures", id: "the-buy" })
    yield* pass(3)
    yield* moves(28_060)
    yield* pass(8)
    const found = yield* findings()
    const orders = [...(yield* venueBooks(["paper-demo"])).get("paper-1")?.orders.values() ?? []].map(({ filledLots, lots, stop, ticket }) => `${ticket.type} ${lots - filledLots} ${stop}`)
    return { found, orders }
  }), house(of))
}).pipe(Effect.provide(world))

describe("a house that dies at any instant", () => {
  const instants = [200, 1_020, 1_150, 3_020, 3_100, 3_250, 3_500, 3_800, 4_400, 5_980, 6_050, 6_150, 6_300, 6_500, 7_000]

  it.effect.each(kinds)("leaves one contract under the stop where it belongs, %s", ([, of]) =>
    Effect.forEach(instants, (atMs) => Effect.gen(function*() {
      const { found, orders } = yield* survives(of, { stepMs: 10, steps: 100 + atMs / 10 })
      assert.deepStrictEqual(found, [], `died after ${atMs} ms`)
      assert.lengthOf(orders, 1, `died after ${atMs} ms: ${orders.join()}`)
      assert.match(orders[0] ?? "", /^stop 1 280(45|44|46)$/, `died after ${atMs} ms`)
    }), { discard: true }), 120_000)
})
