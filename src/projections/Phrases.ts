/** Small parts of sentences: orders, levels, reasons, instants. */
import { BigDecimal, DateTime } from "effect"
import type { Instrument, Ticks } from "#schemas/Instrument.ts"
import type { Order } from "#schemas/Order.ts"
import type { Level, Signal } from "#schemas/Signal.ts"
import type { Reason } from "#schemas/Verdict.ts"
import { priceText, quantityText } from "./Orders.ts"
import * as Text from "./Text.ts"

export const instant = (atMs: number): string => DateTime.formatIso(DateTime.makeUnsafe(atMs))

/** `name value, name value` in brackets, or nothing. */
export const facts = (record: Readonly<Record<string, string>>): string => {
  const entries = Object.entries(record)
  return entries.length === 0 ? "" : ` (${entries.map(([name, value]) => `${name} ${value}`).join(", ")})`
}

export const reason = ({ clearsAtMs, facts: known, message, rule }: Reason): string =>
  `${message} [${rule}]${facts(known)}${clearsAtMs === undefined ? "" : `, clears ${instant(clearsAtMs)}`}`

const detailMax = 400

/** What a command asked for, as it was journaled. */
export const asked = (detail: unknown): string => {
  const text = JSON.stringify(detail) ?? ""
  return text === "" || text === "{}" ? "" : ` ${text.length > detailMax ? `${text.slice(0, detailMax)}...` : text}`
}

const level = (value: Level): string => {
  switch (value._tag) {
    case "Price":
      return `at ${Text.decimal(value.price)}`
    case "Distance":
      return `${Text.ticks(value.ticks)} away`
    case "Percent":
      return `${Text.decimal(value.percent)} % away`
  }
}

/** `buy 2 MES1! at market, signal price 6000, stop 40 ticks away` */
export const signal = (value: Signal): string => {
  const quantity = value.quantity === undefined ? "" : ` ${Text.decimal(value.quantity)}`
  const at = (name: string, price: BigDecimal.BigDecimal | undefined) => (price === undefined ? "" : `, ${name} ${Text.decimal(price)}`)
  return [
    `${value.action}${quantity} ${value.symbol}, ${value.orderType}`,
    at("limit", value.limitPrice),
    at("stop trigger", value.stopPrice),
    at("signal price", value.price),
    value.stopLoss === undefined ? "" : `, stop loss ${level(value.stopLoss)}`,
    value.takeProfit === undefined ? "" : `, take profit ${level(value.takeProfit)}`
  ].join("")
}

/** `entry: buy 2 MESZ6 at market` */
export const order = (value: Order, instrument: Instrument | undefined): string => {
  const at = (name: string, ticks: Ticks | undefined) => (ticks === undefined ? "" : `, ${name} ${priceText(instrument, ticks)}`)
  return `${value.leg}: ${value.side} ${quantityText(instrument, value.lots)} ${value.instrumentId}, ${value.type}` +
    `${at("limit", value.limit)}${at("stop", value.stop)}, ${value.timeInForce}${value.reduceOnly ? ", reduce-only" : ""}`
}

/** `stop 5990, target 6010` */
export const levels = (stop: Ticks | undefined, target: Ticks | undefined, instrument: Instrument | undefined): string =>
  [
    ...(stop === undefined ? [] : [`stop ${priceText(instrument, stop)}`]),
    ...(target === undefined ? [] : [`target ${priceText(instrument, target)}`])
  ].join(", ")

/** What a fill cost against the signal's price; > 0 is worse. */
export const slippage = (side: Order["side"], paid: BigDecimal.BigDecimal, wanted: BigDecimal.BigDecimal, instrument: Instrument): string => {
  const worse = side === "buy" ? BigDecimal.subtract(paid, wanted) : BigDecimal.subtract(wanted, paid)
  const ticks = BigDecimal.divideUnsafe(BigDecimal.abs(worse), instrument.tickSize)
  if (BigDecimal.isZero(worse)) return "at the signal's price"
  return `${Text.ticks(Text.average(ticks))} ${BigDecimal.isPositive(worse) ? "worse" : "better"} than the signal's ${Text.decimal(wanted)}`
}
