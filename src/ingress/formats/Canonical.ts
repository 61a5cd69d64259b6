/** The house's own format: one JSON object, documented field by field. */
import { Result } from "effect"
import type { OrderType, Signal, TimeInForce } from "#schemas/Signal.ts"
import * as AbTradexLegacy from "#src/ingress/formats/AbTradexLegacy.ts"
import { present, reader, type Reader } from "#src/ingress/formats/Fields.ts"
import type { Format } from "#src/ingress/formats/Format.ts"
import * as Parts from "#src/ingress/formats/Parts.ts"

const secretNames = ["secret", "webhookSecret", "token", "key"]

const orderTypes: Readonly<Record<string, OrderType>> = { market: "market", limit: "limit", stop: "stop", stop_limit: "stopLimit", stoplimit: "stopLimit" }
const timesInForce: Readonly<Record<string, TimeInForce>> = { day: "day", gtc: "gtc", ioc: "ioc" }

/** Which price an order of this type cannot do without. */
const needsOf: Readonly<Record<OrderType, { readonly limit: boolean; readonly stop: boolean }>> = {
  market: { limit: false, stop: false },
  limit: { limit: true, stop: false },
  stop: { limit: false, stop: true },
  stopLimit: { limit: true, stop: true }
}

const order = (read: Reader, notes: Array<string>) => {
  const orderType = read.word(orderTypes, "one of market, limit, stop, stop_limit", "orderType") ?? "market"
  const limitPrice = read.positive("limitPrice")
  const stopPrice = read.positive("stopPrice")
  const needs = needsOf[orderType]
  if (needs.limit) read.required("limitPrice", `a price above 0, as orderType is ${orderType}`, limitPrice)
  if (needs.stop) read.required("stopPrice", `a price above 0, as orderType is ${orderType}`, stopPrice)
  if (limitPrice !== undefined && !needs.limit) notes.push(`limitPrice is not used, as orderType is ${orderType}`)
  if (stopPrice !== undefined && !needs.stop) notes.push(`stopPrice is not used, as orderType is ${orderType}`)
  return {
    orderType,
    ...present({ limitPrice: needs.limit ? limitPrice : undefined, stopPrice: needs.stop ? stopPrice : undefined })
  }
}

export const format: Format = {
  recognise: (json) => !AbTradexLegacy.format.recognise(json),
  secretOf: (json) => Parts.strings(json, secretNames),
  decode: (json, { lane }) => {
    const read = reader(json)
    const notes: Array<string> = []
    read.ignore(...secretNames)
    const strategy = Parts.strategy(read)
    const barAtMs = read.instant("time")
    const explicitId = Parts.identity(read, barAtMs)
    const action = Parts.action(read)
    const symbol = Parts.symbol(read)
    read.required("strategy", "a strategy's id", strategy)
    const rest: Omit<Signal, "lane" | "strategy" | "action" | "symbol"> = {
      ...order(read, notes),
      ...present({
        price: read.positive("price"),
        takeProfit: read.level("tp"),
        stopLoss: read.level("sl"),
        quantity: read.positive("quantity"),
        timeInForce: read.word(timesInForce, "one of DAY, GTC, IOC", "timeInForce"),
        expiresAtMs: read.instant("expiresAt"),
        bodyLane: read.text("lane"),
        scriptId: read.text("script_id"),
        sourceSymbol: read.text("source_symbol"),
        barAtMs,
        sentAtMs: read.instant("timenow"),
        explicitId,
        position: Parts.position(read)
      })
    }
    const problem = read.problem()
    if (problem !== undefined || strategy === undefined || action === undefined || symbol === undefined) {
      return Result.fail({ path: "", expected: "", got: "", ...problem, explicitId, partial: Parts.partial(strategy, action, symbol) })
    }
    const meant = Parts.meant(action, rest.position, rest.quantity)
    return Result.succeed({
      signal: { lane, strategy, symbol, ...rest, action: meant.action },
      notes: [...meant.notes, ...notes, ...read.unknown()]
    })
  }
}
