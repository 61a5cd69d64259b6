/** One alert that passes every gate, and the house around it: each test changes one thing. */
import { Schema } from "effect"
import { AccountConfig } from "#schemas/config/AccountConfig.ts"
import { LaneConfig } from "#schemas/config/LaneConfig.ts"
import { StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import { Signal } from "#schemas/Signal.ts"
import type { GateInput } from "#src/gates/Gate.ts"
import { calendars, catalogue, utc } from "#test/src/symbols/catalogue.ts"

export const strategy = Schema.decodeUnknownSync(StrategyConfig)({
  id: "breakout",
  enabled: true,
  lanes: ["tv"],
  symbols: ["MES1!"],
  exitProfile: { stop: true, target: true, runner: true, signalExit: true },
  protection: "required",
  quotes: "any",
  onSameSide: "deny",
  onOppositeSide: "exit",
  entryAgeMsMax: 30_000,
  entryDeadlineMs: 30_000,
  fires: { zone: "America/New_York", dayStartsAt: "18:00" },
  coolDownMs: 0,
  expectation: "ignore"
})

export const lane = Schema.decodeUnknownSync(LaneConfig)({ id: "tv", enabled: true, secret: { $env: "TV_SECRET" }, formats: ["canonical"] })

export const account = Schema.decodeUnknownSync(AccountConfig)({
  id: "paper-1",
  enabled: true,
  login: "paper",
  balance: { amount: "50000", currency: "USD" },
  assets: ["futures"],
  sizing: { futures: { kind: "fixed", quantity: "1" } },
  caps: {},
  dayStartsAt: { time: "17:00", zone: "America/Chicago" },
  restingTargets: false,
  feePerLot: {}
})

const decodeSignal = Schema.decodeUnknownSync(Signal)
export const signal = (change: Record<string, unknown> = {}): Signal =>
  decodeSignal({ lane: "tv", strategy: "breakout", action: "buy", symbol: "MES1!", orderType: "market", ...change })

export const receivedAtMs = utc("2026-01-15T15:00Z")

export const input = (change: Partial<GateInput> = {}): GateInput => ({
  signal: signal(),
  receivedAtMs,
  nowMs: receivedAtMs + 100,
  strategy,
  lane,
  house: { accounts: new Map([[account.id, account]]), instruments: catalogue, calendars },
  isPaused: () => false,
  ...change
})
