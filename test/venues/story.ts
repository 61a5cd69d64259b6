/** What a story over a fake venue sends, and what it sees in the fake's own ledger. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { LedgerRecord } from "#src/simulation/venues/shared/Records.ts"
import type { Json } from "#test/support/house.ts"
import { post } from "#test/support/runtime.ts"

export const send = (action: string, fields: { readonly [key: string]: Json } = {}) => Effect.gen(function*() {
  const { body } = yield* post("futures", { action, symbol: "MES1!", strategy: "demo-futures", ...fields })
  return "error" in body ? assert.fail(JSON.stringify(body)) : body.alertId
})

type Kind<K extends LedgerRecord["kind"]> = Extract<LedgerRecord, { readonly kind: K }>

export const ledgerOf = <R>(venue: Effect.Effect<{ readonly ledger: ReadonlyArray<LedgerRecord> }, never, R>) => {
  const records = <K extends LedgerRecord["kind"]>(kind: K) =>
    Effect.map(venue, ({ ledger }) => ledger.filter((record): record is Kind<K> & { readonly n: number; readonly atMs: number } => record.kind === kind))
  return {
    records,
    /** What works at the venue, by its own books: side, type, quantity and price. */
    working: Effect.gen(function*() {
      const orders = yield* records("order")
      const states = yield* records("state")
      return orders.flatMap(({ orderId, side, type }) => {
        const last = states.findLast((state) => state.orderId === orderId)
        return last?.status === "working" || last?.status === "partly" ? [`${side} ${type} ${last.qty} ${last.stop ?? last.limit ?? "market"}`] : []
      }).sort()
    }),
    /** Of the account that traded last. */
    net: Effect.map(records("position"), (all) => all.at(-1)?.net ?? "0")
  }
}
