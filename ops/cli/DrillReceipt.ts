/** What a drill proved: each order with its id, times and prices, how long the position was bare, what it cost. */
import { BigDecimal, DateTime } from "effect"
import type { OrderView, StoryView, TradeView } from "#schemas/contracts/Views.ts"
import * as Table from "./Table.ts"

export interface Line {
  readonly leg: string
  readonly clientOrderId: string
  readonly venueOrderId: string | null
  readonly side: string
  readonly quantity: string
  readonly price: string | null
  readonly status: string
  readonly sentAtMs: number
}

export interface Receipt {
  readonly commandId: string
  readonly closeId: string
  readonly symbol: string
  readonly orders: ReadonlyArray<Line>
  readonly protectedAtMs: number
  readonly flatAtMs: number
  readonly entryPrice: string
  readonly exitPrice: string
  readonly fees: string
  readonly result: string
  readonly currency: string
  readonly inferred: boolean
  readonly story: ReadonlyArray<{ readonly atMs: number; readonly text: string }>
}

export interface Seen {
  readonly commandId: string
  readonly closeId: string
  readonly orders: ReadonlyArray<OrderView>
  readonly trade: TradeView
  readonly stories: ReadonlyArray<StoryView>
  readonly protectedAtMs: number
  readonly flatAtMs: number
}

const line = ({ avgPrice, clientOrderId, createdAtMs, leg, limitPrice, quantity, side, status, stopPrice, venueOrderId }: OrderView): Line =>
  ({ leg, clientOrderId, venueOrderId, side, quantity, price: avgPrice ?? stopPrice ?? limitPrice ?? null, status, sentAtMs: createdAtMs })

export const of = ({ closeId, commandId, flatAtMs, orders, protectedAtMs, stories, trade }: Seen): Receipt => ({
  commandId, closeId, flatAtMs, protectedAtMs,
  symbol: trade.symbol,
  orders: orders.map(line),
  entryPrice: trade.entryPrice, exitPrice: trade.exitPrice, fees: trade.fees, result: trade.realizedPnl, currency: trade.currency, inferred: trade.inferred,
  story: stories.flatMap(({ lines }) => lines.map(({ atMs, text }) => ({ atMs, text }))).sort((one, other) => one.atMs - other.atMs)
})

const time = (atMs: number): string => DateTime.formatIso(DateTime.makeUnsafe(atMs))
const isZero = (text: string): boolean => BigDecimal.isZero(BigDecimal.fromStringUnsafe(text))

export const human = ({ closeId, commandId, currency, entryPrice, exitPrice, fees, flatAtMs, inferred, orders, protectedAtMs, result, story, symbol }: Receipt): string => [
  "story",
  ...story.map(({ atMs, text }) => Table.clean(`  ${time(atMs)}  ${text}`)),
  "",
  Table.render<Line>([
    { name: "SENT", of: ({ sentAtMs }) => time(sentAtMs) },
    { name: "LEG", of: ({ leg }) => leg },
    { name: "SIDE", of: ({ side }) => side },
    { name: "QUANTITY", of: ({ quantity }) => quantity, right: true },
    { name: "PRICE", of: ({ price }) => price ?? "-", right: true },
    { name: "STATUS", of: ({ status }) => status },
    { name: "ORDER", of: ({ clientOrderId }) => clientOrderId },
    { name: "AT THE VENUE", of: ({ venueOrderId }) => venueOrderId ?? "-" }
  ], orders),
  "",
  `protected  seen at the venue ${time(protectedAtMs)}`,
  `flat       seen at the venue ${time(flatAtMs)}, nothing resting`,
  `cost       ${symbol} in ${entryPrice}, out ${exitPrice}: ${result} ${currency}${inferred ? " (inferred)" : ""}, ${
    isZero(fees) ? "fees not told by the venue: they show in its balance" : `fees ${fees} included`}`,
  `why        npx interlock why ${commandId}; npx interlock why ${closeId}`,
  "PASSED"
].join("\n")
