import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Result, Schema } from "effect"
import { LaneId, StrategyId } from "#schemas/Ids.ts"
import { Signal } from "#schemas/Signal.ts"
import * as Body from "#src/ingress/Body.ts"
import * as Formats from "#src/ingress/formats/Formats.ts"
import type { FormatId } from "#src/ingress/formats/Format.ts"

const route = { lane: LaneId.make("futures"), strategies: () => [StrategyId.make("s-1")] }
const busy = { ...route, strategies: () => [StrategyId.make("s-1"), StrategyId.make("s-2")] }
const encode = Schema.encodeSync(Signal)

const read = (format: FormatId, text: string, where = route) => {
  const { json } = Result.getOrThrow(Body.decode(new TextEncoder().encode(text)))
  return Formats.formats[format].decode(json, where)
}

/** The signal as a row would hold it, less what every sample shares. */
const signalOf = (format: FormatId, text: string) => {
  const { lane: _lane, strategy: _strategy, symbol: _symbol, ...rest } = encode(Result.getOrThrow(read(format, text)).signal)
  return rest
}

const base = { secret: "x", strategy: "s-1", action: "buy", symbol: "MES1!" }
const market = { action: "buy", orderType: "market" }
const price = (value: string) => ({ _tag: "Price", price: value })

/** Fields, and what they add to a market buy. Numbers that must stay exact are written as text of the body. */
const good: ReadonlyArray<readonly [fields: Record<string, unknown> | string, adds: Record<string, unknown>]> = [
  [{}, {}],
  [{ action: "sell" }, { action: "sell" }],
  [{ action: "close" }, { action: "exit" }],
  [{ action: "EXIT" }, { action: "exit" }],
  [{ action: " Reverse " }, { action: "reverse" }],
  [{ action: "flatten" }, { action: "flatten" }],
  [{ action: "cancel" }, { action: "cancel" }],
  [{ action: "update", sl: 6900 }, { action: "update", stopLoss: price("6900") }],
  [{ price: "21000.25" }, { price: "21000.25" }],
  ["\"price\":21000.250", { price: "21000.25" }],
  ["\"price\":1e-7", { price: "0.0000001" }],
  ["\"price\":0.1", { price: "0.1" }],
  [{ tp: "21000.25", sl: 20990 }, { takeProfit: price("21000.25"), stopLoss: price("20990") }],
  [{ tp: { price: "21000.25" } }, { takeProfit: price("21000.25") }],
  [{ tp: { ticks: 40 }, sl: { ticks: "20" } }, { takeProfit: { _tag: "Distance", ticks: 40 }, stopLoss: { _tag: "Distance", ticks: 20 } }],
  [{ tp: "40t", sl: "20 ticks" }, { takeProfit: { _tag: "Distance", ticks: 40 }, stopLoss: { _tag: "Distance", ticks: 20 } }],
  [{ tp: "1 tick", sl: "40.0T" }, { takeProfit: { _tag: "Distance", ticks: 1 }, stopLoss: { _tag: "Distance", ticks: 40 } }],
  [{ tp: { percent: 1.5 }, sl: "0.75%" }, { takeProfit: { _tag: "Percent", percent: "1.5" }, stopLoss: { _tag: "Percent", percent: "0.75" } }],
  [{ sl: "1.5 %" }, { stopLoss: { _tag: "Percent", percent: "1.5" } }],
  ["\"tp\":NaN,\"sl\":na", {}],
  [{ tp: null, sl: "", price: null }, {}],
  [{ quantity: 2 }, { quantity: "2" }],
  [{ quantity: "0.0001" }, { quantity: "0.0001" }],
  [{ quantity: "+3" }, { quantity: "3" }],
  [{ orderType: "Market" }, {}],
  [{ orderType: "LIMIT", limitPrice: "1.5" }, { orderType: "limit", limitPrice: "1.5" }],
  [{ orderType: "stop", stopPrice: 2 }, { orderType: "stop", stopPrice: "2" }],
  [{ orderType: "stop_limit", stopPrice: 2, limitPrice: 3 }, { orderType: "stopLimit", stopPrice: "2", limitPrice: "3" }],
  [{ orderType: "stopLimit", stopPrice: 2, limitPrice: 3 }, { orderType: "stopLimit", stopPrice: "2", limitPrice: "3" }],
  [{ timeInForce: "DAY" }, { timeInForce: "day" }],
  [{ timeInForce: "gtc" }, { timeInForce: "gtc" }],
  [{ expiresAt: "2026-01-31T14:30:00Z" }, { expiresAtMs: 1769869800000 }],
  [{ expiresAt: "2026-01-31T15:30:00+01:00" }, { expiresAtMs: 1769869800000 }],
  [{ expiresAt: 1769869800 }, { expiresAtMs: 1769869800000 }],
  [{ expiresAt: "1769869800000" }, { expiresAtMs: 1769869800000 }],
  [{ time: "2026-01-31T14:30:00Z", timenow: "2026-01-31T14:31:07Z" }, { barAtMs: 1769869800000, sentAtMs: 1769869867000 }],
  [{ lane: "futures", script_id: "v3", source_symbol: "CME_MINI:MES1!" }, { bodyLane: "futures", scriptId: "v3", sourceSymbol: "CME_MINI:MES1!" }],
  [{ id: "a-1" }, { explicitId: "a-1" }],
  [{ id: 17 }, { explicitId: "17" }],
  [{ alertId: "a-2" }, { explicitId: "a-2" }],
  [{ id: "a-1", alertId: "a-2" }, { explicitId: "a-1" }],
  [{ order_id: "Long" }, {}],
  [{ order_id: "Long", time: 1769869800 }, { barAtMs: 1769869800000, explicitId: "Long@1769869800000" }],
  [{ market_position: "long", market_position_size: "2", prev_market_position: "flat", prev_market_position_size: 0 },
    { position: { previous: "flat", previousSize: "0", now: "long", nowSize: "2" } }],
  [{ position_size: "-3" }, { position: { now: "short", nowSize: "3" } }],
  [{ position_size: 0 }, { action: "exit", position: { now: "flat", nowSize: "0" } }],
  [{ "strategy.market_position": "short" }, { position: { now: "short" } }]
]

