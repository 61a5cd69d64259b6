/** One sign-in for many lives: a house that dies often does not use up what its venue allows. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import * as SessionTokens from "#src/stores/SessionTokens.ts"
import { begin, startMs } from "#test/src/venues/paper/fixture.ts"
import * as Fixture from "#test/venues/tradovate/fixture.ts"
import { ask } from "#test/venues/tradovate/signedIn.ts"
import * as Stub from "#test/venues/tradovate/stub.ts"

const signIn = "/v1/auth/accesstokenrequest"
const renewal = "/v1/auth/renewaccesstoken"
const minute = 60_000
const up = (ms: number): bigint => BigInt(ms) * 1_000_000n

interface Lives {
  readonly stub: Stub.Stub
  readonly tokens: ReturnType<typeof SessionTokens.inMemory>
  /** A process of its own: what came of its first connection, held for so long. `upMs`: how long its machine had been up when time began. */
  readonly life: (forMs?: number, settings?: { readonly name?: string; readonly upMs?: number }) => Effect.Effect<string>
}

const lives = <A, E>(story: (lives: Lives) => Effect.Effect<A, E>) => Effect.gen(function*() {
  yield* begin
  const clock = yield* Clock.Clock
  const stub = Stub.make({ nowMs: () => clock.currentTimeMillisUnsafe() })
  yield* Effect.forkChild(Effect.forever(Effect.andThen(Effect.sleep("2500 millis"), Effect.sync(() => stub.sockets.forEach((socket) => socket.raw("h"))))))
  const tokens = SessionTokens.inMemory()
  const life = (forMs = 1_000, { upMs = 0, ...settings }: { readonly name?: string; readonly upMs?: number } = {}) => Effect.scoped(Effect.gen(function*() {
    const adapter = yield* Fixture.adapterOver(tokens)
    yield* ask(adapter.connect(yield* Fixture.login))
    yield* TestClock.adjust(forMs)
    return "connected"
  })).pipe(
    Effect.catch((error) => Effect.succeed(error._tag)),
    Effect.provideService(Clock.Clock, { ...clock, monotonicTimeNanosUnsafe: () => up(upMs) + clock.monotonicTimeNanosUnsafe(), monotonicTimeNanos: Effect.map(clock.monotonicTimeNanos, (nanos) => nanos + up(upMs)) }),
    Effect.provide([stub.layer, Fixture.config({ marketDataUrl: null, ...settings })])
  )
  return yield* story({ stub, tokens, life })
}).pipe(Effect.scoped)

describe("a token", () => {
  it.effect("lets every life in until shortly before its end, however many there are", () => lives(({ life, stub }) => Effect.gen(function*() {
    for (let n = 0; n < 12; n++) {
      assert.strictEqual(yield* life(), "connected")
      yield* TestClock.adjust(5 * minute)
    }
    assert.strictEqual(stub.count(signIn), 1)
    yield* TestClock.adjust(60 * minute)
    assert.strictEqual(yield* life(), "connected")
    assert.strictEqual(stub.count(signIn), 2)
  })))

  it.effect("that was renewed is the one that is kept", () => lives(({ life, stub }) => Effect.gen(function*() {
    yield* life(80 * minute)
    assert.deepStrictEqual([stub.count(signIn), stub.count(renewal)], [1, 1])
    yield* TestClock.adjust(60 * minute)
    assert.strictEqual(yield* life(), "connected")
    assert.strictEqual(stub.count(signIn), 1)
  })))

  it.effect("of the life before that is refused is no sign-in elsewhere: one of its own follows at once", () => lives(({ life, stub }) => Effect.gen(function*() {
    yield* life()
    stub.state.answers = ({ path, token }) => path === "/v1/account/list" && token === "token-1-canary" ? Stub.no(401) : undefined
    assert.strictEqual(yield* life(), "connected")
    assert.strictEqual(stub.count(signIn), 2)
  })))

  it.effect("of another user is not used", () => lives(({ life, stub }) => Effect.gen(function*() {
    yield* life()
    yield* TestClock.adjust(minute)
    yield* life(1_000, { name: "somebody-else" })
    assert.strictEqual(stub.count(signIn), 2)
  })))

  it.effect("that cannot be read is none", () => lives(({ life, stub, tokens }) => Effect.gen(function*() {
    for (const text of ["", "{", "{\"user\":1}", JSON.stringify({ user: "x", signInsAtMs: [startMs] })]) {
      yield* TestClock.adjust(61 * minute)
      yield* tokens.of().keep(Fixture.loginId, Redacted.make(text))
      assert.strictEqual(yield* life(), "connected", text)
    }
    assert.strictEqual(stub.count(signIn), 4)
  })))
})

it.effect("sign-ins of all lives count: four an hour, and 15 seconds after one that failed", () => lives(({ life, stub }) => Effect.gen(function*() {
  stub.state.answers = ({ path }) => path === signIn ? Stub.ok({ errorText: "no" }) : undefined
  const said: Array<string> = []
  for (let n = 0; n < 6; n++) {
    said.push(yield* life())
    yield* TestClock.adjust(n === 0 ? 5_000 : 15_000)
  }
  assert.deepStrictEqual(said, ["Unauthenticated", "RateLimited", "Unauthenticated", "Unauthenticated", "Unauthenticated", "RateLimited"])
  assert.strictEqual(stub.count(signIn), 4)
})))

const days = (count: number) => count * 86_400_000

it.effect("a machine that was started anew counts time from its own beginning: sign-ins of before are as old as they are", () => lives(({ life, stub }) => Effect.gen(function*() {
  stub.state.answers = ({ path }) => path === signIn ? Stub.ok({ errorText: "no" }) : undefined
  const said: Array<string> = []
  for (const upMs of [days(20), 0, days(40), days(1), 0]) {
    said.push(yield* life(0, { upMs }))
    yield* TestClock.adjust(20_000)
  }
  assert.deepStrictEqual(said, ["Unauthenticated", "Unauthenticated", "Unauthenticated", "Unauthenticated", "RateLimited"])
  yield* TestClock.adjust(60 * minute)
  assert.strictEqual(yield* life(0, { upMs: days(3) }), "Unauthenticated")
})))

it.effect("a sign-in that surely never left is not counted", () => lives(({ life, stub }) => Effect.gen(function*() {
  stub.state.answers = ({ path }) => path === signIn ? { code: "ECONNREFUSED" } : undefined
  for (let n = 0; n < 8; n++) assert.strictEqual(yield* life(0), "Unavailable")
  stub.state.answers = () => undefined
  assert.strictEqual(yield* life(), "connected")
})))

it.effect("a lock-out outlives the process: nothing is sent before its end", () => lives(({ life, stub }) => Effect.gen(function*() {
  stub.state.answers = ({ path }) => path === signIn ? Stub.no(429) : undefined
  assert.strictEqual(yield* life(0, { upMs: days(2) }), "RateLimited")
  const before = stub.sent.length
  stub.state.answers = () => undefined
  yield* TestClock.adjust(59 * minute)
  assert.strictEqual(yield* life(), "RateLimited")
  assert.strictEqual(stub.sent.length, before)
  yield* TestClock.adjust(minute)
  assert.strictEqual(yield* life(), "connected")
})))
