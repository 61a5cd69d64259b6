import { assert, describe, it } from "@effect/vitest"
import * as NotFound from "#actors/broker-session/NotFound.ts"
import { AccountId, ClientOrderId } from "#schemas/Ids.ts"
import type { AccountSnapshot } from "#schemas/VenueEvent.ts"

const account = AccountId.make("paper-1")
const [a, b] = [ClientOrderId.make("il-a"), ClientOrderId.make("il-b")]
const slow = { lookupProvesAfterMs: 5_500 }

const seen = (...notFound: ReadonlyArray<ClientOrderId>): AccountSnapshot =>
  ({ orders: [], notFound, positions: [], fills: [], lookupIsProof: true, atMs: 0 })

describe("NotFound", () => {
  it("proves nothing before its time, and then only of what was missing at every look", () => {
    const proven = NotFound.make()
    const at = (nowMs: number, ...ids: ReadonlyArray<ClientOrderId>) => proven(account, seen(...ids), slow, nowMs, false).notFound
    assert.deepStrictEqual(at(0, a, b), [])
    assert.deepStrictEqual(at(5_000, a), []) // b was there, or not asked for
    assert.deepStrictEqual(at(5_500, a, b), [a])
    assert.deepStrictEqual(at(10_500, a, b), [a])
    assert.deepStrictEqual(at(11_000, b), [b])
  })

  it("keeps accounts apart", () => {
    const proven = NotFound.make()
    proven(account, seen(a), slow, 0, false)
    assert.deepStrictEqual(proven(AccountId.make("paper-2"), seen(a), slow, 6_000, false).notFound, [])
  })

  it("counts from the first look of this process, and says nothing while an earlier one's bytes may be under way", () => {
    const proven = NotFound.make()
    assert.deepStrictEqual(proven(account, seen(a), slow, 0, true).notFound, [])
    assert.deepStrictEqual(proven(account, seen(a), slow, 9_000, true).notFound, [])
    assert.deepStrictEqual(proven(account, seen(a), slow, 10_000, false).notFound, [a])
  })

  it("passes on the venue's first word where that counts, and a word that proves nothing as it is", () => {
    for (const lookupProvesAfterMs of [0, undefined]) {
      assert.deepStrictEqual(NotFound.make()(account, seen(a), { lookupProvesAfterMs }, 0, false).notFound, [a])
    }
  })
})
