/** Where a command may write: the demo that comes with the house is copied, never changed. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Place from "#src/layers/offline/venue/Place.ts"
import { folder } from "#test/support/folder.ts"

const demo = Effect.gen(function*() {
  const root = yield* folder
  mkdirSync(`${root}/default`)
  const texts = { "accounts.json": "accounts", "venues.json": "venues", "lanes.json": "lanes" }
  for (const [file, text] of Object.entries(texts)) writeFileSync(`${root}/default/${file}`, text)
  const place: Place.Place = { folder: `${root}/default`, target: `${root}/local`, isCopy: true, texts, dataFolder: `${root}/data` }
  return { root, place }
})
const secret = (root: string) => ({ path: `${root}/data/secrets/one`, text: "hidden", isSecret: true })

describe("the demo's configuration", () => {
  it.effect("becomes one's own with the change in it, and stays as it is", () => Effect.gen(function*() {
    const { place, root } = yield* demo
    yield* Place.write(place, { venues: "changed" }, [secret(root)])
    assert.deepStrictEqual(readdirSync(root).sort(), ["data", "default", "local"])
    assert.deepStrictEqual(["default", "local"].map((name) => readFileSync(`${root}/${name}/venues.json`, "utf8")), ["venues", "changed"])
    assert.strictEqual(readFileSync(`${root}/local/lanes.json`, "utf8"), "lanes")
    assert.strictEqual(readFileSync(`${root}/data/secrets/one`, "utf8"), "hidden")
  }).pipe(Effect.scoped))

  it.effect("is not copied over another one, nor by halves", () => Effect.gen(function*() {
    const { place, root } = yield* demo
    writeFileSync(`${root}/default/venues.json`, "edited meanwhile")
    const edited = yield* Effect.flip(Place.write(place, { venues: "changed" }, [secret(root)]))
    assert.include(edited.message, "changed meanwhile")
    assert.deepStrictEqual(readdirSync(root), ["default"])
    mkdirSync(`${root}/local`)
    yield* Effect.flip(Place.write(place, { accounts: "changed" }, [secret(root)]))
    assert.deepStrictEqual([readdirSync(`${root}/local`), existsSync(`${root}/data`)], [[], false])
  }).pipe(Effect.scoped))
})
