import { assert, describe, it } from "@effect/vitest"
import * as LocalTime from "#src/symbols/LocalTime.ts"
import * as Roll from "#src/symbols/Roll.ts"
import { cme, crude, gold, mes, utc } from "#test/src/symbols/catalogue.ts"

const rule = (config: typeof mes) => config.roll ?? assert.fail("no roll rule")
const front = (config: typeof mes, at: string) => {
  const month = Roll.frontMonth(rule(config), utc(at), cme)
  return month === undefined ? undefined : Roll.suffixOf(month)
}

describe("last days", () => {
  it.each([
    ["MES", mes, 2026, 3, "2026-03-20"],
    ["MES", mes, 2026, 12, "2026-12-18"],
    ["MES, third Friday is Juneteenth", mes, 2026, 6, "2026-06-18"],
    ["MES, month beginning on a Friday", mes, 2027, 1, "2027-01-15"],
    ["crude", crude, 2025, 12, "2025-11-20"],
    ["crude", crude, 2026, 3, "2026-02-20"],
    ["crude, the 25th is Christmas, year wrap", crude, 2026, 1, "2025-12-19"],
    ["crude, the 25th is Christmas, year wrap", crude, 2027, 1, "2026-12-21"],
    ["crude, the 25th is a Sunday", crude, 2026, 11, "2026-10-20"],
    ["gold", gold, 2025, 12, "2025-12-29"],
    ["gold", gold, 2026, 2, "2026-02-25"],
    ["gold", gold, 2026, 12, "2026-12-29"]
  ] as const)("%s %#", (_name, config, year, month, expected) => {
    assert.strictEqual(LocalTime.formatDay(Roll.lastDayOf(rule(config), { year, month }, cme)), expected)
  })

  it("without a calendar only weekends count", () => {
    assert.strictEqual(LocalTime.formatDay(Roll.lastDayOf(rule(mes), { year: 2026, month: 6 })), "2026-06-19")
    assert.strictEqual(LocalTime.formatDay(Roll.lastDayOf(rule(crude), { year: 2027, month: 1 })), "2026-12-22")
  })

  it("a contract ends with its last day, local time", () => {
    assert.strictEqual(Roll.expiresAtMs(rule(mes), { year: 2026, month: 12 }, cme), utc("2026-12-19T06:00Z"))
    assert.strictEqual(Roll.expiresAtMs(rule(mes), { year: 2026, month: 9 }, cme), utc("2026-09-19T05:00Z"))
  })
})

describe("front month", () => {
  it.each([
    ["long before", mes, "2026-10-01T12:00Z", "Z26"],
    ["the last second before the roll day, local", mes, "2026-12-11T05:59:59Z", "Z26"],
    ["from local midnight of the roll day on, into the next year", mes, "2026-12-11T06:00:00Z", "H27"],
    ["after the last day", mes, "2026-12-28T12:00Z", "H27"],
    ["crude on the day before its roll", crude, "2026-12-16T12:00Z", "F27"],
    ["crude rolls two business days before 2026-12-21", crude, "2026-12-17T12:00Z", "G27"],
    ["gold skips unlisted months", gold, "2026-02-25T12:00Z", "J26"],
    ["gold before its roll", gold, "2026-02-19T12:00Z", "G26"]
  ] as const)("%s", (_name, config, at, expected) => {
    assert.strictEqual(front(config, at), expected)
  })

  it("none without months", () => {
    assert.strictEqual(Roll.frontMonth({ ...rule(mes), months: [] }, utc("2026-10-01T12:00Z")), undefined)
  })
})
