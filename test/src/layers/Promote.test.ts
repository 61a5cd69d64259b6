/** What `promote` shows, and what it wants to have seen before. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { AccountId, LoginId } from "#schemas/Ids.ts"
import * as Record from "#src/layers/offline/venue/Record.ts"
import * as Trades from "#src/layers/offline/venue/Trades.ts"
import { house } from "#test/support/house.ts"

const tradovate = {
  id: "t-1", venue: "tradovate", enabled: true, paper: null,
  tradovate: { url: "https://demo.tradovateapi.com", name: "user", password: { $env: "P" }, appId: "a", appVersion: "1", deviceId: "d" }
}
const nowMs = DateTime.toEpochMillis(DateTime.makeUnsafe("2026-11-20T15:00:00Z"))

/** The first account of the demo on such a login, changed. */
const made = (account: { readonly [key: string]: string | ReadonlyArray<string> | null } = {}, login: { readonly [key: string]: boolean } = {}, name = "user") => {
  const changed = house({
    venues: { "t-1": { ...tradovate, ...login, tradovate: { ...tradovate.tradovate, name } } },
    accounts: { "paper-1": { login: "t-1", venueAccount: "DEMO1", ...account } }
  })
  const one = changed.accounts.get(AccountId.make("paper-1"))
  const its = changed.logins.get(LoginId.make("t-1"))
  if (one === undefined || its?.venue !== "tradovate") throw new Error("not made")
  return { house: changed, account: one, login: its }
}

const lines = (...changes: Parameters<typeof made>): string => {
  const { account, house: of, login } = made(...changes)
  return Trades.lines(of, account, login, nowMs).join("\n")
}

describe("what will trade on an account", () => {
  it("every strategy that reaches it, through which lane, and its limits", () => {
    const all = lines()
    assert.match(all, /mode +LIVE: orders go to a broker/)
    assert.match(all, /account DEMO1 of login t-1 \(tradovate\) at https:\/\/demo\.tradovateapi\.com/)
    assert.match(all, /strategies +demo-futures: MES1!, MNQ1! through lane futures\n +demo-crypto: BTCUSD, ETHUSD through lane crypto/)
    assert.match(all, /caps +NO DAILY LOSS LIMIT/)
    assert.match(all, /size +futures 2 .*; crypto 0\.05 /)
  })

  it("none that its lanes, assets or symbols keep away", () => {
    assert.notMatch(lines({ lanes: ["futures"] }), /demo-crypto/)
    assert.notMatch(lines({ assets: ["futures"] }), /demo-crypto/)
    assert.match(lines({ symbols: ["MNQ"] }), /strategies +demo-futures: MNQ1! through/)
    assert.match(lines({ lanes: [] }), /strategies +none: no alert reaches it/)
  })
})

describe("a dry run before an account is promoted", () => {
  const { account, login } = made()
  const passed: Record.DryRun = { atMs: nowMs, settings: Record.settingsOf(login), accounts: ["DEMO1"] }

  it("passed, of this login, and the venue listed the account: nothing is against it", () => {
    assert.isUndefined(Record.against(passed, account, login))
  })

  it("never made, failed, of other settings, or without the account: refused, with the way out", () => {
    assert.match(Record.against(undefined, account, login) ?? "", /never tried: `interlock venue add tradovate --login t-1`/)
    assert.match(Record.against({ ...passed, failed: "sign-in: no" }, account, login) ?? "", /failed at 2026-11-20T15:00:00\.000Z \(sign-in: no\)/)
    assert.match(Record.against(passed, account, made({}, {}, "another").login) ?? "", /was changed since/)
    assert.match(Record.against({ ...passed, accounts: ["DEMO2"] }, account, login) ?? "", /listed no account DEMO1 .* only DEMO2/)
    assert.match(Record.against(passed, account, made({}, { enabled: false }).login) ?? "", /disabled in venues\.json/)
  })
})
