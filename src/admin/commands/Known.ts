/** Orders that a person names: found, with their instrument and what could be seen of them; names that are near; quantities in whole lots. */
import { type BigDecimal, Effect, Option } from "effect"
import { HouseConfig } from "#config/House.ts"
import { nearest } from "#config/Nearest.ts"
import { NotFound } from "#schemas/contracts/AdminRpc.ts"
import { CommandDenied } from "#schemas/contracts/Commands.ts"
import type { ClientOrderId } from "#schemas/Ids.ts"
import { type Instrument, Lots } from "#schemas/Instrument.ts"
import * as Units from "#src/orders/Units.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import * as Catalog from "#src/projections/Catalog.ts"
import * as Orders from "#src/projections/Orders.ts"
import * as Text from "#src/projections/Text.ts"
import * as Resolve from "#src/symbols/Resolve.ts"
import { Views } from "../Views.ts"

export const meant = (name: string, candidates: Iterable<string>): string => {
  const found = nearest(name, candidates)
  return found === undefined ? "" : `; did you mean ${found}?`
}

const partOfALot = (instrument: Instrument, quantity: BigDecimal.BigDecimal) =>
  new CommandDenied({ reason: {
    rule: "PartOfALot",
    message: `${Text.decimal(quantity)} ${instrument.root} are no whole lots of ${Text.decimal(instrument.lotSize)}`,
    facts: { quantity: Text.decimal(quantity), lotSize: Text.decimal(instrument.lotSize) }
  } })

export const wholeLots = (instrument: Instrument, quantity: BigDecimal.BigDecimal): Effect.Effect<Lots, CommandDenied> => {
  const lots = Units.lotsOf(instrument, quantity)
  return lots > 0 && Text.decimal(Units.quantityOf(instrument, lots)) === Text.decimal(quantity)
    ? Effect.succeed(Lots.make(lots))
    : Effect.fail(partOfALot(instrument, quantity))
}

export const make = Effect.gen(function*() {
  const config = yield* HouseConfig
  const supervision = yield* Supervision
  const views = yield* Views

  /** Looked up in what is folded; only an order so young that it is not there yet is waited for. */
  const orderOf = Effect.fnUntraced(function*(id: ClientOrderId) {
    const known = Orders.find((yield* views.soFar).orders, id)
    if (known !== undefined) return known
    const { orders } = yield* views.current
    const found = Orders.find(orders, id)
    if (found !== undefined) return found
    const near = meant(id, Orders.working(orders).map(({ order }) => order.id))
    return yield* new NotFound({ what: id, message: `no order ${id} is known${near}; \`interlock orders\` lists them` })
  })

  /** What the person could see when they said it. */
  const checkedOf = Effect.fnUntraced(function*({ createdAtMs, order, reason, status, venueOrderId }: Orders.Entry) {
    const { accounts } = yield* config.current
    const login = accounts.get(order.accountId)?.login
    return {
      status,
      createdAtMs,
      venueOrderId: venueOrderId ?? null,
      reason: reason ?? null,
      account: yield* supervision.account(order.accountId),
      session: login === undefined ? null : yield* supervision.session(login)
    }
  })

  const instrumentOf = Effect.fnUntraced(function*({ order }: Orders.Entry) {
    const { orders } = yield* views.soFar
    const { calendars, instruments } = yield* config.current
    const found = Catalog.find(orders.catalog, order.instrumentId, order.instrumentVersion) ??
      Option.getOrUndefined(Resolve.byId(instruments, order.instrumentId, calendars))
    return found ?? (yield* new NotFound({ what: order.instrumentId, message: `no instrument ${order.instrumentId} is configured any more` }))
  })

  return { checkedOf, instrumentOf, orderOf }
})
