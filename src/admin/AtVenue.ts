/** What the venue itself says of one account, asked now. Nothing is changed, and no book of ours stands between. */
import { BigDecimal, Clock, Effect, Option } from "effect"
import { BrokerSession, type Look } from "#actors/broker-session/Protocol.ts"
import { type House, HouseConfig } from "#config/House.ts"
import { NotFound, NotNow } from "#schemas/contracts/AdminRpc.ts"
import type { AtVenueView } from "#schemas/contracts/Views.ts"
import type { AccountId, InstrumentId } from "#schemas/Ids.ts"
import type { OrderReport } from "#schemas/Order.ts"
import * as Units from "#src/orders/Units.ts"
import * as Resolve from "#src/symbols/Resolve.ts"
import * as Status from "./Status.ts"

const answeredWithin = "12 seconds"

type Seen = Extract<Look, { readonly _tag: "Seen" }>

/** In the instrument's own unit; of one that no configuration names, in lots and without a price. */
const unitsOf = ({ calendars, instruments }: House, id: InstrumentId) => {
  const instrument = Option.getOrUndefined(Resolve.byId(instruments, id, calendars))
  return {
    quantity: (lots: number): string => instrument === undefined ? String(lots) : BigDecimal.format(BigDecimal.multiply(instrument.lotSize, BigDecimal.fromBigInt(BigInt(lots)))),
    price: (ticks: number | undefined): string | undefined => instrument === undefined || ticks === undefined ? undefined : BigDecimal.format(Units.priceOf(instrument, ticks))
  }
}

const orderOf = (house: House, { clientOrderId, instrumentId, limit, lots, side, status, stop, venueOrderId }: OrderReport): AtVenueView["orders"][number] => {
  const { price, quantity } = unitsOf(house, instrumentId)
  const [limitPrice, stopPrice] = [price(limit), price(stop)]
  return {
    clientOrderId, venueOrderId, symbol: instrumentId, side, status, quantity: quantity(lots),
    ...(limitPrice === undefined ? {} : { limitPrice }),
    ...(stopPrice === undefined ? {} : { stopPrice })
  }
}

const viewOf = (house: House, accountId: AccountId, atMs: number, { inHand, orders, positions }: Seen): AtVenueView => ({
  accountId,
  isSimulated: Status.isSimulated(house, accountId),
  atMs,
  positions: positions.flatMap(({ instrumentId, net }) => net === 0 ? [] : [{ symbol: instrumentId, quantity: unitsOf(house, instrumentId).quantity(net) }]),
  orders: orders.map((order) => orderOf(house, order)),
  inHand
})

export const make = Effect.gen(function*() {
  const config = yield* HouseConfig
  const sessionFor = yield* BrokerSession.client

  return Effect.fnUntraced(function*({ accountId }: { readonly accountId: AccountId }) {
    const house = yield* config.current
    const account = house.accounts.get(accountId)
    if (account === undefined) return yield* new NotFound({ what: accountId, message: `no account ${accountId} is configured: \`interlock accounts\` lists them` })
    const silent = new NotNow({ message: `the venue of login ${account.login} gave no answer within ${answeredWithin}` })
    const look = yield* Effect.mapError(Effect.timeout(sessionFor(account.login).Look({ accountId }), answeredWithin), () => silent)
    if (look._tag === "Unreachable") return yield* new NotNow({ message: `the venue of login ${account.login} was asked and gave no answer: ${look.reason}` })
    return viewOf(house, accountId, yield* Clock.currentTimeMillis, look)
  })
})
