/** Positions as shown: marked to the market, with their protection. */
import { BigDecimal } from "effect"
import type { PositionView } from "#schemas/contracts/Views.ts"
import type { AccountId, InstrumentId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { Quote } from "#schemas/Quote.ts"
import { pnl, priceOf } from "#src/orders/Units.ts"
import * as Catalog from "./Catalog.ts"
import * as Orders from "./Orders.ts"
import * as Positions from "./Positions.ts"
import * as Text from "./Text.ts"

/** The quote that an account's login would close at. `undefined`: nothing to mark it with. */
export type Mark = (instrumentId: InstrumentId, accountId: AccountId) => Quote | undefined

export interface Around {
  readonly orders: Orders.State
  readonly mark: Mark
  readonly isSimulated: (accountId: AccountId) => boolean
}

export const views = (state: Positions.State, around: Around): ReadonlyArray<PositionView> => {
  const working = Orders.working(around.orders)
  return Positions.open(state).map((holding) => {
    const instrument = Catalog.find(state.catalog, holding.instrumentId)
    const { average, net } = Positions.bookOf(holding)
    const unrealized = instrument === undefined ? undefined : openPnl(instrument, net, average, around.mark(instrument.id, holding.accountId))
    return {
      accountId: holding.accountId,
      symbol: holding.instrumentId,
      quantity: `${net < 0 ? "-" : ""}${Orders.quantityText(instrument, Math.abs(net))}`,
      avgPrice: Text.average(average),
      unrealizedPnl: unrealized === undefined ? null : Text.average(unrealized),
      currency: instrument?.currency ?? "",
      protection: protectionOf(holding, instrument, net, working),
      isSimulated: around.isSimulated(holding.accountId)
    }
  })
}

/** At the price it could be closed at now. */
const openPnl = (instrument: Instrument, net: number, average: BigDecimal.BigDecimal, quote: Quote | undefined): BigDecimal.BigDecimal | undefined => {
  if (quote === undefined) return undefined
  return pnl(instrument, net > 0 ? "buy" : "sell", average, priceOf(instrument, net > 0 ? quote.bid : quote.ask), Math.abs(net))
}

const protectionOf = (
  holding: Positions.Holding,
  instrument: Instrument | undefined,
  net: number,
  working: ReadonlyArray<Orders.Entry>
): PositionView["protection"] => {
  const closingSide = net > 0 ? "sell" : "buy"
  const mine = working.filter(({ order }) =>
    order.accountId === holding.accountId && order.instrumentId === holding.instrumentId && order.side === closingSide)
  const stop = mine.find(({ order }) => order.leg === "stop" && order.stop !== undefined)?.order.stop
  const resting = mine.flatMap(({ order }) => (order.leg === "target" && order.limit !== undefined ? [order.limit] : []))
  const targets = resting.length === 0 && holding.target !== undefined ? [holding.target] : resting
  return {
    state: stateOf(holding, Math.abs(net), mine),
    ...(stop === undefined ? {} : { stop: Orders.priceText(instrument, stop) }),
    ...(targets.length === 0 ? {} : { targets: targets.map((ticks) => Orders.priceText(instrument, ticks)) })
  }
}

/** An Unknown stop protects nothing. What an exit is about to close needs no stop, but is not safe yet. */
const stateOf = (holding: Positions.Holding, held: number, mine: ReadonlyArray<Orders.Entry>): PositionView["protection"]["state"] => {
  if (holding.isExternal) return "external"
  const lots = (entries: ReadonlyArray<Orders.Entry>) => entries.reduce((sum, entry) => sum + Orders.remaining(entry), 0)
  const stops = mine.filter(({ order }) => order.leg === "stop")
  const confirmed = lots(stops.filter(({ status }) => status === "Accepted" || status === "PartlyFilled"))
  if (confirmed >= held) return "protected"
  const coming = lots(stops.filter(({ status }) => status === "Intended" || status === "Held"))
  const leaving = lots(mine.filter(({ order }) => order.leg === "exit"))
  return holding.isClosing || confirmed + coming + leaving >= held ? "pending" : "none"
}

/** Won or lost on positions still open since their entry: closed parts, less fees, and what is open where it can be marked. */
export const runningPnl = (state: Positions.State, accountId: AccountId, mark: Mark): BigDecimal.BigDecimal =>
  Positions.open(state).filter((holding) => holding.accountId === accountId).reduce((sum, holding) => {
    const instrument = Catalog.find(state.catalog, holding.instrumentId)
    if (instrument === undefined) return sum
    const { average, closed, fees, net } = Positions.bookOf(holding)
    const banked = closed.map(({ entry, exit, lots, side }) => pnl(instrument, side, entry, exit, lots))
    const open = openPnl(instrument, net, average, mark(instrument.id, accountId)) ?? BigDecimal.fromBigInt(0n)
    return BigDecimal.subtract(BigDecimal.sumAll([sum, open, ...banked]), fees)
  }, BigDecimal.fromBigInt(0n))
