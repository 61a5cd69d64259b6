import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Logger, Redacted } from "effect"
import { chmodSync, existsSync, readFileSync, statSync } from "node:fs"
import * as NodePath from "node:path"
import { HouseConfig } from "#config/House.ts"
import { Secrets } from "#config/Secrets.ts"
import * as SecretsLive from "#config/SecretsLive.ts"
import { Settings } from "#config/Settings.ts"
import { folder, write } from "#test/support/folder.ts"
import { house, type Overrides } from "#test/support/house.ts"

const secretsIn = (home: string, overrides: Overrides = {}, variables: Record<string, string> = {}) => {
  const below = Layer.mergeAll(Settings.layerIn(home), HouseConfig.layerOf(house(overrides)))
  const environment = ConfigProvider.layer(ConfigProvider.fromEnvRecord(variables))
  return Secrets.pipe(Effect.provide(SecretsLive.layer.pipe(Layer.provide(below), Layer.provide(environment))))
}

const inData = (home: string, file: string) => NodePath.join(home, "data", file)
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)
const both = (secret: { readonly $env: string } | { readonly $file: string }): Overrides =>
  ({ lanes: { futures: { secret: { $env: null, $file: null, ...secret } }, crypto: { secret: { $env: null, $file: null, ...secret } } } })

describe("secrets on first start", () => {
  it.effect("are made once, for the owner alone", () =>
    Effect.gen(function*() {
      const home = yield* folder
      const first = yield* secretsIn(home)
      const secret = Redacted.value(yield* first.get({ $file: "secrets/webhook-secret" }))
      const token = Redacted.value(first.operatorToken)
      assert.match(secret, /^[A-Za-z0-9_-]{43}$/)
      assert.match(token, /^[A-Za-z0-9_-]{43}$/)
      assert.notStrictEqual(secret, token)
      assert.strictEqual(readFileSync(inData(home, "secrets/webhook-secret"), "utf8"), `${secret}\n`)
      assert.strictEqual(modeOf(inData(home, "secrets/webhook-secret")), "600")
      assert.strictEqual(modeOf(inData(home, "operator-token")), "600")
      assert.strictEqual(modeOf(inData(home, "secrets")), "700")

      const second = yield* secretsIn(home)
      assert.strictEqual(Redacted.value(yield* second.get({ $file: "secrets/webhook-secret" })), secret)
      assert.strictEqual(Redacted.value(second.operatorToken), token)
    }).pipe(Effect.scoped))

  it.effect("are never made outside the data folder's secrets", () =>
    Effect.gen(function*() {
      const home = yield* folder
      for (const file of ["webhook-secret", "secrets/../webhook-secret", "../secrets/x", "other/webhook-secret"]) {
        const error = yield* Effect.flip(secretsIn(home, both({ $file: file })))
        assert.strictEqual(
          error.message.split("\n")[0],
          `$file ${file} (lane futures): expected a file, got nothing; write it to ${NodePath.resolve(home, "data", file)} with mode 0600`
        )
        assert.isFalse(existsSync(NodePath.resolve(home, "data", file)))
      }
    }).pipe(Effect.scoped))
})