/** A Pine order and the sender's position after it: what is meant, and what is noted. */
const pine: ReadonlyArray<readonly [fields: Record<string, unknown>, action: string, note: string | undefined]> = [
  [{ action: "sell", market_position: "flat" }, "exit", "sell with market_position flat: taken as exit"],
  [{ action: "sell", market_position: "flat", prev_market_position: "long", quantity: 2 }, "exit", "sell with market_position flat: taken as exit"],
  [{ action: "buy", market_position: "flat", prev_market_position: "short" }, "exit", "buy with market_position flat: taken as exit"],
  [{ action: "SELL", "strategy.market_position": "FLAT" }, "exit", "sell with market_position flat: taken as exit"],
  [{ action: "sell", position_size: 0 }, "exit", "sell with market_position flat: taken as exit"],
  [{ action: "sell", market_position: "long", prev_market_position: "long", quantity: 1 }, "exit", "sell with market_position long: taken as exit of 1"],
  [{ action: "buy", market_position: "short", quantity: "0.5" }, "exit", "buy with market_position short: taken as exit of 0.5"],
  [{ action: "sell", market_position: "long" }, "sell", "sell with market_position long: it would be an exit of a part, but names no quantity, so it stays sell"],
  [{ action: "buy", market_position: "short" }, "buy", "buy with market_position short: it would be an exit of a part, but names no quantity, so it stays buy"],
  [{ action: "sell", prev_market_position: "long", market_position: "short", quantity: 4 }, "sell", undefined],
  [{ action: "buy", prev_market_position: "short", market_position: "long" }, "buy", undefined],
  [{ action: "buy", prev_market_position: "flat", market_position: "long", quantity: 2 }, "buy", undefined],
  [{ action: "sell", prev_market_position: "flat", market_position: "short" }, "sell", undefined],
  [{ action: "sell", prev_market_position: "long" }, "sell", undefined],
  [{ action: "exit", market_position: "flat" }, "exit", undefined],
  [{ action: "reverse", market_position: "flat" }, "reverse", undefined],
  [{ action: "cancel", market_position: "long", quantity: 1 }, "cancel", undefined]
]

