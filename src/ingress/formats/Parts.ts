/** Groups of fields that several formats share: which strategy, what to do, where from, who is it, the sender's book. */
import { BigDecimal, Schema } from "effect"
import { StrategyId } from "#schemas/Ids.ts"
import type { Action, Direction, SenderPosition } from "#schemas/Signal.ts"
import { present, type Reader } from "#src/ingress/formats/Fields.ts"
import type { Invalid } from "#src/ingress/formats/Format.ts"
import type { JsonObject } from "#src/ingress/Json.ts"

const actions: Readonly<Record<string, Action>> = {
  buy: "buy", sell: "sell", exit: "exit", close: "exit", reverse: "reverse", flatten: "flatten", cancel: "cancel", update: "update"
}
const actionExpected = "one of buy, sell, exit, close, reverse, flatten, cancel, update"

const directions: Readonly<Record<string, Direction>> = { long: "long", short: "short", flat: "flat" }

const isStrategyId = Schema.is(StrategyId)

export const action = (read: Reader): Action | undefined => read.required("action", actionExpected, read.word(actions, actionExpected, "action"))

export const symbol = (read: Reader): string | undefined => read.required("symbol", "a symbol such as MES1!", read.text("symbol"))

/** Absent is no problem here: a format decides what that means. */
export const strategy = (read: Reader): StrategyId | undefined => {
  const text = read.text("strategy")
  if (text === undefined || isStrategyId(text)) return text
  return read.fail("strategy", "a strategy's id: letters, digits, `.`, `_`, `-`, at most 64", JSON.stringify(text))
}

/** `id` or `alertId`; else the sender's order id, which repeats from bar to bar, with its bar's time. */
export const identity = (read: Reader, barAtMs: number | undefined): string | undefined => {
  const id = read.text("id", "alertId")
  const orderId = read.text("order_id", "order.id")
  if (id !== undefined || orderId === undefined || barAtMs === undefined) return id
  return `${orderId}@${barAtMs}`
}

/** Where in the position a `buy` or `sell` cannot have begun: a sale that leaves a long has made it smaller. */
const opposite: Readonly<Partial<Record<Action, Direction>>> = { buy: "short", sell: "long" }

export interface Meant {
  readonly action: Action
  readonly notes: ReadonlyArray<string>
}

/**
 * A Pine strategy's `{{strategy.order.action}}` says `sell` for getting out of a long. Where the sender's position after the order shows
 * that it got out, so do we: such an order must never open anything here.
 */
export const meant = (action: Action, position: SenderPosition | undefined, quantity: BigDecimal.BigDecimal | undefined): Meant => {
  const now = position?.now
  const seen = `${action} with market_position ${now ?? ""}`
  if (now === "flat" && opposite[action] !== undefined) return { action: "exit", notes: [`${seen}: taken as exit`] }
  if (now === undefined || opposite[action] !== now) return { action, notes: [] }
  return quantity === undefined
    ? { action, notes: [`${seen}: it would be an exit of a part, but names no quantity, so it stays ${action}`] }
    : { action: "exit", notes: [`${seen}: taken as exit of ${BigDecimal.format(quantity)}`] }
}

/** What a refused body still says of itself. */
export const partial = (strategy: string | undefined, action: string | undefined, symbol: string | undefined): Invalid["partial"] =>
  present({ strategy, action, symbol })

/** Strings under these names. */
export const strings = (json: JsonObject, names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.flatMap((name) => {
    const value = json[name]
    return typeof value === "string" ? [value] : []
  })

const directionOf = (size: BigDecimal.BigDecimal): Direction => BigDecimal.isZero(size) ? "flat" : BigDecimal.isNegative(size) ? "short" : "long"

/** A placeholder's own name is a field's name too: `strategy.market_position`. */
const named = (name: string): [string, string] => [name, `strategy.${name}`]

/** The position placeholders of a Pine strategy. `position_size` is signed and fills what the others leave open. */
export const position = (read: Reader): SenderPosition | undefined => {
  const expected = "long, short or flat"
  const size = read.signed(...named("position_size"))
  const book = present({
    previous: read.word(directions, expected, ...named("prev_market_position")),
    previousSize: read.notNegative(...named("prev_market_position_size")),
    now: read.word(directions, expected, ...named("market_position")) ?? (size === undefined ? undefined : directionOf(size)),
    nowSize: read.notNegative(...named("market_position_size")) ?? (size === undefined ? undefined : BigDecimal.abs(size))
  })
  return Object.keys(book).length === 0 ? undefined : book
}
