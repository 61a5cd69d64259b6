/** Lives of the house over one world, one after the other, and what a test puts between the house and its venues. */
import { Effect, Exit, Fiber, Layer, Logger, Scope } from "effect"
import { TestClock } from "effect/testing"
import { EmergencyNotes } from "#src/ports/EmergencyNotes.ts"
import { type Adapter, type Connection, type VenueError, Venues } from "#src/ports/Venue.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import type { Death } from "./journalFaults.ts"
import type { Overrides } from "./house.ts"
import { journalInMemory } from "./journal.ts"
import * as TestMarket from "./market.ts"
import * as TestLedger from "./paperLedger.ts"
import { lifeAt, startMs } from "./runtime.ts"

/** As `world`, with a market in everything the demo strategies trade. */
export const wideWorld = Layer.mergeAll(journalInMemory, TestLedger.layer, TestMarket.scripted({
  MESZ26: TestMarket.price(28_000, 28_001),
  MNQZ26: TestMarket.price(101_600, 101_601),
  PF_XBTUSD: TestMarket.price(90_000, 90_001),
  PF_ETHUSD: TestMarket.price(30_000, 30_001)
}))

/** A login and its accounts beside the default one. */
export const twoLogins: Overrides = {
  venues: { "paper-other": {} },
  accounts: { "paper-2": { caps: { maxContracts: { futures: "5" } } }, "paper-3": { login: "paper-other", caps: { dailyLoss: "100000" } }, "paper-4": { login: "paper-other" } }
}

/** A wire as narrow as a broker's: what does not fit waits. */
const requestsAtOnce = 4

export const wired = (wire: (adapter: Adapter) => Adapter) =>
  Layer.effect(Venues, Effect.map(Venues, (venues) => Venues.of({ ...venues, paper: { ...wire(venues.paper), requestsAtOnce } }))).pipe(Layer.provide(VenuesLive.layer))

/** The paper venue with some of its connection's calls replaced. */
export const onConnection = (change: (connection: Connection, login: string) => Partial<Connection>) => (adapter: Adapter): Adapter => ({
  ...adapter,
  connect: (login) => Effect.map(adapter.connect(login), (connection) => ({ ...connection, ...change(connection, login.id) }))
})

/** Orders reach the venue this much later, whatever became of their sender meanwhile: bytes on a wire cannot be called back. */
export const slowWire = (delayMs: () => number) => {
  const latest = new Map<string, Connection>()
  const late = <A>(login: string, submit: (connection: Connection) => Effect.Effect<A, VenueError>) =>
    Effect.gen(function*() {
      const sent = Effect.suspend(() => {
        const to = latest.get(login)
        return to === undefined ? Effect.never : submit(to)
      })
      return yield* Fiber.join(yield* Effect.forkDetach(Effect.delay(sent, delayMs())))
    })
  return (adapter: Adapter): Adapter => ({
    ...adapter,
    connect: (login) =>
      Effect.map(adapter.connect(login), (connection) => {
        latest.set(login.id, connection)
        return {
          ...connection,
          capabilities: { ...connection.capabilities, wireEndsWithUs: false },
          submit: (order, instrument) => late(login.id, (to) => to.submit(order, instrument)),
          submitBracket: (bracket, instrument) => late(login.id, (to) => to.submitBracket(bracket, instrument))
        }
      })
  })
}

/** Keeps every note; a test reads them. */
export const notesKept = () => {
  const texts: Array<string> = []
  const layer = Layer.succeed(EmergencyNotes, EmergencyNotes.of({
    note: (text) => Effect.sync(() => {
      texts.push(text)
      return true
    }),
    read: Effect.sync(() => [...texts]),
    clear: Effect.succeed(true)
  }))
  return { texts, layer }
}

/** What was logged as an error. */
export const errorsKept = () => {
  const texts: Array<string> = []
  const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
    if (logLevel === "Error") texts.push(Array.isArray(message) ? message.map(String).join(" ") : String(message))
  })
  return { texts, layer: Logger.layer([logger]) }
}

export const silent = Logger.layer([])

/** A life whose process dies: at the instant told, or at its death's own append. What it was doing ends half way. */
export const lifeThatDies = Effect.fnUntraced(function*<E, R>(
  house: ReturnType<typeof lifeAt<never>>,
  death: Death,
  story: Effect.Effect<void, E, R>,
  lived: { readonly stepMs: number; readonly steps: number }
) {
  const scope = yield* Scope.make()
  const context = yield* Layer.buildWithScope(Layer.provideMerge(house, Layer.provideMerge(death.journal, silent)), scope)
  const telling = yield* Effect.forkChild(Effect.provideContext(story, context))
  for (let step = 0; step < lived.steps && !death.isDead(); step++) yield* TestClock.adjust(`${lived.stepMs} millis`)
  death.die()
  yield* death.bury
  const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
  yield* Fiber.interrupt(telling)
  while (closing.pollUnsafe() === undefined) yield* TestClock.adjust("1 millis")
  yield* Fiber.join(closing)
})

export const begin = TestClock.setTime(startMs)
