/** One order cancelled by hand: a working entry, or the target with its place in the plan. A stop that protects stays. */
import { Result } from "effect"
import type { AccountCommand } from "#schemas/AccountCommand.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Reason } from "#schemas/Verdict.ts"
import type { Book } from "#src/lifecycle/Book.ts"
import * as Exposure from "#src/lifecycle/Exposure.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import { mayCancel } from "#src/lifecycle/Protect.ts"
import { reason } from "#src/lifecycle/Refuse.ts"
import { type Decided, done } from "./Decided.ts"
import { again, find, type Named, refused, unasked } from "./Named.ts"

const { CancelIntended, ProtectionMoved } = JournalEvent.cases

type Command = Extract<AccountCommand, { readonly _tag: "CancelOrder" }>

const protects = ({ bracket: { instrument }, known: { order } }: Named): Reason =>
  reason(
    "StopProtects",
    `order ${order.id} is the stop that protects ${instrument.id}: move it with \`interlock order modify ${order.id} --sl <price>\`, ` +
      `or close the position with \`interlock close ${order.accountId} ${instrument.id}\``,
    { orderId: order.id, instrument: instrument.id }
  )

const closes = ({ known: { order } }: Named): Reason =>
  reason("ExitCloses", `order ${order.id} closes ${order.instrumentId}: it is not called back`, { orderId: order.id })

const stubborn = ({ known: { order, reason: said } }: Named): Reason =>
  reason("CancelRefused", `the venue keeps refusing to cancel order ${order.id}: ${said ?? "no reason given"}`, { orderId: order.id })

const refusal = (named: Named, facts: Facts): Reason | undefined => {
  const { leg } = named.known.order
  if (leg === "stop") return protects(named)
  if (leg === "exit") return closes(named)
  return unasked({ ...named.known, modifyAsked: false }, facts) ?? (mayCancel(named.known) ? undefined : stubborn(named))
}

export const cancelOrder = (book: Book, { commandId, orderId }: Command, facts: Facts): Decided => {
  const before = again(book, commandId)
  if (before !== undefined) return before
  const found = find(book, orderId)
  if (Result.isFailure(found)) return refused(commandId, found.failure)
  const { bracket, known } = found.success
  const no = refusal(found.success, facts)
  if (no !== undefined) return refused(commandId, no)
  if (known.order.leg === "entry") {
    return done(`entry ${orderId} on ${bracket.instrument.id}: its cancel is on its way`, [CancelIntended.make({ alertId: commandId, orderId, why: "alert" })])
  }
  const targets = Exposure.of(book, bracket).targets.filter(mayCancel)
  return done(`target of ${bracket.instrument.id}: its cancel is on its way, the stop stays`, [
    ProtectionMoved.make({ alertId: commandId, instrumentId: bracket.instrument.id, targetOff: true }),
    ...targets.map(({ order }) => CancelIntended.make({ alertId: commandId, orderId: order.id, why: "replaced" }))
  ])
}
