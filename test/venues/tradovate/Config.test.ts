/** A Tradovate login in the configuration: what is refused before anything is sent, and which secrets it needs. */
import { assert, it } from "@effect/vitest"
import { Result } from "effect"
import * as Load from "#config/Load.ts"
import { modeOf, secretsOf } from "#schemas/config/LoginConfig.ts"
import { houseTexts, type Json } from "#test/support/house.ts"
import * as Fixture from "#test/venues/tradovate/fixture.ts"

const load = (settings: { readonly [key: string]: Json } = {}) => Load.fromTexts(houseTexts(Fixture.overrides(settings)))
const problem = (settings: { readonly [key: string]: Json }) => {
  const loaded = load(settings)
  return Result.isFailure(loaded) ? loaded.failure.message : "fine"
}

it("names its secrets, and counts as live on any host", () => {
  const login = Result.getOrThrow(load()).logins.get(Fixture.loginId)
  assert.deepStrictEqual(login === undefined ? [] : secretsOf(login), [{ $env: "TRADOVATE_PASSWORD" }, { $env: "TRADOVATE_SEC" }])
  assert.strictEqual(modeOf("tradovate"), "live")
})

it("goes over the network only under TLS", () => {
  assert.strictEqual(problem({ url: "http://127.0.0.1:8490", marketDataUrl: "http://localhost:8490" }), "fine")
  assert.match(problem({ url: "http://demo.tradovateapi.com" }), /tradovate\.url.*expected https/)
  assert.match(problem({ marketDataUrl: "http://md.tradovateapi.com" }), /tradovate\.marketDataUrl.*expected https/)
  assert.match(problem({ url: "https://demo.tradovateapi.com/v1" }), /tradovate\.url/)
})

it("needs a user, a password and a device", () => {
  for (const field of ["name", "password", "deviceId", "appId", "appVersion"]) assert.match(problem({ [field]: null }), new RegExp(field))
})
