/** A webhook with its journal, to be fed with deliveries: directly on the test's clock, or over loopback. */
import { Effect, Layer, Redacted, Ref } from "effect"
import { Clocks } from "#config/Clocks.ts"
import { type House, HouseConfig } from "#config/House.ts"
import * as Mask from "#config/Mask.ts"
import { Secrets } from "#config/Secrets.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import { Door } from "#src/ingress/Door.ts"
import * as Listener from "#src/ingress/Listener.ts"
import { type Answer, type Incoming, Receive } from "#src/ingress/Receive.ts"
import { Journal, JournalUnavailable } from "#src/ports/Journal.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import { house } from "#test/support/house.ts"
import { journalInMemory } from "#test/support/journal.ts"

export const secret = "open-sesame-4711"
export const otherSecret = "another-house-0815"

export const lanes = {
  futures: {},
  crypto: {},
  guarded: { allowFrom: ["52.89.214.238", "10.0.0.0/8"] },
  proxied: { trustedProxies: ["127.0.0.1"], allowFrom: ["52.89.214.238"] },
  patient: { repeat: "resend" },
  closed: { enabled: false }
}

export const testHouse = house({ lanes })

const secrets = Layer.sync(Secrets, () =>
  Secrets.of({
    get: () => Effect.succeed(Redacted.make(secret)),
    operatorToken: Redacted.make(otherSecret),
    mask: Mask.make([secret, otherSecret])
  }))

/** `down`: nothing takes a place. `before`: what everybody who waits for the disk waits for. */
export interface Disk {
  readonly down: Ref.Ref<boolean>
  readonly before: Ref.Ref<Effect.Effect<void>>
}

/** The real journal behind a disk that can fail or hang. */
export const faultyJournal = (disk: Disk) =>
  Layer.effect(Journal, Effect.map(Journal, (journal) => {
    const unlessDown = <A, E>(place: Effect.Effect<A, E>) =>
      Effect.flatMap(Ref.get(disk.down), (isDown): Effect.Effect<A, E | JournalUnavailable> =>
        isDown ? Effect.fail(new JournalUnavailable({ reason: "diskFull" })) : place)
    const stage: Journal["Service"]["stage"] = (stream, expected, events) => unlessDown(journal.stage(stream, expected, events))
    const stageOnce: Journal["Service"]["stageOnce"] = (stream, key, events) => unlessDown(journal.stageOnce(stream, key, events))
    const durable: Journal["Service"]["durable"] = (seq) => Effect.andThen(Effect.flatten(Ref.get(disk.before)), journal.durable(seq))
    return Journal.of({
      ...journal,
      stage,
      stageOnce,
      durable,
      append: (stream, expected, events) => Effect.tap(stage(stream, expected, events), ({ seq }) => durable(seq)),
      appendOnce: (stream, key, events) => Effect.tap(stageOnce(stream, key, events), ({ seq }) => durable(seq)),
      status: Effect.gen(function*() {
        return { ...(yield* journal.status), durable: !(yield* Ref.get(disk.down)) }
      })
    })
  }))

export const makeDisk: Effect.Effect<Disk> = Effect.gen(function*() {
  return { down: yield* Ref.make(false), before: yield* Ref.make<Effect.Effect<void>>(Effect.void) }
})

/** What the webhook stands on, but for the journal. */
export const groundOf = (current: House) =>
  Layer.mergeAll(HouseConfig.layerOf(current), secrets, RefusedDeliveries.layer, Door.layer, Clocks.layerVirtual)

export const receivingOf = (current: House) => Receive.layer.pipe(Layer.provideMerge(groundOf(current)), Layer.provideMerge(journalInMemory))

export const receiving = receivingOf(testHouse)

/** One life of the process; the journal it needs outlives it. */
export const life = Layer.fresh(Receive.layer.pipe(Layer.provideMerge(groundOf(testHouse))))

export const listening = (options: Partial<Listener.Options> = {}) =>
  Listener.layer({ host: "127.0.0.1", port: 0, ...options }).pipe(Layer.provideMerge(groundOf(testHouse)))

export const alert = (fields: Record<string, unknown> = {}): string =>
  JSON.stringify({ secret, strategy: "demo-futures", action: "buy", symbol: "MES1!", ...fields })

export const incoming = (body: string | Uint8Array, more: Partial<Incoming> = {}): Incoming => ({
  lane: "futures",
  token: undefined,
  body: typeof body === "string" ? new TextEncoder().encode(body) : body,
  peer: "192.0.2.7",
  forwardedFor: undefined,
  contentType: "application/json",
  written: Effect.succeed(true),
  ...more
})

export const deliver = (body: string | Uint8Array, more: Partial<Incoming> = {}) =>
  Effect.flatMap(Receive, ({ receive }) => receive(incoming(body, more)))

/** An answer in one line: `200 accepted`, `422 invalid tp`. */
export const brief = ({ status, body }: Answer): string =>
  "error" in body ? [status, body.error, ...(body.path === undefined ? [] : [body.path])].join(" ") : `${status} ${body.status}`

export const idOf = ({ body }: Answer): string => "alertId" in body ? body.alertId : "none"

export const rows: Effect.Effect<ReadonlyArray<JournalRow>, never, Journal> = Effect.flatMap(Journal, (journal) => journal.readAfter(0, 10_000))

export const tagsOf = (all: ReadonlyArray<JournalRow>): ReadonlyArray<string> => all.map(({ event }) => event._tag)

/** Rows of deliveries alone: answers are written behind them. */
export const deliveryTags = Effect.map(rows, (all) => tagsOf(all).filter((tag) => tag !== "AlertAnswered"))

export const notesOf = (row: JournalRow | undefined): ReadonlyArray<string> =>
  row !== undefined && "delivery" in row.event ? row.event.delivery.notes : ["no delivery"]
