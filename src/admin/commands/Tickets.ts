/** Orders by hand: tickets, changes, and a person's word on an Unknown order. */
import { type BigDecimal, Clock, Effect, Option, Schema, Struct } from "effect"
import { type House, HouseConfig } from "#config/House.ts"
import * as Symbols from "#config/Symbols.ts"
import { AccountCommand } from "#schemas/AccountCommand.ts"
import { NotFound } from "#schemas/contracts/AdminRpc.ts"
import { type Asker, OrderChange, Ticket } from "#schemas/contracts/Commands.ts"
import type { AlertId, ClientOrderId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import { manualLane, manualStrategy } from "#schemas/Manual.ts"
import { ApprovedSignal } from "#schemas/Signal.ts"
import * as Text from "#src/projections/Text.ts"
import * as Resolve from "#src/symbols/Resolve.ts"
import * as Given from "./Given.ts"
import * as Known from "./Known.ts"
import * as Told from "./Told.ts"

interface Executed {
  readonly quantity: BigDecimal.BigDecimal
  readonly price: BigDecimal.BigDecimal
}

const encodedTicket = Schema.encodeSync(Ticket)
const encodedChange = Schema.encodeSync(OrderChange)

/** What the ticket is about, or what no configuration names. */
const subjectOf = (house: House, { accountId, symbol }: Ticket, nowMs: number): Effect.Effect<Instrument, NotFound> => {
  if (!house.accounts.has(accountId)) {
    return Effect.fail(new NotFound({ what: accountId, message: `no account ${accountId} is configured${Known.meant(accountId, house.accounts.keys())}` }))
  }
  return Option.match(Resolve.resolve(house.instruments, symbol, nowMs, house.calendars), {
    onNone: () => Effect.fail(new NotFound({
      what: symbol, message: `no instrument ${symbol} is configured${Known.meant(Resolve.normalize(symbol), Symbols.known(house.instruments))}`
    })),
    onSome: Effect.succeed
  })
}

/** As an alert of the built-in strategy would be, past gates and guard: the account decides the rest. */
const approvedOf = (alertId: AlertId, ticket: Ticket, instrument: Instrument, house: House, receivedAtMs: number): ApprovedSignal =>
  ApprovedSignal.make({
    _tag: "ApprovedSignal",
    alertId,
    seq: 0, // it has no place among the alerts: it is decided when it comes
    receivedAtMs,
    signal: { lane: manualLane, strategy: manualStrategy, action: ticket.side, ...Struct.omit(ticket, ["accountId", "side"]) },
    instrument,
    verdicts: [],
    configHash: house.hash,
    guardNotes: []
  })

const { Attest, CancelOrder, Modify, Place } = AccountCommand.cases

export const make = Effect.gen(function*() {
  const config = yield* HouseConfig
  const { checkedOf, instrumentOf, orderOf } = yield* Known.make
  const { given } = yield* Given.make
  const told = yield* Told.make

  return {
    PlaceOrder: Effect.fnUntraced(function*({ ticket, ...asker }: Asker & { readonly ticket: Ticket }) {
      const house = yield* config.current
      const nowMs = yield* Clock.currentTimeMillis
      const instrument = yield* subjectOf(house, ticket, nowMs)
      const commandId = yield* Given.nextId
      const { accountId } = ticket
      return yield* told.after({
        accountId,
        commandId,
        given: given(commandId, "order place", asker, { ...encodedTicket(ticket), instrument: instrument.id }),
        command: Place.make({ approved: approvedOf(commandId, ticket, instrument, house, nowMs) })
      })
    }),

    ModifyOrder: Effect.fnUntraced(function*({ change, ...asker }: Asker & { readonly change: OrderChange }) {
      const { order: { accountId } } = yield* orderOf(change.orderId)
      const commandId = yield* Given.nextId
      return yield* told.beside({
        accountId,
        commandId,
        given: given(commandId, "order modify", asker, { accountId, ...encodedChange(change) }),
        command: Modify.make({ commandId, ...change })
      })
    }),

    CancelOrder: Effect.fnUntraced(function*({ orderId, ...asker }: Asker & { readonly orderId: ClientOrderId }) {
      const { order: { accountId } } = yield* orderOf(orderId)
      const commandId = yield* Given.nextId
      return yield* told.beside({
        accountId,
        commandId,
        given: given(commandId, "order cancel", asker, { accountId, orderId }),
        command: CancelOrder.make({ commandId, orderId })
      })
    }),

    ResolveOrder: Effect.fnUntraced(function*({ executed, orderId, ...asker }: Asker & { readonly orderId: ClientOrderId; readonly executed?: Executed }) {
      const entry = yield* orderOf(orderId)
      const { accountId } = entry.order
      const word = executed === undefined ? undefined : { lots: yield* Known.wholeLots(yield* instrumentOf(entry), executed.quantity), price: executed.price }
      const commandId = yield* Given.nextId
      const said = executed === undefined ? "not executed" : `executed ${Text.decimal(executed.quantity)} at ${Text.decimal(executed.price)}`
      return yield* told.after({
        accountId,
        commandId,
        given: given(commandId, "resolve", asker, { accountId, orderId, said, checked: yield* checkedOf(entry) }),
        command: Attest.make({ commandId, orderId, ...(word === undefined ? {} : { executed: word }) })
      })
    })
  }
})
