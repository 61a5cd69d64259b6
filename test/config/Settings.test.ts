import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Option } from "effect"
import { mkdirSync } from "node:fs"
import * as NodePath from "node:path"
import { Settings } from "#config/Settings.ts"
import { folder, write } from "#test/support/folder.ts"

type Variables = Record<string, string>

const settingsIn = (home: string, variables: Variables = {}) =>
  Settings.pipe(
    Effect.provide(Layer.provide(Settings.layerIn(home), ConfigProvider.layer(ConfigProvider.fromEnvRecord(variables))))
  )

const linesOf = Effect.fnUntraced(function*(variables: Variables) {
  const error = yield* Effect.flip(settingsIn(yield* folder, variables))
  return error.message.split("\n")
}, Effect.scoped)

describe("settings", () => {
  it.effect("have defaults", () =>
    Effect.gen(function*() {
      const home = yield* folder
      const settings = yield* settingsIn(home)
      assert.deepStrictEqual({ ...settings, lanes: Option.getOrUndefined(settings.lanes), otlp: Option.getOrUndefined(settings.otlp) }, {
        home,
        configFolder: NodePath.join(home, "config/default"),
        dataFolder: NodePath.join(home, "data"),
        webhook: { host: "127.0.0.1", port: 8480 },
        admin: { host: "localhost", port: 8481 },
        lanes: undefined,
        logLevel: "Info",
        otlp: undefined
      })
      mkdirSync(NodePath.join(home, "config/local"), { recursive: true })
      assert.strictEqual((yield* settingsIn(home)).configFolder, NodePath.join(home, "config/local"))
    }).pipe(Effect.scoped))

  it.effect("come from the environment, then from .env", () =>
    Effect.gen(function*() {
      const home = yield* folder
      yield* write(home, { ".env": "# mine\nINTERLOCK_DATA=elsewhere\nexport INTERLOCK_ADMIN_PORT=\"0\"\nINTERLOCK_LOG=debug\n" })
      const settings = yield* settingsIn(home, { INTERLOCK_LOG: "WARN", INTERLOCK_LANES: "futures, crypto", INTERLOCK_CONFIG: "/etc/interlock", INTERLOCK_DATA: "" })
      assert.strictEqual(settings.dataFolder, NodePath.join(home, "elsewhere"))
      assert.strictEqual(settings.configFolder, "/etc/interlock")
      assert.strictEqual(settings.admin.port, 0)
      assert.strictEqual(settings.logLevel, "Warn")
      assert.deepStrictEqual(Option.getOrThrow(settings.lanes).map(String), ["futures", "crypto"])
    }).pipe(Effect.scoped))

  it.effect("take a collector's plain address, and show no password of another", () =>
    Effect.gen(function*() {
      const home = yield* folder
      const { otlp } = yield* settingsIn(home, { INTERLOCK_OTLP: "http://localhost:4318/" })
      assert.strictEqual(Option.getOrThrow(otlp), "http://localhost:4318")
      for (const text of ["localhost:4318", "ftp://collector", "https://me:hunter2@collector", "http://collector?key=hunter2"]) {
        const [line = "", ...more] = yield* linesOf({ INTERLOCK_OTLP: text })
        assert.deepStrictEqual(more, [])
        assert.include(line, "INTERLOCK_OTLP: expected an address such as")
        if (text.includes("@")) assert.notInclude(line, "hunter2")
      }
    }).pipe(Effect.scoped))

  it.effect("name each bad variable, what was expected and what was found", () =>
    Effect.gen(function*() {
      const lines = yield* linesOf({
        INTERLOCK_WEBHOOK_PORT: "70000", INTERLOCK_ADMIN_PORT: "84x1", INTERLOCK_WEBHOOK_HOST: "http://here", INTERLOCK_LANES: "a b", INTERLOCK_LOG: "loud"
      })
      assert.deepStrictEqual(lines, [
        `INTERLOCK_WEBHOOK_HOST: expected a host name or address, without scheme or port, got "http://here"`,
        `INTERLOCK_WEBHOOK_PORT: expected a port from 0 to 65535, got "70000"`,
        `INTERLOCK_ADMIN_PORT: expected a port from 0 to 65535, got "84x1"`,
        `INTERLOCK_LANES: expected lane ids with commas between them, got "a b"`,
        `INTERLOCK_LOG: expected one of all, trace, debug, info, warn, error, fatal, none, got "loud"`
      ])
    }))

  it.effect("refuse an operator's listener that others could reach, unless told so", () =>
    Effect.gen(function*() {
      for (const host of ["0.0.0.0", "::", "192.168.1.5", "localhost.example.com", "127.0.0.1.example.com"]) {
        const lines = yield* linesOf({ INTERLOCK_ADMIN_HOST: host })
        assert.strictEqual(lines.length, 1, host)
        assert.include(lines[0] ?? "", `INTERLOCK_ADMIN_HOST: expected an address of this machine alone, such as localhost, got "${host}"`)
        assert.include(lines[0] ?? "", "INTERLOCK_ADMIN_INSECURE=1")
      }
      assert.strictEqual((yield* linesOf({ INTERLOCK_ADMIN_HOST: "0.0.0.0", INTERLOCK_ADMIN_INSECURE: "yes" })).length, 2)
      const home = yield* folder
      const open = yield* settingsIn(home, { INTERLOCK_ADMIN_HOST: "0.0.0.0", INTERLOCK_ADMIN_INSECURE: "1", INTERLOCK_WEBHOOK_HOST: "0.0.0.0" })
      assert.strictEqual(open.admin.host, "0.0.0.0")
      for (const host of ["127.0.0.2", "::1", "localhost"]) {
        assert.strictEqual((yield* settingsIn(home, { INTERLOCK_ADMIN_HOST: host })).admin.host, host)
      }
    }).pipe(Effect.scoped))
})
