/** The end of the trading day: what rests with Day expires then, a stop that a change made a Day order too. */
import * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import * as Matching from "#src/simulation/venues/shared/Matching.ts"
import * as Trade from "#src/simulation/venues/shared/Trade.ts"
import type * as Core from "./Core.ts"
import * as Scribe from "./Scribe.ts"

const dayMs = 86_400_000

const isDay = ({ tickets }: Scribe.Scribe, order: Ledger.Order): boolean =>
  order.status !== "held" && (tickets.get(order)?.labels.timeInForce ?? "Day") === "Day"

const expire = (core: Core.Core, scribe: Scribe.Scribe, atMs: number): void => {
  for (const book of core.ledger.books.values()) if (book.working.length > 0) Matching.advance(core.ledger, atMs, book)
  for (const { live } of core.ledger.accounts.values()) {
    for (const order of Array.from(live)) if (isDay(scribe, order)) Trade.end(core.ledger, atMs, order, "expired")
  }
}

/** Called with every order taken: the day that it belongs to will end. */
export const watch = (core: Core.Core, scribe: Scribe.Scribe): void => {
  if (core.switches.dayOrders === "stay" || core.dayEndsAtMs > core.nowMs()) return
  core.dayEndsAtMs = Scribe.dayBegan(core.nowMs()) + dayMs
  Ledger.schedule(core.ledger, core.dayEndsAtMs, (atMs) => {
    expire(core, scribe, atMs)
    core.dayEndsAtMs = -Infinity
    if ([...core.ledger.accounts.values()].some(({ live }) => live.size > 0)) watch(core, scribe)
  })
}
