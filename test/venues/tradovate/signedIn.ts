/** A connection over the stub, and what it hears. */
import { Cause, Clock, Effect, Exit, Fiber, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { Json } from "#test/support/house.ts"
import type { VenueEvent } from "#schemas/VenueEvent.ts"
import type { Adapter, Connection, VenueError } from "#src/ports/Venue.ts"
import { begin } from "#test/src/venues/paper/fixture.ts"
import * as Fixture from "#test/venues/tradovate/fixture.ts"
import * as Stub from "#test/venues/tradovate/stub.ts"

/** So long that every wait of the adapter is over. */
export const ask = <A, E, R>(request: Effect.Effect<A, E, R>, seconds = 12): Effect.Effect<A, E, R> => Effect.gen(function*() {
  const fiber = yield* Effect.forkChild(request)
  for (let step = 0; step < seconds * 4 && fiber.pollUnsafe() === undefined; step++) yield* TestClock.adjust("250 millis")
  return yield* Fiber.join(fiber)
})

export const pass = (seconds: number) => Effect.repeat(TestClock.adjust("250 millis"), { times: seconds * 4 - 1 })

export interface Signed {
  readonly stub: Stub.Stub
  readonly adapter: Adapter
  readonly connection: Connection
  readonly heard: ReadonlyArray<string>
  /** Why the events ended; undefined while they have not. */
  readonly end: () => string | undefined
  readonly again: Effect.Effect<Connection, VenueError>
}

const told = (event: VenueEvent): string => {
  switch (event._tag) {
    case "OrderChanged":
      return `${event.report.clientOrderId} ${event.report.status} ${event.report.filledLots}/${event.report.lots} ${event.report.stop ?? event.report.limit ?? ""}`.trim()
    case "Filled":
      return `fill ${event.fill.id} of ${event.fill.clientOrderId ?? "nobody"} ${event.fill.lots}`
    case "PositionChanged":
      return `net ${event.position.instrumentId} ${event.position.net}`
  }
}

interface Options {
  readonly lifeMs?: number
  /** The venue's heart beats; else it is silent after its greeting. */
  readonly beats?: boolean
  readonly settings?: { readonly [key: string]: Json }
  readonly before?: (stub: Stub.Stub) => void
}

export const signedIn = <A, E>(test: (signed: Signed) => Effect.Effect<A, E>, { before, beats = true, lifeMs, settings }: Options = {}) => Effect.gen(function*() {
  yield* begin
  const clock = yield* Clock.Clock
  const stub = Stub.make({ nowMs: () => clock.currentTimeMillisUnsafe(), ...(lifeMs === undefined ? {} : { lifeMs }) })
  before?.(stub)
  if (beats) yield* Effect.forkChild(Effect.forever(Effect.andThen(Effect.sleep("2500 millis"), Effect.sync(() => stub.sockets.forEach((socket) => socket.raw("h"))))))
  return yield* Effect.provide(Effect.gen(function*() {
    const adapter = yield* Fixture.makeAdapter
    const login = yield* Fixture.login
    const scope = yield* Effect.scope
    const again = Effect.provideService(adapter.connect(login), Scope.Scope, scope)
    const connection = yield* ask(again)
    const heard: Array<string> = []
    const events = yield* Effect.forkChild(Stream.runForEach(connection.events, ({ account, event }) => Effect.sync(() => heard.push(`${account} ${told(event)}`))))
    yield* TestClock.adjust("100 millis")
    stub.sent.length = 0
    const end = () => {
      const exit = events.pollUnsafe()
      return exit === undefined ? undefined : Exit.isFailure(exit) ? Cause.pretty(exit.cause).split("\n")[0] : "no error"
    }
    return yield* test({ stub, adapter, connection, heard, end, again })
  }), [stub.layer, Fixture.config({ marketDataUrl: null, ...settings })])
}).pipe(Effect.scoped)
