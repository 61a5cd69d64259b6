/** What a house without a journal answers the operator. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { RpcTest } from "effect/rpc"
import { HouseConfig } from "#config/House.ts"
import { AdminRpc } from "#schemas/contracts/AdminRpc.ts"
import { AccountId } from "#schemas/Ids.ts"
import * as RescueHandlers from "#src/admin/RescueHandlers.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import { house } from "#test/support/house.ts"

const rescue = RescueHandlers.layer({ connection: () => undefined, why: "the journal is damaged" }).pipe(
  Layer.provideMerge(Layer.mergeAll(HouseConfig.layerOf(house()), RefusedDeliveries.layer, Supervision.layer))
)

describe("rescue mode", () => {
  it.effect("takes no alert and says so; what it flattens is labelled, and never flat unasked", () =>
    Effect.gen(function*() {
      yield* (yield* Supervision).setHouse("rescue")
      const admin = yield* RpcTest.makeClient(AdminRpc)
      const status = yield* admin.Status()
      assert.deepStrictEqual([status.state, status.ingress.paused, status.journal.durable], ["rescue", true, false])
      const [told] = yield* Stream.runCollect(admin.Flatten({ accountId: AccountId.make("paper-1") }))
      const receipt = told?._tag === "Receipt" ? told.receipt : undefined
      assert.deepStrictEqual([receipt?.accountId, receipt?.state, receipt?.isSimulated], [AccountId.make("paper-1"), "unknown", true])
      assert.include((yield* Effect.flip(admin.Positions())).message, "the journal is damaged")
    }).pipe(Effect.scoped, Effect.provide(rescue)))
})
