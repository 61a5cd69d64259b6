/** Bugs of the dispatcher, the gates and the strategies' guards. */
import type { Bug } from "#test/simulation/planted/Bug.ts"

const dispatcher = "actors/dispatcher/Dispatcher.ts"
const guard = "actors/strategy-guard/State.ts"

export const bugs: ReadonlyArray<Bug> = [
  {
    name: "account-not-told-again",
    promise: "An account that owes an outcome is told again after a restart.",
    file: dispatcher,
    find: "else yield* steps.redrive(alert, Open.owing(alert))",
    replace: "",
    runs: [{ scenario: "brief-native", hands: [{ at: "00:00:19.900", strike: "F1" }, { at: "00:00:20.100", dies: true }] }]
  },
  {
    name: "withheld-entry-forgotten",
    promise: "An entry that surely never left is decided anew.",
    file: dispatcher,
    find: "return steps.redecide(alert, account)",
    replace: "return undefined",
    runs: [{ scenario: "round-native", faults: "F1:p=0.3" }]
  },
  {
    name: "known-alert-taken-again",
    promise: "An account acts once on an alert, however often it is told.",
    file: "src/lifecycle/Decide.ts",
    find: "if (work?.outcome !== undefined || (work !== undefined && !work.mayRedecide)) return []\n  const approved",
    replace: "const approved",
    runs: [{ scenario: "brief-native", faults: "F5", each: { kind: "network", moment: "before", fate: "kill" } }]
  },
  {
    name: "ended-before-it-settles",
    promise: "An alert ends with what its orders came to.",
    file: "src/lifecycle/Reach.ts",
    find: "    case \"Intended\":\n    case \"Held\":\n      return pending(\"working\")",
    replace: "    case \"Intended\":\n    case \"Held\":\n      return reached(\"canceled\")",
    runs: [{ scenario: "round-native" }]
  },
  {
    name: "unknown-outcome-called-rejected",
    promise: "An entry that may have been executed is pending, not rejected.",
    file: "src/lifecycle/Reach.ts",
    find: "    case \"Unknown\":\n      return pending(\"unknown\")",
    replace: "    case \"Unknown\":\n      return reached(\"rejected\", venueSaid(entry.reason))",
    runs: [{ scenario: "round-native", faults: "F3:p=0.5" }]
  },
  {
    name: "partly-filled-never-ends",
    promise: "Every acknowledged alert ends with an outcome.",
    file: "src/lifecycle/Reach.ts",
    find: "    case \"Canceled\":\n      return reached(entry.filled > 0 ? \"partlyFilled\" : \"canceled\", entry.isKilled ? killed : undefined)",
    replace: "    case \"Canceled\":\n      return pending(\"restingLimit\")",
    runs: [{ scenario: "round-native", faults: "F14" }]
  },
  {
    name: "session-read-in-utc",
    promise: "A strategy's session is local time of its zone.",
    file: "src/guards/SessionWindow.ts",
    find: "fromMs: LocalTime.instantOf(day, from, zone),",
    replace: "fromMs: LocalTime.instantOf(day, from, \"Etc/UTC\"),",
    runs: [{ scenario: "session" }]
  },
  {
    name: "session-holds-up-exits",
    promise: "What reduces risk passes outside the session.",
    file: guard,
    find: "  if (isReducing(signal.action)) return [GuardApproved.make({ alertId, atMs: nowMs, notes, ...seen })]\n",
    replace: "",
    runs: [{ scenario: "session" }]
  },
  {
    name: "market-hours-ignored",
    promise: "No entry while its market is shut.",
    file: "src/lifecycle/Refuse.ts",
    find: "if (calendar !== undefined && !Hours.isOpen(calendar, facts.nowMs)) {",
    replace: "if (calendar === undefined) {",
    runs: [{ scenario: "shut" }]
  },
  {
    name: "fire-counted-twice",
    promise: "A strategy's alert counts as one fire.",
    file: guard,
    find: "count: settled.count + 1, lastAtMs }",
    replace: "count: settled.count + 2, lastAtMs }",
    runs: [{ scenario: "fires" }]
  },
  {
    name: "fires-beyond-the-maximum",
    promise: "A strategy fires at most as often as it may in its day.",
    file: "src/guards/Fires.ts",
    find: "fired < rule.max",
    replace: "fired <= rule.max",
    runs: [{ scenario: "fires" }]
  },
  {
    name: "fire-never-given-back",
    promise: "A fire of which nothing was sent is given back.",
    file: guard,
    find: "const isRefund = !sent &&",
    replace: "const isRefund = sent && !sent &&",
    runs: [{ scenario: "fires" }]
  },
  {
    name: "stale-alert-opens",
    promise: "An entry older than its strategy allows never leaves.",
    file: "src/gates/StaleEntry.ts",
    find: "return ageMs > strategy.entryAgeMsMax",
    replace: "return ageMs > 365 * 86_400_000",
    also: [
      { file: "src/lifecycle/Refuse.ts", find: "return ageMs <= strategy.entryAgeMsMax ?", replace: "return ageMs <= 365 * 86_400_000 ?" },
      { file: "actors/broker-session/Wire.ts", find: "if (nowMs > (request.notAfterMs ?? Infinity))", replace: "if (nowMs < 0)" }
    ],
    runs: [{ scenario: "round-native", faults: "F43:p=0.5" }]
  },
  {
    name: "grows-old-in-the-queue",
    promise: "An entry that waited for its venue too long ends expired.",
    file: "src/lifecycle/Refuse.ts",
    find: "return ageMs <= strategy.entryAgeMsMax ?",
    replace: "return ageMs <= 365 * 86_400_000 ?",
    also: [{ file: "actors/broker-session/Wire.ts", find: "if (nowMs > (request.notAfterMs ?? Infinity))", replace: "if (nowMs < 0)" }],
    runs: [{ scenario: "round-native", faults: "F34:n=1,ms=120000" }]
  },
  {
    name: "exit-ages",
    promise: "An exit never expires.",
    file: "src/lifecycle/Decide.ts",
    find: "  if (!isWayOut(book, approved, facts)) {\n    const skipped",
    replace: "  {\n    const skipped",
    also: [{ file: "src/lifecycle/Refuse.ts", find: "if (isReducing(signal.action) || strategy === undefined) return undefined", replace: "if (strategy === undefined) return undefined" }],
    runs: [{ scenario: "round-native", hands: [{ at: "00:08:50", outageSeconds: 100 }] }]
  },
  {
    name: "stale-quote-trades",
    promise: "A strategy that wants a live quote does not trade on an old one.",
    file: "src/lifecycle/Enter.ts",
    find: "return quote !== undefined && facts.nowMs - quote.atMs <= quoteAgeMsMax ? quote : undefined",
    replace: "return quote",
    runs: [{ scenario: "round-native", faults: "F7" }]
  }
]