/** Fields, and where they are wrong. */
const bad: ReadonlyArray<readonly [fields: Record<string, unknown>, path: string, got: string]> = [
  [{ action: undefined }, "action", "nothing"],
  [{ action: "long" }, "action", "\"long\""],
  [{ action: ["buy"] }, "action", "[\"buy\"]"],
  [{ action: "constructor" }, "action", "\"constructor\""],
  [{ symbol: null }, "symbol", "nothing"],
  [{ symbol: "{{ticker}}" }, "symbol", "\"{{ticker}}\", a placeholder that was not filled in"],
  [{ symbol: "x".repeat(201) }, "symbol", `"${"x".repeat(59)}...`],
  [{ strategy: undefined }, "strategy", "nothing"],
  [{ strategy: "a/b" }, "strategy", "\"a/b\""],
  [{ strategy: { market_position: "long" } }, "strategy", "{\"market_position\":\"long\"}"],
  [{ price: "abc" }, "price", "\"abc\""],
  [{ price: 0 }, "price", "\"0\""],
  [{ price: -1 }, "price", "\"-1\""],
  [{ price: "21,000.25" }, "price", "\"21,000.25\""],
  [{ price: "1e999" }, "price", "\"1e999\""],
  [{ price: "1e99" }, "price", "\"1e99\""],
  [{ quantity: "1e-41" }, "quantity", "\"1e-41\""],
  [{ sl: { price: "60051e99" } }, "sl.price", "\"60051e99\""],
  [{ tp: `${"9".repeat(40)}.${"9".repeat(40)}` }, "tp", `"${"9".repeat(40)}.${"9".repeat(18)}...`],
  [{ price: "NaN" }, "price", "\"NaN\""],
  [{ price: true }, "price", "true"],
  [{ tp: "near" }, "tp", "\"near\""],
  [{ tp: "0" }, "tp", "\"0\""],
  [{ tp: "-40t" }, "tp", "\"-40t\""],
  [{ sl: "1.5t" }, "sl", "\"1.5t\""],
  [{ sl: "0%" }, "sl", "\"0%\""],
  [{ sl: { ticks: 1.5 } }, "sl.ticks", "\"1.5\""],
  [{ sl: { ticks: "{{plot_0}}" } }, "sl.ticks", "\"{{plot_0}}\", a placeholder that was not filled in"],
  [{ sl: "{{plot_0}}t" }, "sl", "\"{{plot_0}}t\", a placeholder that was not filled in"],
  [{ sl: { ticks: 40, price: 1 } }, "sl", "{\"ticks\":\"40\",\"price\":\"1\"}"],
  [{ sl: { points: 4 } }, "sl", "{\"points\":\"4\"}"],
  [{ sl: {} }, "sl", "{}"],
  [{ sl: [1] }, "sl", "[\"1\"]"],
  [{ quantity: 0 }, "quantity", "\"0\""],
  [{ quantity: "all" }, "quantity", "\"all\""],
  [{ orderType: "trailing" }, "orderType", "\"trailing\""],
  [{ orderType: "limit" }, "limitPrice", "nothing"],
  [{ orderType: "stop", limitPrice: 1 }, "stopPrice", "nothing"],
  [{ orderType: "stop_limit", stopPrice: 1 }, "limitPrice", "nothing"],
  [{ timeInForce: "FOK" }, "timeInForce", "\"FOK\""],
  [{ expiresAt: "tomorrow" }, "expiresAt", "\"tomorrow\""],
  [{ expiresAt: "2026-01-31T14:30:00" }, "expiresAt", "\"2026-01-31T14:30:00\""],
  [{ expiresAt: "2026-13-31T14:30:00Z" }, "expiresAt", "\"2026-13-31T14:30:00Z\""],
  [{ timenow: "{{timenow}}" }, "timenow", "\"{{timenow}}\", a placeholder that was not filled in"],
  [{ id: "{{strategy.order.id}}" }, "id", "\"{{strategy.order.id}}\", a placeholder that was not filled in"],
  [{ id: "a\u0000b" }, "id", "\"a\\u0000b\""],
  [{ market_position: "up" }, "market_position", "\"up\""],
  [{ market_position_size: -1 }, "market_position_size", "\"-1\""]
]

describe("Canonical", () => {
  for (const [fields, adds] of good) {
    const text = typeof fields === "string" ? `${JSON.stringify(base).slice(0, -1)},${fields}}` : JSON.stringify({ ...base, ...fields })
    it(typeof fields === "string" ? fields : JSON.stringify(fields), () => {
      assert.deepStrictEqual<unknown>(signalOf("canonical", text), { ...market, ...adds })
    })
  }

  for (const [fields, path, got] of bad) {
    it(`refuses ${JSON.stringify(fields).slice(0, 60)}`, () => {
      const decoded = read("canonical", JSON.stringify({ ...base, ...fields }))
      const failure = Result.isFailure(decoded) ? decoded.failure : undefined
      assert.deepStrictEqual([failure?.path, failure?.got], [path, got])
      assert.isNotEmpty(failure?.expected)
    })
  }

  for (const [fields, action, note] of pine) {
    it(`takes ${JSON.stringify(fields)} as ${action}`, () => {
      for (const [format, body] of [["canonical", { ...base, ...fields }], ["abtradex-legacy", { token: "x", symbol: "MES1!", ...fields }]] as const) {
        const { notes, signal } = Result.getOrThrow(read(format, JSON.stringify(body)))
        assert.deepStrictEqual([signal.action, notes], [action, note === undefined ? [] : [note]], format)
        assert.strictEqual(signal.quantity === undefined ? "" : BigDecimal.format(signal.quantity), `${fields["quantity"] ?? ""}`)
      }
    })
  }

  it("keeps the identity of what it refuses", () => {
    const decoded = read("canonical", JSON.stringify({ ...base, id: "a-1", tp: "near" }))
    assert.isTrue(Result.isFailure(decoded))
    if (Result.isFailure(decoded)) {
      assert.deepStrictEqual([decoded.failure.partial, decoded.failure.explicitId], [{ strategy: "s-1", action: "buy", symbol: "MES1!" }, "a-1"])
    }
  })

  it("names unknown and unused fields, and guesses none", () => {
    const { signal, notes } = Result.getOrThrow(read("canonical", JSON.stringify({ ...base, qty: 5, limitPrice: 3, takeProfit: 2 })))
    assert.deepStrictEqual([signal.quantity, signal.takeProfit, signal.limitPrice], [undefined, undefined, undefined])
    assert.deepStrictEqual(notes, ["limitPrice is not used, as orderType is market", "unknown field \"qty\"", "unknown field \"takeProfit\""])
  })

  it("names only some of very many unknown fields", () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, index]))
    const { notes } = Result.getOrThrow(read("canonical", JSON.stringify({ ...base, ...many })))
    assert.deepStrictEqual([notes.length, notes.at(-1)], [11, "490 more unknown fields"])
  })

  it("keeps a price that no float holds", () => {
    const { signal } = Result.getOrThrow(read("canonical", `${JSON.stringify(base).slice(0, -1)},"price":9007199254740993.1}`))
    assert.strictEqual(signal.price === undefined ? "" : BigDecimal.format(signal.price), "9007199254740993.1")
  })

  it("finds the secret under each of its names", () => {
    for (const name of ["secret", "webhookSecret", "token", "key"]) {
      assert.deepStrictEqual(Formats.formats.canonical.secretOf({ [name]: "x" }), ["x"])
    }
    assert.deepStrictEqual(Formats.formats.canonical.secretOf({ Secret: "x", secret: null, key: { a: "x" } }), [])
  })
})

