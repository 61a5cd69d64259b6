/** What the venue itself says of an account, beside every book of ours. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { AccountId } from "#schemas/Ids.ts"
import * as AtVenue from "#src/admin/AtVenue.ts"
import { desk, mes, send, trading } from "#test/actors/account/desk.ts"
import { pass } from "#test/support/runtime.ts"

const asked = Effect.fnUntraced(function*(account: string) {
  const atVenue = yield* AtVenue.make
  const answering = yield* Effect.forkChild(Effect.result(atVenue({ accountId: AccountId.make(account) })), { startImmediately: true })
  yield* pass(0.25)
  const answer = yield* Fiber.join(answering)
  return answer._tag === "Success" ? answer.success : answer.failure.message
})

describe("an account at its venue", () => {
  it.effect("holds what it holds there, in the units that people write", () => trading({ paper: { nativeBrackets: true } }, Effect.gen(function*() {
    const before = yield* asked("paper-1")
    assert.deepStrictEqual(typeof before === "string" ? before : [before.positions, before.orders, before.isSimulated], [[], [], true])
    yield* send("buy")
    yield* pass(2)
    const held = yield* asked("paper-1")
    if (typeof held === "string") return assert.fail(held)
    assert.deepStrictEqual(held.positions, [{ symbol: mes, quantity: String((yield* desk).net(mes)) }])
    const stop = held.orders.find(({ stopPrice }) => stopPrice !== undefined)
    assert.deepStrictEqual([stop?.side, stop?.quantity, stop?.status], ["sell", "2", "Accepted"])
    assert.match(stop?.stopPrice ?? "", /^\d{4}(\.25|\.5|\.75)?$/)
    assert.deepStrictEqual(held.inHand, [])
  })))

  it.effect("that nobody knows is not asked for", () => trading({}, Effect.gen(function*() {
    assert.include(yield* asked("nobody"), "no account nobody is configured")
  })))
})
