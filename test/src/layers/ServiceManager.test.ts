/** What systemd hears of the house, through a `systemd-notify` that writes down what it was told. */
import { chmodSync, existsSync, readFileSync } from "node:fs"
import { createServer } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Option } from "effect"
import * as ServiceManager from "#src/layers/ServiceManager.ts"
import { folder, write } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"

/** As systemd starts a service, but for the manager. */
const manager = Effect.fnUntraced(function*(watchdogMs: number) {
  const place = yield* folder
  yield* write(place, { "systemd-notify": `#!/bin/sh\necho "$1" >> ${place}/told\n` })
  yield* Effect.sync(() => chmodSync(`${place}/systemd-notify`, 0o755))
  return {
    env: { PATH: `${place}:${process.env["PATH"] ?? ""}`, NOTIFY_SOCKET: `${place}/notify`, WATCHDOG_USEC: String(watchdogMs * 1_000) },
    told: () => existsSync(`${place}/told`) ? readFileSync(`${place}/told`, "utf8").trim().split("\n") : []
  }
})

/** Until it was told so often. */
const heard = (told: () => ReadonlyArray<string>, word: string, times: number) =>
  Process.until(`${times} x ${word}`, 10_000, Effect.sync(() => {
    const count = told().filter((one) => one === word).length
    return count >= times ? Option.some(count) : told().join()
  }))

/** A door on loopback that answers with this status, or to which nothing answers at all. */
const door = (status: number | "silence") => Effect.acquireRelease(
  Effect.callback<{ readonly url: string; readonly close: () => void }>((resume) => {
    const server = createServer((_, response) => { if (status !== "silence") response.writeHead(status).end() })
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, close: () => { server.close(); server.closeAllConnections() } }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

describe("a house under systemd", () => {
  it("knows how often a sign of life is wanted, and by whom", () => {
    const every = (environment: ServiceManager.Environment) => Option.getOrUndefined(ServiceManager.beatEveryMs(environment, 7))
    assert.strictEqual(every({ WATCHDOG_USEC: "60000000" }), 20_000)
    assert.strictEqual(every({ WATCHDOG_USEC: "60000000", WATCHDOG_PID: "7" }), 20_000)
    assert.isUndefined(every({ WATCHDOG_USEC: "60000000", WATCHDOG_PID: "8" }))
    assert.isUndefined(every({}))
    assert.isUndefined(every({ WATCHDOG_USEC: "soon" }))
  })

  it.live("says that it is ready, gives signs of life, and says that it leaves", () => Effect.gen(function*() {
    const { env, told } = yield* manager(300)
    const house = yield* Process.start(yield* folder, { env })
    yield* heard(told, "WATCHDOG=1", 3)
    assert.strictEqual(told()[0], "READY=1")
    yield* Process.leave(house)
    assert.deepStrictEqual([told().at(-1), told().filter((word) => word === "READY=1").length], ["STOPPING=1", 1])
  }).pipe(Effect.scoped))

  it.live("a door that answers no does not stop the signs, one that answers nothing does", () => Effect.gen(function*() {
    const no = yield* manager(90)
    yield* ServiceManager.attend((yield* door(503)).url, no.env)
    yield* heard(no.told, "WATCHDOG=1", 2)

    const silence = yield* manager(90)
    const warnings: Array<unknown> = []
    const kept = Logger.layer([Logger.make<unknown, void>(({ message }) => { warnings.push(message) })])
    yield* ServiceManager.attend((yield* door("silence")).url, silence.env).pipe(Effect.provide(kept))
    yield* Process.until("two warnings", 10_000, Effect.sync(() => warnings.length >= 2 ? Option.some(true) : String(warnings.length)))
    assert.deepStrictEqual(silence.told(), ["READY=1"])
  }).pipe(Effect.scoped))
})
