/** What a person at the terminal reads, on a captured console. */
import { assert, describe, it } from "@effect/vitest"
import { Console, Effect, Layer } from "effect"
import { HouseConfig } from "#config/House.ts"
import { AccountId } from "#schemas/Ids.ts"
import * as Announce from "#src/layers/Announce.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import { house } from "#test/support/house.ts"

describe("the first alert", () => {
  it("is one line for a shell, and one for any other", () => {
    assert.deepStrictEqual(Announce.firstAlert(house(), "http://127.0.0.1:8480", "/data"), [
      `curl -sS http://127.0.0.1:8480/webhook/futures -H 'content-type: application/json' -d '{"strategy":"demo-futures","action":"buy","symbol":"MES1!","secret":"'"$(cat '/data/secrets/webhook-secret')"'"}' -w '\\n'`,
      "or: npx interlock send buy MES1! --strategy demo-futures"
    ])
  })

  it("is of the first strategy that could fire, or none", () => {
    const [curl = "", send = ""] = Announce.firstAlert(house({ strategies: { "demo-futures": { enabled: false } } }), "http://x", "/data")
    assert.include(curl, "/webhook/crypto")
    assert.match(send, /^or: npx interlock send buy \S+ --strategy demo-crypto$/)
    assert.deepStrictEqual(Announce.firstAlert(house({ lanes: { futures: { enabled: false }, crypto: { enabled: false } } }), "http://x", "/data"), [])
  })
})

describe("an account's state", () => {
  it.effect("is told as it comes; a disabled one is disabled whatever its actor says", () =>
    Effect.gen(function*() {
      const said: Array<unknown> = []
      const console: Console.Console = { ...globalThis.console, log: (line: unknown) => { said.push(line) } }
      const current = house({ accounts: { "paper-2": { enabled: false } } })
      const layer = Announce.states.pipe(Layer.provideMerge(Layer.merge(Supervision.layer, HouseConfig.layerOf(current))))
      yield* Effect.gen(function*() {
        const supervision = yield* Supervision
        for (const id of ["paper-1", "paper-2"]) {
          yield* supervision.setAccount(AccountId.make(id), "open")
          yield* Effect.yieldNow
        }
        yield* Effect.repeat(Effect.yieldNow, { times: 20 })
      }).pipe(Effect.provide(layer), Effect.provideService(Console.Console, console))
      assert.deepStrictEqual(said, ["account paper-1 open (SIMULATED)", "account paper-2 disabled (SIMULATED)"])
    }))
})