describe("AB Trade-X, legacy", () => {
  const legacy = { token: "x", action: "buy", symbol: "MES1!" }

  it("is a market order of the lane's only strategy", () => {
    const { signal } = Result.getOrThrow(read("abtradex-legacy", JSON.stringify(legacy)))
    assert.deepStrictEqual<unknown>(signal, { lane: "futures", strategy: "s-1", action: "buy", symbol: "MES1!", orderType: "market" })
  })

  it("is a bracket where tp and sl stand beside it", () => {
    assert.deepStrictEqual<unknown>(
      signalOf("abtradex-legacy", JSON.stringify({ ...legacy, action: "sell", tp: "6800.25", sl: 6900, quantity: "2", script_id: "v1" })),
      { ...market, action: "sell", takeProfit: price("6800.25"), stopLoss: price("6900"), quantity: "2", scriptId: "v1" }
    )
  })

  it("needs a strategy's name where several listen, or none", () => {
    for (const where of [busy, { ...route, strategies: () => [] }]) {
      const decoded = read("abtradex-legacy", JSON.stringify(legacy), where)
      assert.strictEqual(Result.isFailure(decoded) ? decoded.failure.path : "", "strategy")
    }
    assert.isTrue(Result.isSuccess(read("abtradex-legacy", JSON.stringify({ ...legacy, strategy: "s-2" }), busy)))
  })

  it("trades no limit order as a market order", () => {
    const decoded = read("abtradex-legacy", JSON.stringify({ ...legacy, orderType: "limit", limitPrice: 5 }))
    assert.strictEqual(Result.isFailure(decoded) ? decoded.failure.path : "", "orderType")
  })

  it("takes its broken source_symbol", () => {
    assert.deepStrictEqual<unknown>(
      signalOf("abtradex-legacy", "{\"token\":\"x\",\"action\":\"buy\",\"symbol\":\"MES1!\",\"source_symbol\": CME_MINI:MES1!}"),
      { ...market, sourceSymbol: "CME_MINI:MES1!" }
    )
  })
})

describe("Which format", () => {
  const both: ReadonlyArray<FormatId> = ["canonical", "abtradex-legacy"]
  const cases: ReadonlyArray<readonly [what: string, json: Record<string, string | null>, formats: ReadonlyArray<FormatId>, chosen: FormatId]> = [
    ["a token and no strategy", { token: "x", action: "buy", symbol: "MES1!" }, both, "abtradex-legacy"],
    ["a token and a strategy", { token: "x", strategy: "s-1" }, both, "canonical"],
    ["a token beside a secret", { token: "x", secret: "y" }, both, "canonical"],
    ["a secret", { secret: "x" }, both, "canonical"],
    ["no secret at all", { action: "buy" }, both, "canonical"],
    ["a lane that takes only the canonical", { token: "x" }, ["canonical"], "canonical"],
    ["a lane that takes only the legacy", { secret: "x" }, ["abtradex-legacy"], "abtradex-legacy"]
  ]
  for (const [what, json, formats, chosen] of cases) {
    it(what, () => assert.strictEqual(Formats.choose(json, formats), chosen))
  }
})
