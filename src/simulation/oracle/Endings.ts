/** I2: an alert ends once for each account, and its outcome says what became of it. */
import * as Fold from "./Fold.ts"
import type { Rule, World } from "./World.ts"

/** Outcomes that say that something was executed, and those that say that nothing was. */
const executed = new Set(["filled", "partlyFilled"])
const unexecuted = new Set(["canceled", "rejected", "denied", "skipped", "expired", "nothingToDo"])

export const make = (world: World): Rule => {
  const { fold, report } = world

  /** Does the outcome say what the orders say? */
  const isTrue = (alertId: string, outcome: string, orderIds: ReadonlyArray<string>): string | undefined => {
    const entries = orderIds.flatMap((id) => fold.orders.get(id) ?? []).filter(({ row }) => row.leg === "entry" && row.alertId === alertId)
    const lots = entries.reduce((sum, { filled }) => sum + filled, 0)
    if (executed.has(outcome) && entries.length > 0 && lots === 0) return "no fill of its entry"
    const action = fold.alerts.get(alertId)?.signal?.action
    return unexecuted.has(outcome) && lots > 0 && (action === "buy" || action === "sell") ? `${lots} lots of its entry filled` : undefined
  }

  /** An entry of it that may still be filled, by the journal's own word. */
  const leftWorking = (alertId: string, { holdings }: Fold.Account): string | undefined => {
    for (const { live } of holdings.values()) {
      for (const { row } of live) if (row.leg === "entry" && row.alertId === alertId) return row.id
    }
    return undefined
  }

  return {
    before: ({ atMs, event, seq, stream }) => {
      if (event._tag !== "OutcomeReached") return
      const account = Fold.accountOf(stream)
      const first = account === undefined ? undefined : fold.accounts.get(account)?.outcomes.get(event.alertId)
      if (account === undefined || first === undefined) return
      report({
        invariant: "I2", atMs, seq, account, alertId: event.alertId, message: "an alert ended twice for one account",
        expected: `${first.outcome} (row ${first.seq}) and no other`, got: event.outcome
      })
    },
    row: ({ atMs, event, seq, stream }) => {
      const account = Fold.accountOf(stream)
      if (event._tag !== "OutcomeReached" || account === undefined) return
      const of = Fold.account(fold, account)
      const lie = isTrue(event.alertId, event.outcome, event.orderIds)
      const working = event.outcome === "done" || event.outcome === "failed" ? undefined : leftWorking(event.alertId, of)
      if (lie === undefined && working === undefined) return
      report({
        invariant: "I2", atMs, seq, account, alertId: event.alertId, ...(working === undefined ? {} : { orderId: working }),
        message: "an outcome does not say what became of the alert", expected: event.outcome, got: lie ?? "its entry is not over"
      })
    }
  }
}
