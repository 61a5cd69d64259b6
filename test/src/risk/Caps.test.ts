import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { Caps as CapsConfig } from "#schemas/config/AccountConfig.ts"
import * as Caps from "#src/risk/Caps.ts"
import { instrument } from "#test/src/symbols/catalogue.ts"

const caps = Schema.decodeUnknownSync(CapsConfig)
const mes = instrument("MESH26")
const nextMes = instrument("MESM26")
const gold = instrument("MGC1!")
const bitcoin = instrument("BTCUSD")
const held = (on: typeof mes, atRiskLots: number) => ({ instrument: on, atRiskLots })

describe("room", () => {
  const both = caps({ maxContracts: { futures: "5", crypto: "0.5" }, maxContractsBySymbol: { MES: "3" } })

  it.each([
    ["nothing held", mes, [], { byAsset: 5, bySymbol: 3 }],
    ["all symbols count for the asset", mes, [held(gold, 4)], { byAsset: 1, bySymbol: 3 }],
    ["all months count for the symbol", nextMes, [held(mes, 2)], { byAsset: 3, bySymbol: 1 }],
    ["another asset does not count", mes, [held(bitcoin, 4_000)], { byAsset: 5, bySymbol: 3 }],
    ["never below zero", mes, [held(mes, 4), held(gold, 4)], { byAsset: 0, bySymbol: 0 }],
    ["coins in lots", bitcoin, [held(bitcoin, 1_000)], { byAsset: 4_000 }],
    ["no cap for this symbol", gold, [], { byAsset: 5 }]
  ] as const)("%s", (_name, on, exposures, expected) => {
    assert.deepStrictEqual(Caps.room(both, on, exposures), expected)
  })

  it("absent caps do not bind", () => {
    assert.deepStrictEqual(Caps.room(caps({}), mes, [held(mes, 100)]), {})
  })
})

describe("positions", () => {
  const denied = (on: typeof mes, exposures: ReadonlyArray<Caps.Exposure>) => Option.isSome(Caps.positionsDenied(caps({ maxPositions: 2 }), on, exposures))

  it("a third instrument is denied, what is held may grow, what is flat does not count", () => {
    assert.isTrue(denied(mes, [held(gold, 1), held(bitcoin, 1)]))
    assert.isFalse(denied(mes, [held(gold, 1), held(mes, 1)]))
    assert.isFalse(denied(mes, [held(gold, 1), held(bitcoin, 0)]))
    assert.isFalse(Option.isSome(Caps.positionsDenied(caps({}), mes, [held(gold, 1), held(bitcoin, 1)])))
  })
})

it("trades per day", () => {
  assert.isTrue(Option.isNone(Caps.tradesDenied(caps({ maxTradesPerDay: 3 }), 2, 99)))
  const reason = Option.getOrThrow(Caps.tradesDenied(caps({ maxTradesPerDay: 3 }), 3, 99))
  assert.deepStrictEqual([reason.rule, reason.facts, reason.clearsAtMs], ["MaxTradesPerDay", { limit: "3", current: "3" }, 99])
  assert.isTrue(Option.isNone(Caps.tradesDenied(caps({}), 1_000, 99)))
})
