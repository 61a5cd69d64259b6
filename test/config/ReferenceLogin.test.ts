/** A login of a network venue in the configuration: what it must say, what it must not, and when a change of it counts. */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Redacted, Result } from "effect"
import type { ConfigInvalid } from "#config/ConfigInvalid.ts"
import * as Diff from "#config/Diff.ts"
import * as DiffEffect from "#config/DiffEffect.ts"
import { HouseConfig } from "#config/House.ts"
import * as Lanes from "#config/Lanes.ts"
import * as Load from "#config/Load.ts"
import { Secrets } from "#config/Secrets.ts"
import * as SecretsLive from "#config/SecretsLive.ts"
import { Settings } from "#config/Settings.ts"
import { LaneId } from "#schemas/Ids.ts"
import * as Status from "#src/admin/Status.ts"
import { folder } from "#test/support/folder.ts"
import { house, houseTexts, type Json, type Overrides } from "#test/support/house.ts"
import * as Fixture from "#test/venues/reference/fixture.ts"

const login = (settings: { readonly [key: string]: Json } = {}, more: { readonly [key: string]: Json } = {}): Overrides => ({
  venues: { "ref-1": { venue: "reference", paper: null, reference: { url: "https://reference.test", key: "demo", secret: { $env: "REFERENCE_SECRET" }, ...settings }, ...more } }
})
const linesOf = (overrides: Overrides): ReadonlyArray<string> => {
  const error: ConfigInvalid = Result.getOrThrow(Result.flip(Load.fromTexts(houseTexts(overrides))))
  return error.message.split("\n").slice(1)
}

describe("a login of the reference venue", () => {
  it("is read, its secret by name only", () => {
    const { body, logins } = house(login({ requestsPerMinute: 120 }))
    assert.deepInclude(logins.get(Fixture.loginId), { venue: "reference", enabled: true })
    assert.include(JSON.stringify(body), "REFERENCE_SECRET")
  })

  it("says where it is wrong", () => {
    assert.match(linesOf(login({ secret: "plain" })).join(), /reference\.secret/)
    assert.match(linesOf(login({ url: "reference.test" })).join(), /reference\.url.*expected http/)
    assert.match(linesOf(login({ url: "https://reference.test/v1" })).join(), /reference\.url/)
    assert.match(linesOf(login({ url: "https://key:secret@reference.test" })).join(), /reference\.url/)
    assert.match(linesOf(login({ requestsPerMinute: 0 })).join(), /requestsPerMinute/)
    assert.match(linesOf(login({ nonsense: 1 })).join(), /nonsense/)
  })

  it("sends no secret over an open network", () => {
    assert.deepStrictEqual(linesOf(login({ url: "http://venue.test:8490" })), [
      "venues.json: logins[1].reference.url (in \"ref-1\"): expected https://, or http:// of this machine, got \"http://venue.test:8490\""
    ])
    for (const url of ["http://127.0.0.1:8490", "http://localhost:8490", "http://[::1]:8490"]) assert.isTrue(house(login({ url })).logins.has(Fixture.loginId))
  })

  it("gives each account of ours one of its own there", () => {
    const { accounts, venues } = Fixture.overrides()
    assert.deepStrictEqual(linesOf({ venues: venues ?? {}, accounts: { ...accounts, "ref-b": { login: "ref-1", venueAccount: "A1" } } }), [
      "accounts.json: accounts[4].venueAccount (in \"ref-b\"): expected an account at the venue of its own, got \"A1\", as in accounts[3]"
    ])
  })

  it("may lend its quotes to paper, and comes along when only paper's lanes are served", () => {
    const quoted: Overrides = { venues: { ...login().venues, "paper-demo": { paper: { quotesFrom: "ref-1" } } } }
    assert.deepStrictEqual(Array.from(Lanes.served(house(quoted), [LaneId.make("futures")]).logins.keys(), String), ["paper-demo", "ref-1"])
    assert.match(linesOf({ venues: { ...login({}, { enabled: false }).venues, "paper-demo": { paper: { quotesFrom: "ref-1" } } } }).join(), /expected an enabled login/)
  })

  it("counts anew from its next session, or once all is flat", () => {
    const between = (after: Overrides) => DiffEffect.of(house(login()), house(after)).map((change) => `${Diff.pathOf(change)}: ${change.effect}`)
    assert.deepStrictEqual(between(login({ requestsPerMinute: 100, secret: { $env: "OTHER" } })), [
      "venues/ref-1/reference/secret/$env: restart", "venues/ref-1/reference/requestsPerMinute: restart"
    ])
    assert.deepStrictEqual(between(login({ url: "https://elsewhere.test", key: "other" })), ["venues/ref-1/reference/url: needs flat", "venues/ref-1/reference/key: needs flat"])
  })

  it("is simulated, and says so", () => {
    const { accounts, venues } = Fixture.overrides()
    assert.isTrue(Status.isSimulated(house({ venues: venues ?? {}, accounts: accounts ?? {} }), Fixture.accountA))
  })

  it.effect("has its secret resolved at the start, masked wherever it turns up; one that is switched off needs none", () => Effect.gen(function*() {
    const home = yield* folder
    const secretsOf = (overrides: Overrides, variables: Record<string, string>) => Secrets.pipe(Effect.provide(SecretsLive.layer.pipe(
      Layer.provide(Layer.mergeAll(Settings.layerIn(home), HouseConfig.layerOf(house(overrides)))),
      Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(variables)))
    )))
    const secrets = yield* secretsOf(login(), { REFERENCE_SECRET: "canary-of-the-venue" })
    assert.strictEqual(Redacted.value(yield* secrets.get({ $env: "REFERENCE_SECRET" })), "canary-of-the-venue")
    assert.strictEqual(secrets.mask("said canary-of-the-venue"), "said ***")
    assert.match((yield* Effect.flip(secretsOf(login(), {}))).message, /\$env REFERENCE_SECRET \(login ref-1\).*set REFERENCE_SECRET/)
    yield* secretsOf(login({}, { enabled: false }), {})
  }).pipe(Effect.scoped))
})
