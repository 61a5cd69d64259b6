/** A house without actors behind the operator's listener: an in-memory journal, real HTTP on loopback. */
import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Effect, Layer, Redacted } from "effect"
import { HttpServer } from "effect/http"
import { HouseConfig } from "#config/House.ts"
import { Secrets } from "#config/Secrets.ts"
import * as Handlers from "#src/admin/Handlers.ts"
import * as Listener from "#src/admin/Listener.ts"
import { Views } from "#src/admin/Views.ts"
import * as QuoteBook from "#src/feeds/QuoteBook.ts"
import { inMemory } from "#src/layers/Hosting.ts"
import { Backups } from "#src/ports/Backups.ts"
import { EmergencyNotes } from "#src/ports/EmergencyNotes.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import { house } from "#test/support/house.ts"
import { journalInMemory } from "#test/support/journal.ts"

export const token = "0f9c-operator-token-of-the-test"
export const webhookSecret = "the-webhook-secret-of-the-test"

const secrets = Layer.succeed(Secrets, Secrets.of({
  get: () => Effect.succeed(Redacted.make(webhookSecret)),
  operatorToken: Redacted.make(token),
  mask: (text) => text.replaceAll(webhookSecret, "***")
}))

const ports = Layer.mergeAll(
  journalInMemory, QuoteBook.layer, RefusedDeliveries.layer, Supervision.layer, RiskLatch.layer, inMemory, Layer.mock(Backups, {}), Layer.mock(EmergencyNotes, {}), secrets, HouseConfig.layerOf(house())
)

/** The listener on any free port, with everything that a test may write to. */
export const listening = (options: { readonly webhookUrl: string; readonly hosts?: ReadonlyArray<string>; readonly metrics?: Effect.Effect<string> }) =>
  Listener.layer({ hosts: options.hosts ?? [], ...(options.metrics === undefined ? {} : { metrics: options.metrics }) }).pipe(
    Layer.provide(Handlers.layer({ webhookUrl: options.webhookUrl })),
    Layer.provideMerge(Views.layer),
    Layer.provideMerge(ports),
    Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 }))
  )

export const port = Effect.map(HttpServer.HttpServer, ({ address }) => ("port" in address ? address.port : 0))
