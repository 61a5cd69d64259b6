/** A working entry's own price, changed by hand: on the grid, on the right side of its stop, within what the day may lose. */
import { BigDecimal, Result } from "effect"
import type { AccountCommand } from "#schemas/AccountCommand.ts"
import type { Ticks } from "#schemas/Instrument.ts"
import type { Reason } from "#schemas/Verdict.ts"
import type { Book, Bracket } from "#src/lifecycle/Book.ts"
import * as BookOf from "#src/lifecycle/Book.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import { latchedReason, reason } from "#src/lifecycle/Refuse.ts"
import * as Stopped from "#src/lifecycle/Stopped.ts"
import * as Conform from "#src/orders/Conform.ts"
import * as Units from "#src/orders/Units.ts"
import { type Named, unasked } from "./Named.ts"
import * as Risk from "./Risk.ts"

type Command = Extract<AccountCommand, { readonly _tag: "Modify" }>

export const isAsked = ({ limitPrice, stopPrice }: Command): boolean => limitPrice !== undefined || stopPrice !== undefined

const notAnEntry = ({ known: { order: { id, leg } } }: Named): Reason =>
  reason("NotAnEntry", `order ${id} is no entry but a ${leg}: ${leg === "exit" ? "it closes at the market" : `move it with ${leg === "stop" ? "--sl" : "--tp"}`}`, { orderId: id, leg })

/** A price that an order of its kind does not have. */
const noSuchPrice = ({ known: { order: { id, type } } }: Named, { limitPrice, stopPrice }: Command): Reason | undefined => {
  const wrong = limitPrice !== undefined && type !== "limit" && type !== "stopLimit" ? "limit" :
    stopPrice !== undefined && type !== "stop" && type !== "stopLimit" ? "stop price" : undefined
  return wrong === undefined ? undefined : reason("NoSuchPrice", `order ${id} is a ${type} order: it has no ${wrong}`, { orderId: id, type })
}

const barred = (named: Named, command: Command, facts: Facts): Reason | undefined => {
  if (named.known.order.leg !== "entry") return notAnEntry(named)
  const no = unasked(named.known, facts) ?? noSuchPrice(named, command)
  if (no !== undefined) return no
  const scope = Stopped.latchOn(Stopped.ofOrder(named.bracket, named.known), facts)
  if (scope !== undefined) return latchedReason(scope)
  return facts.powers?.modify === true
    ? undefined
    : reason("CannotModify", `the venue of login ${facts.account.login} cannot change an order: cancel it and place it anew`, { login: facts.account.login })
}

/** The stop that its fill will have. */
export const planOf = ({ bracket, known }: Named): Bracket["plan"] =>
  bracket.nextPlan?.alertId === known.order.alertId ? bracket.nextPlan.plan : bracket.plan

/** `stop`: as the same command moves it; absent: as planned. */
export const change = (
  book: Book, named: Named, command: Command, stop: Ticks | undefined, facts: Facts
): Result.Result<Conform.EntryPrices, Reason> =>
  Result.gen(function*() {
    const no = barred(named, command, facts)
    if (no !== undefined) return yield* Result.fail(no)
    const { bracket, known } = named
    const { instrument } = bracket
    const { order } = known
    const written = (asked: BigDecimal.BigDecimal | undefined, ticks: Ticks | undefined) => asked ?? (ticks === undefined ? undefined : Units.priceOf(instrument, ticks))
    const limitPrice = written(command.limitPrice, order.limit)
    const stopPrice = written(command.stopPrice, order.stop)
    const prices = yield* Conform.entryPrices(instrument, {
      side: order.side,
      orderType: order.type,
      ...(limitPrice === undefined ? {} : { limitPrice }),
      ...(stopPrice === undefined ? {} : { stopPrice })
    })
    if (prices.limit === order.limit && prices.stop === order.stop) {
      return yield* Result.fail(reason("NothingToChange", `order ${order.id} has this price already`, { orderId: order.id }))
    }
    const entryTicks = prices.limit ?? prices.stop
    const stopTicks = stop ?? planOf(named).stop
    if (entryTicks === undefined || stopTicks === undefined) return prices
    const level = { _tag: "Price" as const, price: Units.priceOf(instrument, stopTicks) }
    yield* Conform.levelTicks(instrument, { level, leg: "stop", side: order.side, entryTicks })
    const before = order.limit ?? order.stop
    const isWider = before === undefined || Math.abs(entryTicks - stopTicks) > Math.abs(before - (planOf(named).stop ?? before))
    const lost = !isWider ? undefined : Risk.denied(book, bracket, { fromTicks: entryTicks, stopTicks, lots: BookOf.remaining(known) }, facts)
    return lost === undefined ? prices : yield* Result.fail(lost)
  })
