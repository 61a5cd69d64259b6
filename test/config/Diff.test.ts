import { assert, describe, it } from "@effect/vitest"
import * as Diff from "#config/Diff.ts"
import * as DiffEffect from "#config/DiffEffect.ts"
import * as Lanes from "#config/Lanes.ts"
import { LaneId } from "#schemas/Ids.ts"
import { house, type Overrides } from "#test/support/house.ts"

const between = (after: Overrides, before: Overrides = {}) =>
  DiffEffect.of(house(before), house(after)).map((change) => `${change.kind} ${Diff.pathOf(change)}: ${change.effect}`)

describe("what differs", () => {
  it("is told setting by setting, with what it was and is", () => {
    const [lowered] = DiffEffect.of(house({ accounts: { "paper-3": { caps: { dailyLoss: "900" } } } }), house())
    assert.deepStrictEqual(lowered, { file: "accounts", id: "paper-3", keys: ["caps", "dailyLoss"], kind: "changed", before: "900", after: "5", effect: "next order" })
    assert.deepStrictEqual(between({}), [])
    assert.deepStrictEqual(between({ accounts: { "paper-2": { caps: { dailyLoss: "9" } } } }), ["added accounts/paper-2/caps/dailyLoss: next order"])
    assert.deepStrictEqual(between({}, { accounts: { "paper-2": { caps: { dailyLoss: "9" } } } }), ["removed accounts/paper-2/caps/dailyLoss: next order"])
    assert.deepStrictEqual(between({ accounts: { "paper-2": { reconciliation: "flatten" } } }), ["added accounts/paper-2/reconciliation: now"])
    assert.deepStrictEqual(between({ lanes: { second: {} } }), ["added lanes/second: now"])
  })

  it("is no other order of entries or keys", () => {
    const { accounts: { accounts = [] } = {}, ...rest } = house().body as { readonly accounts?: { readonly accounts?: ReadonlyArray<Record<string, unknown>> } }
    const reversed = accounts.map((entry) => Object.fromEntries(Object.entries(entry).reverse())).reverse()
    assert.deepStrictEqual(Diff.of(house(), { ...house(), body: { ...rest, accounts: { accounts: reversed } } }), [])
  })
})

describe("a change counts", () => {
  it("now, with the next order, once all is flat, or with a session's restart", () => {
    assert.deepStrictEqual(between({
      lanes: { crypto: { enabled: false } },
      strategies: { "demo-crypto": { enabled: false, onSameSide: "add", session: { zone: "America/New_York", windows: [] } } },
      accounts: {
        "paper-1": { enabled: false, restingTargets: true, sizing: { futures: { quantity: "1" } } },
        "paper-2": { balance: { amount: "1" }, dayStartsAt: { time: "18:00" } },
        "paper-3": { login: "second", venueAccount: "X1" }
      },
      venues: { second: {}, "paper-demo": { paper: { latencyMs: 1, oca: false, slippage: { value: 3 } } } },
      instruments: { MES: { version: 2, tickSize: "0.5", aliases: ["MICRO"] }, MNQ: { simulation: { price: "1" } } },
      calendars: { "cme-futures": { closedOn: [] } }
    }).filter((line) => !line.startsWith("changed calendars")), [
      "changed lanes/crypto/enabled: now",
      "changed strategies/demo-crypto/enabled: now",
      "changed strategies/demo-crypto/onSameSide: next order",
      "added strategies/demo-crypto/session: now",
      "changed accounts/paper-1/enabled: now",
      "changed accounts/paper-1/sizing/futures/quantity: next order",
      "changed accounts/paper-1/restingTargets: needs flat",
      "changed accounts/paper-2/balance/amount: next order",
      "changed accounts/paper-2/dayStartsAt/time: now",
      "changed accounts/paper-3/login: needs flat",
      "added accounts/paper-3/venueAccount: needs flat",
      "changed venues/paper-demo/paper/slippage/value: restart",
      "changed venues/paper-demo/paper/latencyMs: restart",
      "changed venues/paper-demo/paper/oca: needs flat",
      "added venues/second: now",
      "changed instruments/MES/version: needs flat",
      "changed instruments/MES/tickSize: needs flat",
      "changed instruments/MES/aliases: now",
      "changed instruments/MNQ/simulation/price: needs flat"
    ])
    assert.deepStrictEqual(between({ venues: { second: { enabled: false } } }, { venues: { second: {} } }), ["changed venues/second/enabled: needs flat"])
    assert.deepStrictEqual(between({ venues: { second: {} } }, { venues: { second: { enabled: false } } }), ["changed venues/second/enabled: now"])
    assert.deepStrictEqual(between({ strategies: { "demo-crypto": null }, accounts: { "paper-2": null }, instruments: { ES: null } }), [
      "removed strategies/demo-crypto: needs flat", "removed accounts/paper-2: needs flat", "removed instruments/ES: needs flat"
    ])
  })

  it("once flat where this process serves it no more", () => {
    const lanes = [LaneId.make("futures")]
    const served = (overrides: Overrides) => Lanes.served(house(overrides), lanes)
    const moved = DiffEffect.of(served({}), served({ accounts: { "paper-2": { lanes: ["crypto"] } }, strategies: { "demo-futures": { lanes: ["crypto"] } } }))
    assert.deepStrictEqual(moved.map(({ effect, touches }) => [effect, touches?.kind, touches?.id]), [
      ["needs flat", "strategy", "demo-futures"], ["needs flat", "account", "paper-2"]
    ])
  })

  it("under the accounts that it touches", () => {
    const touched = (after: Overrides, before: Overrides = {}) => [...DiffEffect.accountsTouched(DiffEffect.of(house(before), house(after)), house(before))]
    assert.deepStrictEqual<unknown>(touched({ accounts: { "paper-2": null } }), ["paper-2"])
    assert.deepStrictEqual<unknown>(touched({ accounts: { "paper-2": { caps: {} }, "paper-1": { enabled: false } } }), [])
    assert.deepStrictEqual<unknown>(touched({ strategies: { "demo-crypto": null } }), ["paper-1", "paper-2", "paper-3"])
    const two = { venues: { second: {} }, accounts: { "paper-3": { login: "second" } } }
    assert.deepStrictEqual<unknown>(touched({ ...two, venues: { second: { enabled: false } } }, two), ["paper-3"])
  })
})

describe("an instrument", () => {
  it("of another tick or lot is another version, which never falls", () => {
    const problems = (after: Overrides, before: Overrides = {}) => DiffEffect.versionProblems(house(before), house(after)).map(({ expected, got, path }) => `${path} ${expected}, got ${got}`)
    const second = { instruments: { MES: { version: 2 } } }
    assert.deepStrictEqual(problems({ instruments: { MES: { tickSize: "0.5", tickValue: "2.5" } } }), ["instruments[0].version a version above 1, as tickSize and tickValue changed, got 1"])
    assert.deepStrictEqual(problems({}, second), ["instruments[0].version 2 or above, got 1"])
    assert.deepStrictEqual(problems({ instruments: { MES: { version: 2, tickSize: "0.5" } } }), [])
    assert.deepStrictEqual(problems(second), [])
  })
})
