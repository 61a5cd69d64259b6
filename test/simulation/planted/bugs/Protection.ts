/** Bugs of stops, targets and closes. */
import type { Bug } from "#test/simulation/planted/Bug.ts"

const plan = "src/lifecycle/Plan.ts"
const protect = "src/lifecycle/Protect.ts"

export const bugs: ReadonlyArray<Bug> = [
  {
    name: "stop-of-the-order-not-the-fill",
    promise: "A stop is as large as what was filled.",
    file: protect,
    find: "  const surplus = x.plannedStop - x.held\n",
    replace: "  const surplus = x.plannedStop - Math.max(x.held, ...x.all.filter(({ order }) => order.leg === \"entry\").map(({ order }) => order.lots))\n",
    runs: [{ scenario: "round-plain", faults: "F14" }]
  },
  {
    name: "stop-on-the-wrong-side",
    promise: "A stop closes its position.",
    file: "src/lifecycle/Intend.ts",
    find: "side: closingSide(bracket, of.held),",
    replace: "side: closingSide(bracket, of.leg === \"stop\" ? -of.held : of.held),",
    runs: [{ scenario: "round-plain" }]
  },
  {
    name: "no-stop-until-all-is-filled",
    promise: "What is filled of an entry is protected at once.",
    file: plan,
    find: "  const protection = protect(book, bracket, x, facts)\n  return",
    replace: "  const protection = x.all.every(({ filled, order }) => order.leg !== \"entry\" || filled === order.lots) ? protect(book, bracket, x, facts) : []\n  return",
    runs: [{ scenario: "round-plain", faults: "F14" }]
  },
  {
    name: "no-stop-at-all",
    promise: "No position without its stop.",
    file: plan,
    find: "  const protection = protect(book, bracket, x, facts)\n  return",
    replace: "  const protection: ReadonlyArray<JournalEvent> = []\n  return",
    runs: [{ scenario: "round-plain" }]
  },
  {
    name: "stop-does-not-grow",
    promise: "A stop follows what more is filled.",
    file: protect,
    find: "if (keeper === undefined) return surplus < 0 ? [added(book, bracket, facts, x, -surplus)] : []",
    replace: "if (planned.length > 0 && surplus < 0) return []\n  if (keeper === undefined) return surplus < 0 ? [added(book, bracket, facts, x, -surplus)] : []",
    also: [{ file: protect, find: "if (missing > 0 && exposedForMs >= confirmWithinMs) {", replace: "if (x.held < 0) {" }],
    runs: [{ scenario: "adds" }]
  },
  {
    name: "stop-does-not-shrink",
    promise: "A stop shrinks with its position: what is left of it would open another.",
    file: protect,
    find: "  const wanted = BookOf.remaining(keeper) - surplus\n",
    replace: "  if (surplus > 0) return []\n  const wanted = BookOf.remaining(keeper) - surplus\n",
    runs: [{ scenario: "parts-plain" }]
  },
  {
    name: "refused-stop-shrugged-off",
    promise: "Where a stop is refused the position goes flat.",
    file: protect,
    find: "if (refused?.status === \"Rejected\" && refused.refusals > 0 && x.plannedStop < x.held) {",
    replace: "if (x.held < 0) {",
    also: [{ file: protect, find: "if (missing > 0 && exposedForMs >= confirmWithinMs) {", replace: "if (x.held < 0) {" },
      { file: protect, find: "if ((facts.notBeforeMs(bracket.instrument.id) ?? 0) > facts.nowMs) return []", replace: "if (refused?.status === \"Rejected\") return []" }],
    runs: [{ scenario: "round-native", faults: "F18" }]
  },
  {
    name: "patience-with-stops",
    promise: "A stop that is not confirmed within two seconds is no stop.",
    file: protect,
    find: "export const confirmWithinMs = 2_000",
    replace: "export const confirmWithinMs = 60_000",
    runs: [{ scenario: "round-plain", faults: "F24:p=0.5" }, { scenario: "round-plain", faults: "F1:p=0.5" }, { scenario: "round-plain", faults: "F9:p=0.6" }]
  },
  {
    name: "sibling-stays",
    promise: "When one exit has closed the position the other is called back.",
    file: plan,
    find: "if (x.held === 0) return Book.closedOf(book, bracket) > 0 ? over(x) : siblings(x)",
    replace: "if (x.held === 0) return []",
    runs: [{ scenario: "round-native", faults: "F19" }]
  },
  {
    name: "close-leaves-the-stop",
    promise: "A closed position leaves no stop behind.",
    file: plan,
    find: "    return over(x)\n",
    replace: "    return []\n",
    runs: [{ scenario: "round-native" }]
  },
  {
    name: "excess-kept",
    promise: "What was closed too much is closed again.",
    file: plan,
    find: "if (x.held < 0) return excess(bracket)",
    replace: "if (x.held < 0) return []",
    runs: [{ scenario: "round-plain", faults: "F15 F19" }]
  },
  {
    name: "exit-repeated",
    promise: "One close sends one exit at a time.",
    file: plan,
    find: "const mustWait = x.exits.length > 0 ||",
    replace: "const mustWait = x.exits.some(({ status }) => status === \"Intended\") ||",
    runs: [{ scenario: "round-plain", faults: "F5" }]
  },
  {
    name: "target-twice-the-position",
    promise: "A target is never larger than what is held.",
    file: plan,
    find: "const lots = planned.reduce((sum, order) => sum + Book.remaining(order), 0)\n  const changeable = planned.filter((order) => mayChange(order, facts))\n  const due",
    replace: "const lots = Math.floor(planned.reduce((sum, order) => sum + Book.remaining(order), 0) / 2)\n  const changeable = planned.filter((order) => mayChange(order, facts))\n  const due",
    runs: [{ scenario: "targets-paper" }]
  },
  {
    name: "late-fill-without-stop",
    promise: "A fill after the end is protected like any other.",
    file: "src/lifecycle/Report.ts",
    find: "if (known === undefined || known.order.side !== fill.side || known.fills.has(fill.id)) return []",
    replace: "if (known === undefined || known.order.side !== fill.side || known.fills.has(fill.id) || Book.isTerminal(known.status)) return []",
    runs: [{ scenario: "limits-plain", faults: "F15" }]
  }
]
