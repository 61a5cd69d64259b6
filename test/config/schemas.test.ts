import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { fileOf, names, schemaFileOf } from "#config/Files.ts"
import * as Jsonc from "#config/Jsonc.ts"
import * as JsonSchemas from "#config/JsonSchemas.ts"
import * as Load from "#config/Load.ts"

const root = NodePath.resolve(import.meta.dirname, "../..")
const inConfig = (path: string) => NodePath.join(root, "config", path)

describe("the generated schemas", () => {
  it("are those in config/schema: run `npm run schemas` when this fails", () => {
    const onDisk = readdirSync(inConfig("schema")).sort().map((file) => [file, readFileSync(inConfig(`schema/${file}`), "utf8")])
    assert.deepStrictEqual(onDisk, Array.from(JsonSchemas.all()).sort(([one], [other]) => one < other ? -1 : 1))
  })

  it("are of draft 2020-12, refuse unknown keys and carry the patterns", () => {
    for (const [file, text] of JsonSchemas.all()) {
      const schema = JSON.parse(text)
      assert.strictEqual(schema.$schema, "https://json-schema.org/draft/2020-12/schema", file)
      assert.strictEqual(schema.additionalProperties, false, file)
    }
    assert.include(JsonSchemas.all().get("strategies.schema.json") ?? "", "[0-5]\\\\d$")
  })
})

describe("the default configuration", () => {
  it("has each file, naming its schema", () => {
    assert.deepStrictEqual(readdirSync(inConfig("default")).sort(), names.map(fileOf).sort())
    for (const name of names) {
      const value = Result.getOrThrow(Jsonc.parse(readFileSync(inConfig(`default/${fileOf(name)}`), "utf8")))
      assert.propertyVal(value, "$schema", `../schema/${schemaFileOf(name)}`)
      assert.isDefined(readFileSync(inConfig(`schema/${schemaFileOf(name)}`)))
    }
  })

  it.effect("is valid", () =>
    Effect.map(Load.fromFolder(inConfig("default")), ({ accounts }) => assert.strictEqual(accounts.size, 3)))
})
