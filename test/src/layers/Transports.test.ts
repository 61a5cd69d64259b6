/** The real wires, over loopback and in real time: the same adapter, the same classes of failure as over wires in memory. */
import { assert, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, Scope, Stream } from "effect"
import * as Transports from "#src/layers/Transports.ts"
import * as Fake from "#src/simulation/venues/reference/Reference.ts"
import * as Serve from "#src/simulation/venues/shared/Serve.ts"
import { instrument, order } from "#test/src/venues/paper/fixture.ts"
import * as Fixture from "#test/venues/reference/fixture.ts"

const entry = (name: string) => order(name, "buy", 1, { accountId: Fixture.accountA })

it.live("orders, events and every kind of broken connection", () => Effect.gen(function*() {
  const venue = yield* Fake.make(Fixture.fakeOptions("native"))
  const serving = yield* Scope.make()
  const { url } = yield* Scope.provide(Serve.serve(venue, { port: 0 }), serving)
  yield* Effect.gen(function*() {
    const connection = yield* Fixture.connect
    const told = yield* Effect.forkChild(Stream.runHead(connection.events))
    yield* Effect.yieldNow
    yield* connection.submit(entry("a"), instrument)
    assert.strictEqual((yield* Fiber.join(told))._tag, "Some")
    assert.strictEqual((yield* connection.positions(Fixture.accountA))[0]?.net, 1)

    venue.faults.strike("F3")
    assert.strictEqual((yield* Effect.flip(connection.submit(entry("b"), instrument)))._tag, "Ambiguous")
    assert.strictEqual((yield* connection.orderByClientId(Fixture.accountA, entry("b").id))._tag, "Some")

    const ending = yield* Effect.forkChild(Stream.runDrain(connection.events))
    yield* Effect.yieldNow
    yield* Effect.scoped(Fixture.connect)
    const end = yield* Fiber.await(ending)
    assert.isTrue(Exit.isFailure(end) && Cause.pretty(end.cause).includes("4001 kicked"))

    yield* Scope.close(serving, Exit.void)
    yield* Effect.flip(connection.positions(Fixture.accountA)) // the connection that was kept may have died under it; the next one is never made
    assert.strictEqual((yield* Effect.flip(connection.submit(entry("c"), instrument)))._tag, "Unavailable")
    assert.strictEqual((yield* Effect.flip(Fixture.connect))._tag, "Unavailable")
  }).pipe(Effect.provide(Layer.mergeAll(Transports.layer, Fixture.config({ url }))))
}).pipe(Effect.scoped), 20_000)
