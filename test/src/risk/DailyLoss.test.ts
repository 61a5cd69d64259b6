import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Option } from "effect"
import * as DailyLoss from "#src/risk/DailyLoss.ts"
import { instrument, utc } from "#test/src/symbols/catalogue.ts"

const decimal = BigDecimal.fromStringUnsafe

describe("the account's day", () => {
  const chicago = { time: "17:00", zone: "America/Chicago" }
  it.each([
    ["after the reset", chicago, "2026-01-15T00:00Z", "2026-01-14T23:00Z", "2026-01-15T23:00Z"],
    ["before the reset", chicago, "2026-01-14T22:59Z", "2026-01-13T23:00Z", "2026-01-14T23:00Z"],
    ["at the reset", chicago, "2026-01-14T23:00Z", "2026-01-14T23:00Z", "2026-01-15T23:00Z"],
    ["23 hours: the clock goes forward", chicago, "2026-03-08T12:00Z", "2026-03-07T23:00Z", "2026-03-08T22:00Z"],
    ["25 hours: the clock goes back", chicago, "2026-11-01T12:00Z", "2026-10-31T22:00Z", "2026-11-01T23:00Z"],
    ["a reset in the skipped hour", { time: "02:30", zone: "America/New_York" }, "2026-03-08T12:00Z", "2026-03-08T07:30Z", "2026-03-09T06:30Z"],
    ["a reset in the hour that comes twice", { time: "01:30", zone: "America/New_York" }, "2026-11-01T06:00Z", "2026-11-01T05:30Z", "2026-11-02T06:30Z"]
  ] as const)("%s", (_name, config, now, start, next) => {
    assert.strictEqual(DailyLoss.dayStartMs(config, utc(now)), utc(start))
    assert.strictEqual(DailyLoss.nextDayStartMs(config, utc(now)), utc(next))
  })
})

describe("the limit", () => {
  const check = (realized: string, open: string, fees: string, stopOut: string, limit?: string) =>
    DailyLoss.check({
      realized: decimal(realized),
      open: decimal(open),
      fees: decimal(fees),
      ...(limit === undefined ? {} : { limit: decimal(limit) }),
      stopOutLoss: decimal(stopOut),
      clearsAtMs: 42
    })

  it.each([
    ["far away", "0", "0", "0", "100", false],
    ["its stop-out reaches the limit exactly", "-300", "-90", "10", "100", false],
    ["its stop-out goes a cent beyond", "-300", "-90", "10", "100.01", true],
    ["fees count", "-300", "-90", "10.01", "100", true],
    ["open profit counts", "-450", "100", "0", "100", false],
    ["profit makes room", "200", "0", "0", "700", false],
    ["reached already, no stop of its own", "-500", "0", "0", "0", true],
    ["beyond already", "-400", "-200", "0", "0", true]
  ] as const)("%s", (_name, realized, open, fees, stopOut, isDenied) => {
    assert.strictEqual(Option.isSome(check(realized, open, fees, stopOut, "500")), isDenied)
  })

  it("no limit, no denial", () => {
    assert.isTrue(Option.isNone(check("-1e6", "0", "0", "1e6")))
  })

  it("says rule, limit, current, distance and when it clears", () => {
    const reason = Option.getOrThrow(check("-300", "-90", "10", "150.5", "500"))
    assert.strictEqual(reason.rule, "DailyLoss")
    assert.strictEqual(reason.message, "day P&L -400 against a limit of -500: this order's stop-out would lose 150.5, leaving -550.5")
    const reached = Option.getOrThrow(check("-500", "0", "0", "0", "500"))
    assert.strictEqual(reached.message, "day P&L -500 against a limit of -500: the limit is reached")
    assert.strictEqual(reason.clearsAtMs, 42)
    assert.deepStrictEqual(reason.facts, {
      limit: "500", current: "-400", realized: "-300", open: "-90", fees: "10", stopOut: "150.5", after: "-550.5", distance: "100"
    })
  })

  it("a stop-out includes both sides' fees", () => {
    const loss = DailyLoss.stopOutLoss(instrument("MES1!"), 20_000, 19_984, 3, decimal("0.62"))
    assert.strictEqual(BigDecimal.format(loss), "63.72")
  })
})
