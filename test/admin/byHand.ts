/** An operator at the house of `desk.ts`: tickets, changes, cancels and attestations as the admin RPC takes them. */
import { BigDecimal, Effect, type Scope } from "effect"
import * as Tickets from "#src/admin/commands/Tickets.ts"
import { Views } from "#src/admin/Views.ts"
import type { CommandReceipt, OrderChange, Ticket } from "#schemas/contracts/Commands.ts"
import { AccountId, ClientOrderId } from "#schemas/Ids.ts"
import type { Leg } from "#schemas/Order.ts"
import type { Level } from "#schemas/Signal.ts"
import { account, type Setting, trading } from "#test/actors/account/desk.ts"
import { rows } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

export const decimal = (text: string) => BigDecimal.fromStringUnsafe(text)
export const at = (text: string): Level => ({ _tag: "Price", price: decimal(text) })
export const away = (ticks: number): Level => ({ _tag: "Distance", ticks })

/** Buys MES at the market with its stop 40 ticks away, unless it says otherwise. */
export const ticket = (change: Partial<Ticket> = {}): Ticket => ({
  accountId: AccountId.make(account), symbol: "MES1!", side: "buy", orderType: "market", stopLoss: away(40), ...change
})

export const limitAt = (price: string, change: Partial<Ticket> = {}): Ticket => ticket({ orderType: "limit", limitPrice: decimal(price), ...change })

export type Hand = Effect.Success<typeof Tickets.make>

export const byHand = <A, E, R>(setting: Setting, test: (hand: Hand) => Effect.Effect<A, E, R>) =>
  trading(setting, Effect.scoped(Effect.flatMap(Tickets.make, test)).pipe(Effect.provide(Views.layer)) as Effect.Effect<A, E, Exclude<R, Scope.Scope | Views>>)

/** The newest order of a leg that was meant for the venue. */
export const newest = (leg: Leg) => Effect.map(rows, (all) => {
  const found = all.flatMap(({ event }) => event._tag === "OrderIntended" && event.order.leg === leg ? [event.order.id] : []).at(-1)
  return found ?? ClientOrderId.make("none")
})

/** Rule and message of a no. */
export const no = <A, E, R>(asked: Effect.Effect<A, E, R>) => Effect.map(Effect.flip(asked), (error) => {
  if (typeof error !== "object" || error === null || !("reason" in error)) return String(error)
  const { message, rule } = error.reason as { readonly rule: string; readonly message: string }
  return `${rule}: ${message}`
})

export const asked = Effect.map(VenueFaults, (faults) => faults.asked)

export const change = (orderId: ClientOrderId, to: Omit<OrderChange, "orderId">) => ({ change: { orderId, ...to } })

/** Rows of one command on its account: outcomes with their rule. */
export const endOf = ({ commandId }: Pick<CommandReceipt, "commandId">) => Effect.map(rows, (all) => all.flatMap(({ event }) =>
  event._tag === "OutcomeReached" && event.alertId === commandId ? [event.reason === undefined ? event.outcome : `${event.outcome}: ${event.reason.rule}`] : []))
