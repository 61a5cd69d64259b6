import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { SessionWindow as WindowConfig, StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import { SenderPosition } from "#schemas/Signal.ts"
import * as CoolDown from "#src/guards/CoolDown.ts"
import * as Expectation from "#src/guards/Expectation.ts"
import * as Fires from "#src/guards/Fires.ts"
import * as SessionWindow from "#src/guards/SessionWindow.ts"
import { utc } from "#test/src/symbols/catalogue.ts"

const windows = Schema.decodeUnknownSync(Schema.Array(WindowConfig))
const zone = "America/New_York"
const day = { zone, windows: windows([{ days: ["mon", "tue", "wed", "thu", "fri"], from: "09:30", to: "16:00" }]) }
const night = { zone, windows: windows([{ days: ["sun", "sat"], from: "18:00", to: "02:30" }]) }
const whole = { zone, windows: windows([{ days: ["mon"], from: "18:00", to: "18:00" }]) }

describe("session", () => {
  it.each([
    ["at the open", day, "2026-01-15T14:30Z", true, undefined],
    ["just before", day, "2026-01-15T14:29:59.999Z", false, "2026-01-15T14:30Z"],
    ["at the close", day, "2026-01-15T21:00Z", false, "2026-01-16T14:30Z"],
    ["Friday evening, until Monday in summer time", day, "2026-03-06T22:00Z", false, "2026-03-09T13:30Z"],
    ["summer time", day, "2026-03-09T13:30Z", true, undefined],
    ["overnight, the evening", night, "2026-01-18T23:00Z", true, undefined],
    ["overnight, the morning after", night, "2026-01-19T07:29Z", true, undefined],
    ["overnight, its end", night, "2026-01-19T07:30Z", false, "2026-01-24T23:00Z"],
    ["ends in the hour that the clock skips", night, "2026-03-08T07:29Z", true, undefined],
    ["and no later", night, "2026-03-08T07:30Z", false, "2026-03-08T22:00Z"],
    ["over the hour that comes twice: an hour more", night, "2026-11-01T06:30Z", true, undefined],
    ["its end in winter time", night, "2026-11-01T07:30Z", false, "2026-11-01T23:00Z"],
    ["a window of a whole day", whole, "2026-01-13T22:59Z", true, undefined],
    ["its end", whole, "2026-01-13T23:00Z", false, "2026-01-19T23:00Z"]
  ] as const)("%s", (_name, session, at, isOpen, clears) => {
    const reason = SessionWindow.check(session, utc(at))
    assert.strictEqual(Option.isNone(reason), isOpen)
    assert.strictEqual(Option.getOrUndefined(reason)?.clearsAtMs, clears === undefined ? undefined : utc(clears))
  })

  it("none configured: any hour; no windows: never", () => {
    assert.isTrue(Option.isNone(SessionWindow.check(undefined, utc("2026-01-17T12:00Z"))))
    assert.isTrue(Option.isSome(SessionWindow.check({ zone, windows: [] }, utc("2026-01-15T15:00Z"))))
  })
})

describe("cool-down", () => {
  it.each([
    [undefined, 1_000, true],
    [1_000, 1_000, false],
    [1_000, 5_999, false],
    [1_000, 6_000, true],
    [9_000, 1_000, true]
  ] as const)("last fire %s, now %s", (last, now, passes) => {
    const reason = CoolDown.check(5_000, last, now)
    assert.strictEqual(Option.isNone(reason), passes)
    if (!passes) assert.strictEqual(Option.getOrThrow(reason).clearsAtMs, 6_000)
  })

  it("none", () => {
    assert.isTrue(Option.isNone(CoolDown.check(0, 1_000, 1_000)))
  })
})

describe("fires", () => {
  const rule = Schema.decodeUnknownSync(StrategyConfig.fields.fires)({ zone, dayStartsAt: "18:00", max: 2 })

  it.each([
    ["2026-01-15T22:59Z", "2026-01-14"],
    ["2026-01-15T23:00Z", "2026-01-15"],
    ["2026-03-08T21:59Z", "2026-03-07"],
    ["2026-03-08T22:00Z", "2026-03-08"],
    ["2026-11-01T22:59Z", "2026-10-31"],
    ["2026-11-01T23:00Z", "2026-11-01"]
  ])("%s counts for %s", (at, expected) => {
    assert.strictEqual(Fires.tradingDay(rule, utc(at)), expected)
  })

  it("a cap, and when it clears", () => {
    const now = utc("2026-03-07T15:00Z")
    assert.isTrue(Option.isNone(Fires.check(rule, 1, now)))
    assert.strictEqual(Option.getOrThrow(Fires.check(rule, 2, now)).clearsAtMs, utc("2026-03-07T23:00Z"))
    assert.strictEqual(Option.getOrThrow(Fires.check(rule, 2, utc("2026-03-08T01:00Z"))).clearsAtMs, utc("2026-03-08T22:00Z"))
    assert.isTrue(Option.isNone(Fires.check({ zone, dayStartsAt: "18:00" }, 1_000, now)))
  })
})

describe("expectation", () => {
  const position = Schema.decodeUnknownSync(SenderPosition)
  const left = position({ now: "long", nowSize: "2" })

  it.each([
    ["as left", "hold", left, position({ previous: "long", previousSize: "2.0" }), undefined],
    ["another direction", "hold", left, position({ previous: "flat", previousSize: "0" }), "Block"],
    ["another size", "hold", left, position({ previous: "long", previousSize: "1" }), "Block"],
    ["flagged", "flag", left, position({ previous: "short" }), "Note"],
    ["ignored", "ignore", left, position({ previous: "short" }), undefined],
    ["nothing left before", "hold", undefined, position({ previous: "short" }), undefined],
    ["nothing said now", "hold", left, undefined, undefined],
    ["only the direction said", "hold", left, position({ previous: "long" }), undefined],
    ["flat is flat", "hold", position({ now: "flat", nowSize: "0" }), position({ previous: "flat", previousSize: "1" }), undefined]
  ] as const)("%s", (_name, policy, before, now, expected) => {
    assert.strictEqual(Option.getOrUndefined(Expectation.check(policy, before, now))?._tag, expected)
  })
})
