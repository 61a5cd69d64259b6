/**
 * The whole house on virtual time: alerts go in as bytes at the webhook's receiver, orders come out at the paper venue, and the journal
 * tells the rest. The market is scripted: a test says what the price is.
 */
import { DateTime, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { Clocks } from "#config/Clocks.ts"
import { HouseConfig } from "#config/House.ts"
import type { Secrets } from "#config/Secrets.ts"
import * as SecretsLive from "#config/SecretsLive.ts"
import type { AccountId } from "#schemas/Ids.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import * as QuoteBook from "#src/feeds/QuoteBook.ts"
import * as Door from "#src/ingress/Door.ts"
import { Receive } from "#src/ingress/Receive.ts"
import * as Actors from "#src/layers/Actors.ts"
import { inMemory } from "#src/layers/Hosting.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import { EmergencyNotes } from "#src/ports/EmergencyNotes.ts"
import { Journal } from "#src/ports/Journal.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import type { Venues } from "#src/ports/Venue.ts"
import * as SessionTokens from "#src/stores/SessionTokens.ts"
import { house, type Overrides } from "./house.ts"
import { journalInMemory } from "./journal.ts"
import * as TestMarket from "./market.ts"
import * as TestLedger from "./paperLedger.ts"
import * as Transports from "./transports.ts"

export const secret = "test-webhook-secret"

const notes = Layer.succeed(EmergencyNotes, EmergencyNotes.of({
  note: () => Effect.succeed(true),
  read: Effect.succeed([]),
  clear: Effect.succeed(true)
}))

/** What outlives a restart of the house: disk, the venue's own books, the market. */
export const world = Layer.mergeAll(
  journalInMemory,
  TestLedger.layer,
  TestMarket.scripted({ MESZ26: TestMarket.price(28_000, 28_001), PF_XBTUSD: TestMarket.price(90_000, 90_001) })
)

/** A Friday, 2026-11-20 15:00 UTC: the front month of MES is December. */
export const startMs = DateTime.makeUnsafe("2026-11-20T15:00:00Z").epochMilliseconds

type Adapters<Extra> = Layer.Layer<Venues | Extra, never, Layer.Services<typeof VenuesLive.layer>>

/** One life of the house over a world, with this configuration, these venues and what lives before left of their sign-ins. */
export const lifeOver = <Config, E, Extra>(
  configuration: Layer.Layer<HouseConfig | Secrets | Config, E>, venues: Adapters<Extra>, tokens = SessionTokens.inMemory().layer()
) => {
  const config = Layer.mergeAll(configuration, Clocks.layerVirtual)
  const ports = Layer.mergeAll(RiskLatch.layer, QuoteBook.layer, Supervision.layer, RefusedDeliveries.layer, Door.Door.layer, notes, tokens, Transports.layer)
  return Actors.layer.pipe(
    Layer.provideMerge(Receive.layer),
    Layer.provideMerge(venues),
    Layer.provideMerge(inMemory),
    Layer.provideMerge(ports),
    Layer.provideMerge(config)
  )
}

export const lifeAt = <Extra>(overrides: Overrides, venues: Adapters<Extra>) =>
  lifeOver(Layer.merge(HouseConfig.layerOf(house(overrides)), SecretsLive.layerOf({ "$file secrets/webhook-secret": secret }, "test-operator-token")), venues)

export const life = (overrides: Overrides = {}) => lifeAt<never>(overrides, VenuesLive.layer)

/** Posts an alert as TradingView would; the answer as the wire would carry it. */
export const post = Effect.fnUntraced(function*(lane: string, body: Readonly<Record<string, unknown>>) {
  const { receive } = yield* Receive
  return yield* receive({
    lane,
    token: undefined,
    body: new TextEncoder().encode(JSON.stringify({ secret, ...body })),
    peer: "127.0.0.1",
    forwardedFor: undefined,
    contentType: "application/json",
    written: Effect.succeed(true)
  })
})

export const rows: Effect.Effect<ReadonlyArray<JournalRow>, never, Journal> = Effect.flatMap(Journal, (journal) => journal.readAfter(0, 100_000))

/** Outcomes of one alert by account, with the rule where there is one. */
export const outcomes = Effect.fnUntraced(function*(alertId: string) {
  const found: Record<string, string> = {}
  for (const { event, stream } of yield* rows) {
    if (event._tag === "OutcomeReached" && event.alertId === alertId) {
      const account = stream.slice("account/".length) as AccountId
      found[account] = event.reason === undefined ? event.outcome : `${event.outcome}: ${event.reason.rule}`
    }
  }
  return found
})

export const tags = (account: string) =>
  Effect.map(rows, (all) => all.filter(({ stream }) => stream === `account/${account}`).map(({ event }) => event._tag))

/** Runs a test in one life of the house. */
export const inHouse = <A, E, R>(test: Effect.Effect<A, E, R>, overrides: Overrides = {}) =>
  Effect.andThen(TestClock.setTime(startMs), Effect.andThen(pass(1), test).pipe(Effect.provide(life(overrides))))

/** Time passes in steps small enough for everything that happens meanwhile to be answered. */
export const pass = (seconds: number) =>
  Effect.repeat(TestClock.adjust("250 millis"), { times: seconds * 4 - 1 })
