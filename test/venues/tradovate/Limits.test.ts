/** How many requests leave, and for whom the rest is kept. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import type { VenueError } from "#src/ports/Venue.ts"
import { instrument, order, startMs } from "#test/src/venues/paper/fixture.ts"
import * as Fixture from "#test/venues/tradovate/fixture.ts"
import { ask, signedIn } from "#test/venues/tradovate/signedIn.ts"
import * as Stub from "#test/venues/tradovate/stub.ts"

const { account } = Fixture
const mine = (name: string, terms: Parameters<typeof order>[3] = {}) => order(name, "buy", 2, { accountId: account, ...terms })

describe("the limit of requests", () => {
  it.effect("reads and trades take nothing from each other, and what protects goes before entries", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    const counted = Effect.fnUntraced(function*(request: (n: number) => Effect.Effect<unknown, VenueError>) {
      let sent = 0
      for (let n = 0; n < 60; n++) sent += yield* request(n).pipe(Effect.as(1), Effect.catch(() => Effect.succeed(0)))
      return sent
    })
    const balances = yield* counted(() => ask(connection.balances(account)))
    const entries = yield* counted((n) => ask(connection.submit(mine(`e${n}`), instrument)))
    const stops = yield* counted((n) => ask(connection.submit(mine(`s${n}`, { leg: "stop", stop: 5 }), instrument)))
    assert.isAtMost(50 - balances, 10) // the rest was used to sign in
    assert.isAbove(entries, 15)
    assert.isAbove(stops, 5)
    assert.isAtMost(stub.sent.length + 10, 100)
  }), { settings: { requestsPerHour: 100 } }))

  it.effect("an entry leaves only with room to protect, cancel and close all that is open, and itself", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    const entriesThatLeave = Effect.fnUntraced(function*(name: string) {
      for (let n = 0; ; n++) {
        const error = yield* ask(Effect.option(Effect.flip(connection.submit(mine(`${name}${n}`), instrument))))
        if (Option.isSome(error)) return `${n} ${error.value._tag}`
      }
    })
    const position = (id: number, accountId: number, contractId: number) => ["position", { id, accountId, contractId, timestamp: Stub.iso(startMs), netPos: 1, bought: 1, sold: 0 }] as const
    // 100 an hour: 44 for trades, of them 39 at most, one of which signed in
    stub.socket().props(position(31, Stub.accountA, Stub.contractId), position(32, Stub.accountB, Stub.contractId), position(33, Stub.accountA, 77), position(34, Stub.accountB, 77))
    yield* TestClock.adjust("100 millis")
    assert.strictEqual(yield* entriesThatLeave("e"), "18 RateLimited", "4 are left for each of 4, and for itself")
    for (let n = 0; n < 20; n++) yield* ask(connection.submit(mine(`s${n}`, { leg: "stop", stop: 5 }), instrument))
    assert.strictEqual((yield* ask(Effect.flip(connection.submit(mine("s20", { leg: "stop", stop: 5 }), instrument))))._tag, "RateLimited")
    assert.strictEqual(stub.orders().length, 38)
  }), { settings: { requestsPerHour: 100 } }))
})
