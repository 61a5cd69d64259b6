/** A position and what closing a part of it wins. Owns: average cost. Money is exact: what one close rounds, the last close settles. */
import { BigDecimal, Schema } from "effect"
import { Decimal } from "#schemas/Decimal.ts"
import { type Lots, NetLots, type Ticks } from "#schemas/Instrument.ts"
import type { Side } from "#schemas/Order.ts"

/** `cost`: value of all open lots at their entry prices, of the sign of `net`. */
export const Position = Schema.Struct({ net: NetLots, cost: Decimal })
export type Position = typeof Position.Type

/** Decimal places of a part of the cost. */
const costScale = 10
const zero = BigDecimal.make(0n, 0)

export const flat: Position = { net: NetLots.make(0), cost: zero }

/** How many lots of the position an order of this side could close. */
export const reducibleLots = (position: Position, side: Side): number => Math.max(0, side === "sell" ? position.net : -position.net)

/** `realised` is before fees. */
export const add = (
  position: Position,
  side: Side,
  lots: Lots,
  ticks: Ticks,
  tickValue: BigDecimal.BigDecimal
): { readonly position: Position; readonly realised: BigDecimal.BigDecimal } => {
  const valueOf = (signedLots: number) => BigDecimal.multiply(BigDecimal.fromBigInt(BigInt(ticks) * BigInt(signedLots)), tickValue)
  const signed = side === "buy" ? lots : -lots
  const closing = Math.min(lots, reducibleLots(position, side)) * Math.sign(signed)
  const opening = signed - closing

  const isWhole = closing === -position.net
  const part = BigDecimal.multiply(position.cost, BigDecimal.fromBigInt(BigInt(-closing)))
  const closedCost = closing === 0
    ? zero
    : isWhole ? position.cost : BigDecimal.round(BigDecimal.divideUnsafe(part, BigDecimal.fromBigInt(BigInt(position.net))), { scale: costScale })
  const cost = BigDecimal.sum(BigDecimal.subtract(position.cost, closedCost), valueOf(opening))
  // Closing sells what was bought: proceeds (`-closing` lots at this price) less what those lots had cost.
  return { position: { net: NetLots.make(position.net + signed), cost }, realised: BigDecimal.subtract(valueOf(-closing), closedCost) }
}
