/** The house's venues, each order, change and cancel stamped (CLOCK_MONOTONIC) as it reaches one. Told to the parent process when it asks. */
import { Effect, Layer } from "effect"
import type { ClientOrderId } from "#schemas/Ids.ts"
import * as Live from "#src/layers/Venues.ts"
import { type Adapter, type Connection, Venues } from "#src/ports/Venue.ts"

const stamps: Array<readonly [id: ClientOrderId, atNs: number, what: "order" | "change"]> = []

const stamped = <A, E, R>(id: ClientOrderId, work: Effect.Effect<A, E, R>, what: "order" | "change" = "order") =>
  Effect.suspend(() => {
    stamps.push([id, Number(process.hrtime.bigint()), what])
    return work
  })

const connection = (real: Connection): Connection => ({
  ...real,
  submit: (order, instrument) => stamped(order.id, real.submit(order, instrument)),
  submitBracket: (bracket, instrument) => stamped(bracket.entry.id, real.submitBracket(bracket, instrument)),
  modify: (account, id, change) => stamped(id, real.modify(account, id, change), "change"),
  cancel: (account, id) => stamped(id, real.cancel(account, id), "change"),
  closePosition: (account, instrument, id, lots) => stamped(id, real.closePosition(account, instrument, id, lots))
})

const adapter = (real: Adapter): Adapter => ({ ...real, connect: (login) => Effect.map(real.connect(login), connection) })

process.on("message", (word) => {
  if (word !== "stamps") return
  process.send?.(stamps.splice(0))
})
process.channel?.unref()

export const layer = Layer.effect(Venues, Effect.map(Venues, (real) => Venues.of({ ...real, paper: adapter(real.paper) }))).pipe(
  Layer.provide(Live.layer)
)
