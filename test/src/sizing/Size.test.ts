import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Result, Schema } from "effect"
import { AccountConfig } from "#schemas/config/AccountConfig.ts"
import { Ticks } from "#schemas/Instrument.ts"
import * as Size from "#src/sizing/Size.ts"
import { instrument } from "#test/src/symbols/catalogue.ts"

const decimal = BigDecimal.fromStringUnsafe
const mes = instrument("MES1!")
const bitcoin = instrument("BTCUSD")
const account = Schema.decodeUnknownSync(Schema.Struct({ sizing: AccountConfig.fields.sizing, balance: AccountConfig.fields.balance }))
const usd = { amount: "50000", currency: "USD" }
const fixed = account({ sizing: { futures: { kind: "fixed", quantity: "2" } }, balance: usd })
const risk = account({ sizing: { futures: { kind: "risk", amount: "100" }, crypto: { kind: "risk", amount: "100" } }, balance: usd })

const base = { instrument: mes, account: fixed, strategy: {}, entryTicks: Ticks.make(20_000), room: {} } satisfies Size.SizeInput
/** Lots, or the rule of the "no". */
const sized = (input: Partial<Size.SizeInput>) =>
  Result.match(Size.size({ ...base, ...input }), { onFailure: ({ rule }) => rule, onSuccess: ({ lots, steps }) => `${lots} ${steps.map(({ rule }) => rule).join(" ")}` })
const quantity = decimal
const stop = (ticks: number) => ({ stopTicks: Ticks.make(20_000 - ticks) })
const strategy = { maxQuantity: decimal("3") }

describe("size", () => {
  it.each([
    ["fixed", {}, "2 fixed"],
    ["the alert's own quantity", { quantity: quantity("5") }, "5 alert"],
    ["the strategy's maximum", { quantity: quantity("5"), strategy }, "3 alert strategyMaxQuantity"],
    ["toward zero", { quantity: quantity("1.9") }, "1 alert"],
    ["below one lot", { quantity: quantity("0.9") }, "SizeBelowMinimum"],
    ["a cap leaves some", { quantity: quantity("5"), room: { byAsset: 2, bySymbol: 1 } }, "1 alert maxContracts maxContractsBySymbol"],
    ["the smallest counts, not the last", { quantity: quantity("5"), room: { byAsset: 1, bySymbol: 2 } }, "1 alert maxContracts maxContractsBySymbol"],
    ["a full asset cap", { room: { byAsset: 0 } }, "MaxContracts"],
    ["a full symbol cap", { room: { byAsset: 3, bySymbol: 0 } }, "MaxContractsBySymbol"],
    ["risk: 100 / (16 ticks x 1.25)", { account: risk, ...stop(16) }, "5 risk"],
    ["risk, rounded down", { account: risk, ...stop(17) }, "4 risk"],
    ["risk, short", { account: risk, stopTicks: Ticks.make(20_016) }, "5 risk"],
    ["risk, never more than the alert asks", { account: risk, quantity: quantity("2"), ...stop(16) }, "2 risk alert"],
    ["risk, less than the alert asks", { account: risk, quantity: quantity("9"), ...stop(16) }, "5 risk alert"],
    ["risk too small for one lot", { account: risk, ...stop(81) }, "SizeBelowMinimum"],
    ["risk without a stop", { account: risk }, "RiskSizingNeedsStop"],
    ["risk with a stop at the entry", { account: risk, ...stop(0) }, "RiskSizingNeedsStop"],
    ["risk in coins: 100 / (2000 ticks x 0.00005)", { instrument: bitcoin, account: risk, ...stop(2_000) }, "1000 risk"],
    ["no sizing for the asset", { instrument: bitcoin }, "NoSizing"],
    [
      "risk in another currency",
      { account: account({ sizing: { futures: { kind: "risk", amount: "100" } }, balance: { amount: "1", currency: "EUR" } }), ...stop(16) },
      "CurrencyMismatch"
    ]
  ] as const)("%s", (_name, input, expected) => {
    assert.strictEqual(sized(input), expected)
  })

  it("each step shows what it left, and why", () => {
    const result = Result.getOrThrow(Size.size({ ...base, account: risk, ...stop(17), quantity: quantity("9"), room: { byAsset: 3 } }))
    assert.deepStrictEqual(result.steps, [
      { rule: "risk", lots: 4, detail: "100 USD / (17 ticks x 1.25) = 4 lots" },
      { rule: "alert", lots: 4, detail: "the alert asks for 9 MES at 1 a lot: 4 lots stay" },
      { rule: "maxContracts", lots: 3, detail: "the account's cap for futures leaves 3 lots" }
    ])
  })

  it("one lot is one lot, and less than one says why", () => {
    const result = Result.getOrThrow(Size.size({ ...base, account: risk, ...stop(80), quantity: quantity("9"), room: { byAsset: 1 } }))
    assert.deepStrictEqual(result.steps.map(({ detail }) => detail), [
      "100 USD / (80 ticks x 1.25) = 1 lot", "the alert asks for 9 MES at 1 a lot: 1 lot stays", "the account's cap for futures leaves 1 lot: 1 lot stays"
    ])
    const none = Size.size({ ...base, account: risk, ...stop(81) })
    assert.strictEqual(
      Result.isFailure(none) ? none.failure.message : "",
      "Size after risk is less than one lot of 1 MES: 100 USD / (81 ticks x 1.25) = 0 lots"
    )
  })
})
