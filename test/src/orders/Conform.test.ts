import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Effect, Result, Schema } from "effect"
import { Ticks } from "#schemas/Instrument.ts"
import { Level } from "#schemas/Signal.ts"
import * as Conform from "#src/orders/Conform.ts"
import * as Units from "#src/orders/Units.ts"
import { instrument } from "#test/src/symbols/catalogue.ts"

const decimal = BigDecimal.fromStringUnsafe
const mes = instrument("MES1!")
const entryTicks = Ticks.make(20_000) // 5000.00

const price = (text: string) => Level.make({ _tag: "Price", price: decimal(text) })
const distance = (ticks: number) => Level.make({ _tag: "Distance", ticks })
const percent = (text: string) => Level.make({ _tag: "Percent", percent: decimal(text) })

/** The price as text, or the rule of the "no". */
const shown = (result: Result.Result<Ticks, { readonly rule: string }>) =>
  Result.match(result, { onFailure: ({ rule }) => rule, onSuccess: (ticks) => BigDecimal.format(Units.priceOf(mes, ticks)) })

describe("levelTicks", () => {
  it.each([
    ["long stop moves up to the entry", "buy", "stop", price("4990.10"), "4990.25"],
    ["long stop on a tick stays", "buy", "stop", price("4990.25"), "4990.25"],
    ["short stop moves down to the entry", "sell", "stop", price("5010.10"), "5010"],
    ["long target moves down to the entry", "buy", "target", price("5010.10"), "5010"],
    ["short target moves up to the entry", "sell", "target", price("4990.10"), "4990.25"],
    ["long stop by distance", "buy", "stop", distance(8), "4998"],
    ["short stop by distance", "sell", "stop", distance(8), "5002"],
    ["long target by distance", "buy", "target", distance(8), "5002"],
    ["short target by distance", "sell", "target", distance(8), "4998"],
    ["long stop by percent", "buy", "stop", percent("0.5"), "4975"],
    ["long stop by percent between ticks is nearer", "buy", "stop", percent("0.0099"), "4999.75"],
    ["short stop by percent between ticks is nearer", "sell", "stop", percent("0.0099"), "5000.25"],
    ["short target by percent", "sell", "target", percent("1"), "4950"],
    ["long stop above", "buy", "stop", price("5001"), "StopOnWrongSide"],
    ["long stop at the entry", "buy", "stop", price("5000"), "StopOnWrongSide"],
    ["long stop less than a tick away", "buy", "stop", price("4999.9"), "StopOnWrongSide"],
    ["short stop below", "sell", "stop", price("4999"), "StopOnWrongSide"],
    ["long target below", "buy", "target", price("4999"), "TargetOnWrongSide"],
    ["short target above", "sell", "target", price("5001"), "TargetOnWrongSide"],
    ["long target less than a tick away", "buy", "target", price("5000.1"), "TargetOnWrongSide"],
    ["stop below zero", "buy", "stop", distance(20_000), "PriceOutOfRange"],
    ["stop by more than all", "buy", "stop", percent("120"), "PriceOutOfRange"],
    ["absurd price", "sell", "stop", price("1e40"), "PriceOutOfRange"],
    ["absurd percent", "sell", "stop", percent("1e40"), "PriceOutOfRange"]
  ] as const)("%s", (_name, side, leg, level, expected) => {
    assert.strictEqual(shown(Conform.levelTicks(mes, { level, leg, side, entryTicks })), expected)
  })

  it.effect.prop("never further from the entry than asked", {
    side: Schema.Literals(["buy", "sell"]),
    leg: Schema.Literals(["stop", "target"]),
    cents: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 }))
  }, ({ cents, leg, side }) => Effect.sync(() => {
    const asked = BigDecimal.make(BigInt(cents), 2)
    const result = Conform.levelTicks(mes, { level: Level.make({ _tag: "Price", price: asked }), leg, side, entryTicks })
    if (Result.isFailure(result)) return
    const entry = Units.priceOf(mes, entryTicks)
    const away = (at: BigDecimal.BigDecimal) => BigDecimal.abs(BigDecimal.subtract(at, entry))
    assert.isTrue(BigDecimal.isLessThanOrEqualTo(away(Units.priceOf(mes, result.success)), away(asked)))
  }))

  it("says the numbers", () => {
    const result = Conform.levelTicks(mes, { level: price("5001"), leg: "stop", side: "buy", entryTicks })
    assert.deepStrictEqual(Result.isFailure(result) && result.failure.facts, { side: "buy", entry: "5000", stop: "5001", tickSize: "0.25" })
  })
})

describe("entryPrices", () => {
  const asked = { limitPrice: decimal("5000.10"), stopPrice: decimal("5000.10") }
  it.each([
    ["buy", "market", {}],
    ["buy", "limit", { limit: 20_000 }],
    ["sell", "limit", { limit: 20_001 }],
    ["buy", "stop", { stop: 20_001 }],
    ["sell", "stop", { stop: 20_000 }],
    ["buy", "stopLimit", { limit: 20_000, stop: 20_001 }]
  ] as const)("%s %s", (side, orderType, expected) => {
    assert.deepStrictEqual(Result.getOrThrow(Conform.entryPrices(mes, { side, orderType, ...asked })), expected)
  })

  it.each([
    ["limit", {}, "PriceMissing"],
    ["stop", { limitPrice: decimal("5000") }, "PriceMissing"],
    ["stopLimit", { limitPrice: decimal("5000") }, "PriceMissing"],
    ["limit", { limitPrice: decimal("0.10") }, "PriceOutOfRange"],
    ["limit", { limitPrice: decimal("1e99") }, "PriceOutOfRange"]
  ] as const)("%s %# is no order", (orderType, prices, rule) => {
    const result = Conform.entryPrices(mes, { side: "buy", orderType, ...prices })
    assert.strictEqual(Result.isFailure(result) ? result.failure.rule : "passed", rule)
  })
})
