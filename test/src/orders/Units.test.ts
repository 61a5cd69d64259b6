import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Effect, Schema } from "effect"
import * as Units from "#src/orders/Units.ts"
import { instrument } from "#test/src/symbols/catalogue.ts"

const decimal = BigDecimal.fromStringUnsafe
const mes = instrument("MES1!")
const bitcoin = instrument("BTCUSD")

describe("prices and ticks", () => {
  it.each([
    [mes, "5000.25", "down", 20_001],
    [mes, "5000.30", "down", 20_001],
    [mes, "5000.30", "up", 20_002],
    [mes, "5000.25", "up", 20_001],
    [mes, "5000.375", "nearest", 20_002],
    [mes, "5000.37", "nearest", 20_001],
    [mes, "-0.30", "down", -2],
    [mes, "-0.30", "up", -1],
    [bitcoin, "64000.7", "up", 128_002],
    [bitcoin, "1e5", "down", 200_000]
  ] as const)("%# %s %s", (on, price, rounding, ticks) => {
    assert.strictEqual<number>(Units.ticksOf(on, decimal(price), rounding), ticks)
  })

  it("back is exact", () => {
    assert.strictEqual(BigDecimal.format(Units.priceOf(mes, 20_001)), "5000.25")
    assert.strictEqual(BigDecimal.format(Units.priceOf(instrument("MGC1!"), 3)), "0.3")
    assert.strictEqual(BigDecimal.format(Units.priceOf(mes, -1)), "-0.25")
  })

  it.effect.prop("any tick comes back, whatever the rounding", {
    ticks: Schema.Int.check(Schema.isBetween({ minimum: -1_000_000, maximum: 1_000_000_000 })),
    rounding: Schema.Literals(["down", "up", "nearest"])
  }, ({ rounding, ticks }) => Effect.sync(() => assert.equal(Units.ticksOf(bitcoin, Units.priceOf(bitcoin, ticks), rounding), ticks)))

  it.each([["5000", true], ["1e30", false], ["1e999999999", false], ["1e-999999999", false], ["-5000", true]])("%s is representable: %s", (price, expected) => {
    assert.strictEqual(Units.isRepresentable(mes, decimal(price)), expected)
  })
})

describe("quantities and lots", () => {
  it.each([
    [mes, "3", 3],
    [mes, "3.99", 3],
    [mes, "0.99", 0],
    [mes, "0", 0],
    [mes, "-2", 0],
    [bitcoin, "0.3", 3_000],
    [bitcoin, "0.00019", 1],
    [bitcoin, "1e-999999999", 0],
    [bitcoin, "1e999999999", 1_000_000_000]
  ] as const)("%# %s is %s lots", (on, quantity, lots) => {
    assert.strictEqual(Units.lotsOf(on, decimal(quantity)), lots)
  })

  it("back", () => {
    assert.strictEqual(BigDecimal.format(Units.quantityOf(bitcoin, 3_000)), "0.3")
  })
})

describe("money", () => {
  it("of ticks", () => {
    assert.strictEqual(BigDecimal.format(Units.moneyOfTicks(mes, -7, 3)), "-26.25")
    assert.strictEqual(BigDecimal.format(Units.moneyOfTicks(bitcoin, 2_000, 3_000)), "300")
  })

  it.each([
    [mes, "buy", "5000.00", "5001.25", 2, "12.5"],
    [mes, "sell", "5000.00", "5001.25", 2, "-12.5"],
    [mes, "buy", "5000.10", "5000.05", 3, "-0.75"],
    [bitcoin, "buy", "64000.1", "64000.4", 10_000, "0.3"]
  ] as const)("%# won or lost", (on, side, entry, exit, lots, expected) => {
    assert.strictEqual(BigDecimal.format(Units.pnl(on, side, decimal(entry), decimal(exit), lots)), expected)
  })
})
