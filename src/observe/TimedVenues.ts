/** The venues as they are, with a watch on every request: how long it took, and a word when that was long. */
import { Effect, Layer, Record } from "effect"
import type { LoginId } from "#schemas/Ids.ts"
import * as Stopwatch from "#src/ports/Stopwatch.ts"
import { type Adapter, type Connection, Venues } from "#src/ports/Venue.ts"

/** Everything but the streams, which are never done. */
const timedConnection = (login: LoginId, real: Connection): Connection => {
  const watch = (name: string) => Stopwatch.timed({ kind: "venue", name, of: `login ${login}` })
  const on = {
    submit: watch("submit"), submitBracket: watch("submitBracket"), modify: watch("modify"), cancel: watch("cancel"), cancelAll: watch("cancelAll"),
    closePosition: watch("closePosition"), orderByClientId: watch("orderByClientId"), workingOrders: watch("workingOrders"),
    positions: watch("positions"), balances: watch("balances"), fillsSince: watch("fillsSince"), bars: watch("bars")
  }
  return {
    ...real,
    submit: (...asked) => on.submit(real.submit(...asked)),
    submitBracket: (...asked) => on.submitBracket(real.submitBracket(...asked)),
    modify: (...asked) => on.modify(real.modify(...asked)),
    cancel: (...asked) => on.cancel(real.cancel(...asked)),
    cancelAll: (...asked) => on.cancelAll(real.cancelAll(...asked)),
    closePosition: (...asked) => on.closePosition(real.closePosition(...asked)),
    orderByClientId: (...asked) => on.orderByClientId(real.orderByClientId(...asked)),
    workingOrders: (...asked) => on.workingOrders(real.workingOrders(...asked)),
    positions: (...asked) => on.positions(real.positions(...asked)),
    balances: (...asked) => on.balances(real.balances(...asked)),
    fillsSince: (...asked) => on.fillsSince(real.fillsSince(...asked)),
    bars: (...asked) => on.bars(real.bars(...asked))
  }
}

const timedAdapter = (real: Adapter): Adapter => ({
  ...real,
  connect: (login) => Effect.map(real.connect(login), (connection) => timedConnection(login.id, connection))
})

/** In front of the venues that it is given. */
export const layer = Layer.effect(Venues, Effect.map(Venues, (venues) => Venues.of(Record.map(venues, timedAdapter))))
