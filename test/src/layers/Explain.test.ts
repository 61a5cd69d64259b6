import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer } from "effect"
import { HttpServerError } from "effect/http"
import { ConfigInvalid } from "#config/ConfigInvalid.ts"
import { explained } from "#src/layers/Explain.ts"

const failed = (code: string, more: Record<string, unknown> = {}) =>
  explained(Cause.fail(new HttpServerError.ServeError({ cause: Object.assign(new Error(`listen ${code}`), { code, ...more }) })))

describe("what kept the house from starting", () => {
  it.live("a port that another program has, and how to take another", () =>
    Effect.gen(function*() {
      const taken = createServer()
      yield* Effect.acquireRelease(
        Effect.callback<void>((resume) => { taken.listen(0, "127.0.0.1", () => resume(Effect.void)) }),
        () => Effect.sync(() => taken.close())
      )
      const address = taken.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      const exit = yield* Effect.exit(Layer.build(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port })))
      assert.strictEqual(
        Exit.isFailure(exit) ? explained(exit.cause) : "",
        `interlock cannot start: port ${port} on 127.0.0.1 is in use: stop the program that has it, or set INTERLOCK_WEBHOOK_PORT (INTERLOCK_ADMIN_PORT for the operator's)`
      )
    }).pipe(Effect.scoped))

  it("a port or an address that is not to be had", () => {
    assert.include(failed("EACCES", { port: 80, address: "127.0.0.1" }), "may not listen on port 80 on 127.0.0.1: set INTERLOCK_WEBHOOK_PORT")
    assert.include(failed("ENOTFOUND", { hostname: "nowhere.test" }), "no address nowhere.test on this machine to listen on: correct INTERLOCK_WEBHOOK_HOST")
    assert.strictEqual(failed("EMFILE"), "interlock cannot start: listen EMFILE")
  })

  it("an error's own words, without a trace", () => {
    const problem = { file: "lanes.json", path: "lanes[0].id", expected: "a name of its own", got: "\"x\"" }
    const text = explained(Cause.fail(ConfigInvalid.of([problem])))
    assert.match(text, /^interlock cannot start: the configuration is not valid:\nlanes\.json: .+$/)
  })

  it("never nothing", () => {
    assert.include(explained(Cause.fail({ _tag: "Odd", message: "" })), "interlock cannot start: Odd")
    assert.include(explained(Cause.die(new Error("a defect"))), "a defect")
  })
})
