import { assert, describe, it } from "@effect/vitest"
import * as NotFound from "#actors/broker-session/NotFound.ts"
import { AccountId, ClientOrderId } from "#schemas/Ids.ts"
import type { AccountSnapshot } from "#schemas/VenueEvent.ts"

const account = AccountId.make("paper-1")
const [a, b] = [ClientOrderId.make("il-a"), ClientOrderId.make("il-b")]
const slow = { lookupProvesAfterMs: 5_500 }

/** A look that takes no time. */
const at = (nowMs: number) => ({ fromMs: nowMs, untilMs: nowMs })

const seen = (...notFound: ReadonlyArray<ClientOrderId>): AccountSnapshot =>
  ({ orders: [], notFound, positions: [], fills: [], lookupIsProof: true, atMs: 0 })

describe("NotFound", () => {
  it("proves nothing before its time, and then only of what was missing at every look", () => {
    const proven = NotFound.make()
    const look = (nowMs: number, ...ids: ReadonlyArray<ClientOrderId>) => proven(account, seen(...ids), slow, at(nowMs), false).notFound
    assert.deepStrictEqual(look(0, a, b), [])
    assert.deepStrictEqual(look(5_000, a), []) // b was there, or not asked for
    assert.deepStrictEqual(look(5_500, a, b), [a])
    assert.deepStrictEqual(look(10_500, a, b), [a])
    assert.deepStrictEqual(look(11_000, b), [b])
  })

  it("counts from the end of the first look to the beginning of the last: a slow one proves nothing by its slowness", () => {
    const proven = NotFound.make()
    proven(account, seen(a), slow, { fromMs: 0, untilMs: 2_000 }, false)
    assert.deepStrictEqual(proven(account, seen(a), slow, { fromMs: 2_000, untilMs: 9_800 }, false).notFound, [])
    assert.deepStrictEqual(proven(account, seen(a), slow, { fromMs: 7_500, untilMs: 9_900 }, false).notFound, [a])
  })

  it("keeps accounts apart", () => {
    const proven = NotFound.make()
    proven(account, seen(a), slow, at(0), false)
    assert.deepStrictEqual(proven(AccountId.make("paper-2"), seen(a), slow, at(6_000), false).notFound, [])
  })

  it("counts from the first look of this process, and says nothing while an earlier one's bytes may be under way", () => {
    const proven = NotFound.make()
    assert.deepStrictEqual(proven(account, seen(a), slow, at(0), true).notFound, [])
    assert.deepStrictEqual(proven(account, seen(a), slow, at(9_000), true).notFound, [])
    assert.deepStrictEqual(proven(account, seen(a), slow, at(10_000), false).notFound, [a])
  })

  it("passes on the venue's first word where that counts, and a word that proves nothing as it is", () => {
    for (const lookupProvesAfterMs of [0, undefined]) {
      assert.deepStrictEqual(NotFound.make()(account, seen(a), { lookupProvesAfterMs }, at(0), false).notFound, [a])
    }
  })
})
