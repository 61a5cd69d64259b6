/** `venue fake` as a person types it. */
import * as NodePath from "node:path"
import { assert, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as Process from "#test/support/process.ts"

const main = NodePath.join(Process.home, "src/main.ts")
const cli = NodePath.join(Process.home, "ops/cli/main.ts")

it.live("serves the instruments of the configuration, says how to reach it and leaves with Ctrl+C", () => Effect.gen(function*() {
  const venue = yield* Process.child(process.execPath, [main, "venue", "fake", "reference", "--port", "0", "--seed", "3", "--style", "plain", "--faults", "F3:p=0.5"], { INTERLOCK_CONFIG: "config/default" })
  const url = yield* Process.until("the venue's address", 20_000, Effect.sync(() => {
    const found = /reference venue at (http:\/\/127\.0\.0\.1:\d+), style plain, seed 3/.exec(venue.out())
    return venue.out().includes("Ctrl+C") ? Option.fromNullishOr(found?.[1]) : Option.none()
  }))
  assert.include(venue.out(), "SIMULATED")
  assert.include(venue.out(), `"reference": { "url": "${url}", "key": "demo", "secret": { "$env": "REFERENCE_SECRET" } }`)
  const secret = /REFERENCE_SECRET=(\S+)/.exec(venue.out())?.[1] ?? ""
  assert.isAtLeast(secret.length, 6) // or the house refuses to start with it
  const signedIn = yield* Effect.promise(() => fetch(`${url}/v1/session`, { method: "POST", body: JSON.stringify({ key: "demo", secret }) }))
  assert.strictEqual(signedIn.status, 200)
  const state = yield* Effect.promise(async () => (await fetch(`${url}/console/state`)).text())
  assert.include(state, '"plan":"F3:p=0.5"')
  assert.match(state, /"symbol":"MES[HMUZ]\d\d"/)
  assert.include(state, '"symbol":"PF_XBTUSD"')
  yield* Process.leave(venue)
}).pipe(Effect.scoped), 60_000)

it.live("Tradovate too: contracts with a month alone, its switches, a login that lets in", () => Effect.gen(function*() {
  const venue = yield* Process.child(process.execPath, [main, "venue", "fake", "tradovate", "--port", "0", "--seed", "3", "--switches", "activation=proportional"], { INTERLOCK_CONFIG: "config/default" })
  const url = yield* Process.until("the venue's address", 20_000, Effect.sync(() => {
    const found = /SIMULATED Tradovate venue at (http:\/\/127\.0\.0\.1:\d+), activation=proportional/.exec(venue.out())
    return venue.out().includes("Ctrl+C") ? Option.fromNullishOr(found?.[1]) : Option.none()
  }))
  const password = /TRADOVATE_PASSWORD=(\S+)/.exec(venue.out())?.[1] ?? ""
  const signedIn = yield* Effect.promise(() => fetch(`${url}/v1/auth/accesstokenrequest`, { method: "POST", body: JSON.stringify({ name: "demo", password }) }))
  assert.include(yield* Effect.promise(() => signedIn.text()), "accessToken")
  const state = yield* Effect.promise(async () => (await fetch(`${url}/console/state`)).text())
  assert.match(state, /"symbol":"MES[HMUZ]\d\d"/)
  assert.notInclude(state, "PF_XBTUSD")
  yield* Process.leave(venue)
  const wrong = yield* Process.run(process.execPath, [cli, "venue", "fake", "tradovate", "--switches", "activation=never"])
  assert.strictEqual(wrong.code, 2)
  assert.include(wrong.err, "onFullFill or proportional")
}).pipe(Effect.scoped), 60_000)

it.live("a wrong fault or style is wrong usage, told in one line", () => Effect.gen(function*() {
  const fault = yield* Process.run(process.execPath, [main, "venue", "fake", "reference", "--faults", "F99"])
  assert.strictEqual(fault.code, 2)
  assert.match(fault.err, /^interlock: --faults "F99": no such fault; there are F1 to F37\n$/)
  const style = yield* Process.run(process.execPath, [cli, "venue", "fake", "reference", "--style", "odd"])
  assert.strictEqual(style.code, 2)
}), 60_000)
