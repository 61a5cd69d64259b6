import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import { InstrumentId } from "#schemas/Ids.ts"
import * as Resolve from "#src/symbols/Resolve.ts"
import { calendars, catalogue, mes, utc } from "#test/src/symbols/catalogue.ts"

const idAt = (symbol: string, at: string) =>
  Option.getOrUndefined(Option.map(Resolve.resolve(catalogue, symbol, utc(at), calendars), ({ id }) => id))

describe("resolve", () => {
  it.each([
    ["MES1!", "MESZ26"],
    ["MES", "MESZ26"],
    ["mes1!", "MESZ26"],
    ["CME_MINI:MES1!", "MESZ26"],
    ["MESZ6", "MESZ26"],
    ["MESZ26", "MESZ26"],
    ["MESZ2026", "MESZ26"],
    ["MESH7", "MESH27"],
    ["MESH2027", "MESH27"],
    ["CME_MINI:MESU5", "MESU25"],
    ["CLF2027", "CLF27"],
    ["PF_XBTUSD", "PF_XBTUSD"],
    ["KRAKEN:XBTUSD", "PF_XBTUSD"],
    ["btcusd", "PF_XBTUSD"]
  ])("%s in October 2026 is %s", (symbol, expected) => {
    assert.strictEqual(idAt(symbol, "2026-10-01T12:00Z"), expected)
    assert.isTrue(Resolve.isKnown(catalogue, symbol))
  })

  it.each(["", "1!", "MES2!", "MESF6", "MESZ", "MESZ126", "MESZ1926", "NQ1!", "PF_XBTUSD1!", "MES1!X", ":", "CME_MINI:"])("%s is unknown", (symbol) => {
    assert.isFalse(Resolve.isKnown(catalogue, symbol))
    assert.strictEqual(idAt(symbol, "2026-10-01T12:00Z"), undefined)
  })

  it("one digit of a year means last year or the nine after", () => {
    assert.strictEqual(idAt("MESZ6", "2027-02-01T12:00Z"), "MESZ26")
    assert.strictEqual(idAt("MESZ6", "2028-02-01T12:00Z"), "MESZ36")
    assert.strictEqual(idAt("MESH0", "2029-12-28T12:00Z"), "MESH30")
  })

  it("the continuous symbol moves on, the month does not", () => {
    assert.strictEqual(idAt("MES1!", "2026-12-14T12:00Z"), "MESH27")
    assert.strictEqual(idAt("MESZ6", "2026-12-14T12:00Z"), "MESZ26")
  })

  it("a root that looks like another's month is that root", () => {
    const odd = { ...mes, root: "MESZ6" }
    const found = Resolve.resolve([mes, odd], "MESZ6", utc("2026-10-01T12:00Z"))
    assert.strictEqual(Option.getOrThrow(found).root, "MESZ6")
  })

  it("carries what orders need", () => {
    const found = Option.getOrThrow(Resolve.resolve(catalogue, "MESZ6", utc("2026-10-01T12:00Z"), calendars))
    assert.strictEqual(found.expiresAtMs, utc("2026-12-19T06:00Z"))
    assert.strictEqual(found.root, "MES")
    const perpetual = Option.getOrThrow(Resolve.resolve(catalogue, "BTCUSD", utc("2026-10-01T12:00Z"), calendars))
    assert.strictEqual(perpetual.version, 3)
    assert.isFalse("expiresAtMs" in perpetual)
  })
})

describe("byId", () => {
  const byId = (id: string) => Option.getOrUndefined(Resolve.byId(catalogue, InstrumentId.make(id), calendars))

  it("finds months in front or not, and perpetuals, as `resolve` gives them", () => {
    assert.deepStrictEqual(byId("MESZ26"), Option.getOrThrow(Resolve.resolve(catalogue, "MESZ6", utc("2026-10-01T12:00Z"), calendars)))
    assert.strictEqual(byId("MESH25")?.expiresAtMs, utc("2025-03-22T05:00Z"))
    assert.strictEqual(byId("PF_XBTUSD")?.asset, "crypto")
  })

  it.each(["MES", "MES1", "MESZ6", "MESZ2026", "BTCUSD", "NQZ26"])("%s is no id", (id) => {
    assert.strictEqual(byId(id), undefined)
  })
})