describe("secrets that are named", () => {
  it.effect("come from the environment, .env or a file, without its newline", () =>
    Effect.gen(function*() {
      const home = yield* folder
      yield* write(home, { "data/mine": "from a file\r\n", ".env": "DOTTED=from dot env\n" })
      chmodSync(inData(home, "mine"), 0o600)
      const secrets = yield* secretsIn(home, {
        lanes: { futures: { secret: { $file: "mine" } }, crypto: { secret: { $file: null, $env: "DOTTED" } }, third: { secret: { $file: null, $env: "REAL" } } }
      }, { REAL: "from outside" })
      assert.strictEqual(Redacted.value(yield* secrets.get({ $file: "mine" })), "from a file")
      assert.strictEqual(Redacted.value(yield* secrets.get({ $env: "DOTTED" })), "from dot env")
      assert.strictEqual(Redacted.value(yield* secrets.get({ $env: "REAL" })), "from outside")
      assert.notInclude(String(yield* secrets.get({ $env: "REAL" })), "from outside")
    }).pipe(Effect.scoped))

  it.effect("are asked for all at once where they are missing, empty or too short to be masked", () =>
    Effect.gen(function*() {
      const home = yield* folder
      yield* write(home, { "data/secrets/empty": "\n" })
      const error = yield* Effect.flip(secretsIn(home, {
        lanes: {
          futures: { secret: { $file: "secrets/empty" } },
          crypto: { secret: { $file: null, $env: "ABSENT" } },
          third: { secret: { $file: null, $env: "SHORT" } }
        }
      }, { SHORT: "qwert" }))
      assert.deepStrictEqual(error.message.split("\n"), [
        `$file secrets/empty (lane futures): expected at least 6 characters (it could not be masked), got an empty one; write it to ${inData(home, "secrets/empty")} with mode 0600`,
        `$env ABSENT (lane crypto): expected a variable, got nothing; set ABSENT in the environment or in .env`,
        `$env SHORT (lane third): expected at least 6 characters (it could not be masked), got 5; set a longer SHORT`
      ])
      assert.notInclude(JSON.stringify(error), "qwert")
    }).pipe(Effect.scoped))

  it.effect("warn when others may read the file, without its content", () =>
    Effect.gen(function*() {
      const home = yield* folder
      const logged: Array<string> = []
      const logger = Logger.layer([Logger.make(({ message, logLevel }) => void logged.push(`${logLevel} ${String(message)}`))])
      yield* write(home, { "data/secrets/webhook-secret": "wide-open-secret\n" })
      chmodSync(inData(home, "secrets/webhook-secret"), 0o644)
      yield* Effect.provide(secretsIn(home), logger)
      assert.deepStrictEqual(logged, [`Warn ${inData(home, "secrets/webhook-secret")} can be read by others on this machine: chmod 600 it`])
      chmodSync(inData(home, "secrets/webhook-secret"), 0o600)
      yield* Effect.provide(secretsIn(home), logger)
      assert.strictEqual(logged.length, 1)
    }).pipe(Effect.scoped))
})

describe("the mask", () => {
  it.effect("covers every secret in each form in which it leaves", () =>
    Effect.gen(function*() {
      const secret = `a/b "c"\\d+é`
      const home = yield* folder
      const { mask, operatorToken } = yield* secretsIn(home, both({ $env: "HOOK" }), { HOOK: secret })
      assert.strictEqual(mask(`text ${secret} end`), "text *** end")
      assert.strictEqual(mask(`POST /webhook/futures/${encodeURIComponent(secret)}?x=1`), "POST /webhook/futures/***?x=1")
      assert.strictEqual(mask(new URLSearchParams({ secret }).toString()), "secret=***")
      assert.strictEqual(mask(JSON.stringify({ secret, n: 1 })), `{"secret":"***","n":1}`)
      assert.strictEqual(mask(`${secret}${secret} Bearer ${Redacted.value(operatorToken)}`), "****** Bearer ***")
      assert.strictEqual(mask("nothing to hide"), "nothing to hide")
    }).pipe(Effect.scoped))

  it.effect("covers a secret that another begins with, and one named by a reload", () =>
    Effect.gen(function*() {
      const home = yield* folder
      const secrets = yield* secretsIn(home, { lanes: { futures: { secret: { $file: null, $env: "LESS" } }, crypto: { secret: { $file: null, $env: "MORE" } } } },
        { LESS: "begins", MORE: "begins-and-ends", LATER: "came-later" })
      assert.strictEqual(secrets.mask("begins-and-ends begins came-later"), "*** *** came-later")
      yield* secrets.get({ $env: "LATER" })
      assert.strictEqual(secrets.mask("begins-and-ends begins came-later"), "*** *** ***")
    }).pipe(Effect.scoped))
})
