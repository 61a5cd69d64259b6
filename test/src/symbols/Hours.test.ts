import { assert, describe, it } from "@effect/vitest"
import { DateTime, Option, Schema } from "effect"
import { CalendarConfig } from "#schemas/config/InstrumentConfig.ts"
import * as Hours from "#src/symbols/Hours.ts"
import { always, cme, utc } from "#test/src/symbols/catalogue.ts"

const iso = (atMs: Option.Option<number>) => Option.getOrUndefined(Option.map(atMs, (ms) => DateTime.formatIso(DateTime.makeUnsafe(ms)).slice(0, 16) + "Z"))
const nextOpen = (at: string, calendar = cme) => iso(Hours.nextOpenMs(calendar, utc(at)))
const nextClose = (at: string, calendar = cme) => iso(Hours.nextCloseMs(calendar, utc(at)))

describe("isOpen", () => {
  it.each([
    ["mid-week", "2026-01-14T18:00Z", true],
    ["the break begins", "2026-01-14T22:00Z", false],
    ["the last moment before the break", "2026-01-14T21:59:59.999Z", true],
    ["the break ends", "2026-01-14T23:00Z", true],
    ["Friday evening", "2026-01-16T23:30Z", false],
    ["Saturday", "2026-01-17T18:00Z", false],
    ["Sunday before the open, winter", "2026-03-01T22:59Z", false],
    ["Sunday's open, winter", "2026-03-01T23:00Z", true],
    ["Sunday's open on the day the clock goes forward", "2026-03-08T22:00Z", true],
    ["a minute before it", "2026-03-08T21:59Z", false],
    ["Sunday's open on the day the clock goes back", "2026-11-01T23:00Z", true],
    ["an hour before it, the open of the week before", "2026-11-01T22:00Z", false],
    ["before the early close", "2026-11-26T17:59Z", true],
    ["after the early close", "2026-11-26T18:00Z", false],
    ["the evening session after it", "2026-11-26T23:00Z", true],
    ["the evening before a closed day belongs to it", "2026-12-24T23:30Z", false],
    ["a closed day", "2026-12-25T15:00Z", false],
    ["the evening before an open day after a closed one", "2025-12-25T23:30Z", true],
    ["a closed Thursday", "2025-12-25T15:00Z", false]
  ])("%s", (_name, at, expected) => {
    assert.strictEqual(Hours.isOpen(cme, utc(at)), expected)
  })

  it("always", () => {
    assert.isTrue(Hours.isOpen(always, utc("2026-01-17T18:00Z")))
    assert.strictEqual(nextOpen("2026-01-17T18:00Z", always), "2026-01-17T18:00Z")
    assert.strictEqual(nextClose("2026-01-17T18:00Z", always), undefined)
  })
})

describe("next open and close", () => {
  it.each([
    ["open: now", "2026-01-14T18:00Z", "2026-01-14T18:00Z"],
    ["over the break", "2026-01-14T22:30Z", "2026-01-14T23:00Z"],
    ["over a weekend in which the clock goes forward", "2026-03-07T12:00Z", "2026-03-08T22:00Z"],
    ["over a weekend in which the clock goes back", "2026-10-31T12:00Z", "2026-11-01T23:00Z"],
    ["over Christmas and the weekend", "2026-12-24T19:00Z", "2026-12-27T23:00Z"]
  ])("open %s", (_name, at, expected) => {
    assert.strictEqual(nextOpen(at), expected)
  })

  it.each([
    ["winter", "2026-01-14T18:00Z", "2026-01-14T22:00Z"],
    ["overnight", "2026-01-14T23:30Z", "2026-01-15T22:00Z"],
    ["early", "2026-11-26T10:00Z", "2026-11-26T18:00Z"],
    ["shut", "2026-01-17T18:00Z", undefined]
  ])("close %s", (_name, at, expected) => {
    assert.strictEqual(nextClose(at), expected)
  })

  it("nothing within the horizon", () => {
    assert.strictEqual(nextOpen("2026-01-14T18:00Z", { ...cme, windows: [] }), undefined)
  })
})

describe("a window over several days", () => {
  const weekly = Schema.decodeUnknownSync(CalendarConfig)({
    id: "fx",
    zone: "America/New_York",
    always: false,
    windows: [{ from: { day: "sun", time: "17:00" }, to: { day: "fri", time: "17:00" } }],
    closedOn: ["2026-01-14"],
    earlyCloses: [{ date: "2026-01-22", at: "13:00" }]
  })

  it("loses only its closed day", () => {
    assert.isTrue(Hours.isOpen(weekly, utc("2026-01-14T04:59Z")))
    assert.isFalse(Hours.isOpen(weekly, utc("2026-01-14T05:00Z")))
    assert.strictEqual(nextOpen("2026-01-14T12:00Z", weekly), "2026-01-15T05:00Z")
    assert.strictEqual(nextClose("2026-01-12T12:00Z", weekly), "2026-01-14T05:00Z")
    assert.strictEqual(nextClose("2026-01-05T12:00Z", weekly), "2026-01-09T22:00Z")
  })

  it("pauses from an early close to midnight", () => {
    assert.strictEqual(nextClose("2026-01-20T12:00Z", weekly), "2026-01-22T18:00Z")
    assert.strictEqual(nextOpen("2026-01-22T18:00Z", weekly), "2026-01-23T05:00Z")
  })
})
