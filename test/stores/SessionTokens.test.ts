import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Logger, Option, Redacted } from "effect"
import { LoginId } from "#schemas/Ids.ts"
import { SessionTokens } from "#src/ports/SessionTokens.ts"
import * as Store from "#src/stores/SessionTokens.ts"
import { folder } from "./support.ts"

const login = LoginId.make("tv-1")

const life = <A>(dataFolder: string, work: (tokens: SessionTokens["Service"]) => Effect.Effect<A>) => {
  const said: Array<string> = []
  const logger = Logger.layer([Logger.make(({ message }) => void said.push(String(message)))])
  return Effect.map(Effect.provide(Effect.flatMap(SessionTokens, work), [Layer.fresh(Store.layer(dataFolder)), logger]), (value) => ({ said, value }))
}
const read = (dataFolder: string) => Effect.map(life(dataFolder, ({ read }) => read(login)), ({ said, value }) => ({ said, text: Option.getOrUndefined(Option.map(value, Redacted.value)) }))

it.effect("what was kept last is there in the next life, in a file that only its owner may read", () => Effect.gen(function*() {
  const data = yield* folder
  assert.deepStrictEqual(yield* read(data), { said: [], text: undefined })
  yield* life(data, ({ keep }) => Effect.andThen(keep(login, Redacted.make("first")), keep(login, Redacted.make("second"))))
  assert.deepStrictEqual(yield* read(data), { said: [], text: "second" })
  assert.deepStrictEqual(readdirSync(`${data}/secrets/sessions`), ["tv-1"])
  if (process.platform !== "win32") assert.strictEqual(statSync(`${data}/secrets/sessions/tv-1`).mode & 0o777, 0o600)
}))

it.effect("one that cannot be written or read is told of without its text, and fails nobody", () => Effect.gen(function*() {
  const data = yield* folder
  writeFileSync(`${data}/secrets`, "not a folder")
  const { said } = yield* life(data, ({ keep }) => keep(login, Redacted.make("canary-token")))
  assert.strictEqual(said.length, 1)
  assert.match(said[0] ?? "", /secrets\/sessions\/tv-1 cannot be written \(E[A-Z]+\): .*tv-1 signs in anew/)
  assert.notInclude(said[0] ?? "", "canary")
  const other = yield* folder
  mkdirSync(`${other}/secrets/sessions/tv-1`, { recursive: true })
  chmodSync(`${other}/secrets/sessions`, 0o700)
  const found = yield* read(other)
  assert.isUndefined(found.text)
  assert.match(found.said[0] ?? "", /cannot be read \(EISDIR\)/)
}))
