/** The market made of arithmetic: the same anywhere and any time, always open, alive enough for a demo. */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Effect, Option } from "effect"
import { HouseConfig } from "#config/House.ts"
import * as MarketLive from "#src/feeds/Market.ts"
import * as SimulatedMarket from "#src/feeds/SimulatedMarket.ts"
import { Market } from "#src/ports/Market.ts"
import * as Resolve from "#src/symbols/Resolve.ts"
import { house } from "#test/support/house.ts"

const startMs = 1_793_631_600_000
const { instruments } = house()
const curveOf = (root: string, seed = 20260101) => {
  const config = instruments.find((found) => found.root === root)
  if (config === undefined) throw new Error(`no ${root}`)
  const instrument = Option.getOrThrow(Resolve.resolve(instruments, root, startMs))
  return { at: SimulatedMarket.curve(seed, instrument, config.simulation), config, instrument }
}

describe("simulated market", () => {
  it("says the same on every machine", () => {
    // Written down once: if these move, every recorded run with a seed means something else.
    const quotes = ["MES", "PF_XBTUSD"].flatMap((root) => [0, startMs, startMs + 12_345].map((atMs) => Object.values(curveOf(root).at(atMs)).join(" ")))
    assert.deepStrictEqual(quotes, ["27522 27523 27522", "27562 27563 27563", "27559 27560 27560", "91192 91194 91192", "88509 88510 88509", "88489 88491 88491"])
  })

  it("whole ticks, one or two apart, traded at one side, within some day ranges of the start", () => {
    for (const { root } of instruments) {
      const { at, config, instrument } = curveOf(root)
      const start = BigDecimal.toNumberUnsafe(BigDecimal.divideUnsafe(config.simulation.price, instrument.tickSize))
      const room = start * BigDecimal.toNumberUnsafe(config.simulation.dayRangePercent) / 100 * 2
      for (let step = 0; step < 500; step++) {
        const { ask, bid, last } = at(startMs + step * 7_777_777)
        assert.isTrue(Number.isInteger(bid) && Number.isInteger(ask) && bid > 0)
        assert.include([1, 2], ask - bid)
        assert.include([bid, ask], last)
        assert.isBelow(Math.abs(bid - start), room)
      }
    }
  })

  it("glides but for gaps, and gaps come every few minutes now and then", () => {
    const { at } = curveOf("MES")
    const steps = Array.from({ length: 6 * 3_600 * 4 }, (_, index) => Math.abs(at(startMs + (index + 1) * 250).bid - at(startMs + index * 250).bid))
    const gaps = steps.filter((ticks) => ticks > 5).length
    assert.isAtLeast(gaps, 6)
    assert.isAtMost(gaps, 90)
    assert.isAbove(steps.filter((ticks) => ticks <= 2).length / steps.length, 0.99)
  })

  it("a bracket of 40 ticks in MES usually ends within some minutes", () => {
    const { at } = curveOf("MES")
    const minutes = Array.from({ length: 100 }, (_, index) => {
      const fromMs = startMs + index * 1_234_567
      let atMs = fromMs
      while (Math.abs(at(atMs).bid - at(fromMs).bid) < 40 && atMs < fromMs + 3_600_000) atMs += 1_000
      return (atMs - fromMs) / 60_000
    }).sort((a, b) => a - b)
    assert.isBelow(minutes[50] ?? Infinity, 8)
    assert.isBelow(minutes[90] ?? Infinity, 30)
  })

  it("seed and root make another market; the months of a root share theirs", () => {
    const path = (root: string, seed: number) => Array.from({ length: 50 }, (_, index) => curveOf(root, seed).at(startMs + index * 60_000).bid)
    assert.deepStrictEqual(path("MES", 1), path("MES", 1))
    assert.notDeepEqual(path("MES", 1), path("MES", 2))
    assert.notDeepEqual(path("MES", 1), path("ES", 1))
    const { config, instrument } = curveOf("MES")
    const next = Option.getOrThrow(Resolve.resolve(instruments, "MESH27", startMs))
    assert.deepStrictEqual(SimulatedMarket.quoteAt(1, next, config.simulation, startMs), SimulatedMarket.quoteAt(1, instrument, config.simulation, startMs))
  })

  it.effect("the live market is this one, for what is in the catalogue", () => Effect.gen(function*() {
    const market = yield* Market
    const { config, instrument } = curveOf("MES")
    assert.deepStrictEqual(yield* market.quote(7, instrument, startMs), Option.some(SimulatedMarket.quoteAt(7, instrument, config.simulation, startMs)))
    assert.isTrue(Option.isNone(yield* market.quote(7, { ...instrument, root: "NOPE" }, startMs)))
  }).pipe(Effect.provide(MarketLive.Market.layer), Effect.provide(HouseConfig.layerOf(house()))))
})
