/** Bugs of sizes, caps and money. */
import type { Bug } from "#test/simulation/planted/Bug.ts"

const caps = "src/risk/Caps.ts"
const intend = "src/lifecycle/Intend.ts"

export const bugs: ReadonlyArray<Bug> = [
  {
    name: "cap-off-by-one",
    promise: "An account never holds more contracts than its cap.",
    file: caps,
    find: "const left = BigDecimal.subtract(cap, used)",
    replace: "const left = BigDecimal.sum(BigDecimal.subtract(cap, used), instrument.lotSize)",
    runs: [{ scenario: "caps" }]
  },
  {
    name: "symbol-cap-per-month",
    promise: "A symbol's cap counts what is held of it.",
    file: caps,
    find: "exposures.filter((exposure) => exposure.instrument.root === instrument.root)",
    replace: "exposures.filter((exposure) => exposure.instrument.root === instrument.id)",
    runs: [{ scenario: "adds" }]
  },
  {
    name: "one-position-too-many",
    promise: "An account holds at most so many instruments at a time.",
    file: caps,
    find: "others.size < caps.maxPositions",
    replace: "others.size <= caps.maxPositions",
    runs: [{ scenario: "caps" }]
  },
  {
    name: "trades-counted-when-closed",
    promise: "Entries in flight count as trades of the day.",
    file: "src/lifecycle/Day.ts",
    find: "entries: book.entriesAtMs.filter((atMs) => atMs >= fromMs).length",
    replace: "entries: trades.length",
    runs: [{ scenario: "caps" }]
  },
  {
    name: "in-flight-not-in-caps",
    promise: "An entry on its way counts against every cap.",
    file: "src/lifecycle/Exposure.ts",
    find: "return Math.abs(held) + lotsOf(entries)",
    replace: "return Math.abs(held)",
    runs: [{ scenario: "caps", faults: "F5" }]
  },
  {
    name: "strategy-maximum-ignored",
    promise: "No entry is larger than its strategy allows.",
    file: "src/sizing/Size.ts",
    find: "...(strategy.maxQuantity === undefined ? [] : [{",
    replace: "...(strategy.maxQuantity !== undefined ? [] : [{",
    runs: [{ scenario: "caps" }]
  },
  {
    name: "quantity-rounded-up",
    promise: "A quantity is rounded toward zero.",
    file: "src/orders/Units.ts",
    find: "return Number(stepsIn(quantity, instrument.lotSize, \"down\"))",
    replace: "return Number(stepsIn(quantity, instrument.lotSize, \"up\"))",
    runs: [{ scenario: "caps" }]
  },
  {
    name: "daily-loss-never-reached",
    promise: "No entry once the day has lost what it may.",
    file: "src/risk/DailyLoss.ts",
    find: "const current = BigDecimal.subtract(BigDecimal.sum(input.realized, input.open), input.fees)",
    replace: "const current = input.open",
    runs: [{ scenario: "caps" }]
  },
  {
    name: "day-begins-at-midnight-utc",
    promise: "An account's day begins at its own time in its own zone.",
    file: "src/risk/DailyLoss.ts",
    find: "export const dayStartMs = (config: DayStart, nowMs: number): number =>\n",
    replace: "export const dayStartMs = (config: DayStart, nowMs: number): number => config.zone !== \"Etc/UTC\" ? nowMs - nowMs % 86_400_000 :\n",
    runs: [{ scenario: "day-start" }]
  },
  {
    name: "tick-value-turned-around",
    promise: "A trade's result is its points times the value of a tick.",
    file: intend,
    find: "BigDecimal.divideUnsafe(instrument.tickValue, instrument.tickSize)",
    replace: "BigDecimal.divideUnsafe(instrument.tickSize, instrument.tickValue)",
    runs: [{ scenario: "round-native" }]
  },
  {
    name: "fees-added",
    promise: "Fees are part of what a trade lost.",
    file: intend,
    find: "const pnl = BigDecimal.subtract(",
    replace: "const pnl = BigDecimal.sum(",
    runs: [{ scenario: "round-native" }]
  },
  {
    name: "prices-through-floats",
    promise: "Prices and money are exact decimals.",
    file: "src/venues/reference/Translate.ts",
    find: "    price: fill.price,",
    replace: "    price: BigDecimal.fromNumberUnsafe(BigDecimal.toNumberUnsafe(fill.price) * 1.1 / 1.1 + 1e-9),",
    runs: [{ scenario: "round-native" }]
  },
  {
    name: "exit-larger-than-held",
    promise: "An exit is never larger than what is held.",
    file: "src/lifecycle/Decide.ts",
    find: "...(lots < held ? { lots: Lots.make(lots) } : {})",
    replace: "...(Number.isFinite(lots) ? { lots: Lots.make(lots) } : {})",
    also: [{
      file: "src/lifecycle/Plan.ts",
      find: "Math.min(x.held, Book.openOf(book, bracket, closing, closing.lots))",
      replace: "Book.openOf(book, bracket, closing, closing.lots)"
    }],
    runs: [{ scenario: "parts-native" }]
  }
]
