/** The READMEs say what the suite says. */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Matrix from "./Matrix.ts"
import { listed as groups } from "./Suite.ts"
import { banks } from "./Venues.ts"

const columnsOf = (venue: string) => banks.filter((bank) => bank.venue === venue)

describe("the matrix", () => {
  for (const venue of ["paper", "reference", "tradovate"]) {
    it(`of ${venue} is what its README shows`, () => {
      const document = readFileSync(join(import.meta.dirname, "../../../src/venues", venue, "README.md"), "utf8")
      assert.strictEqual(Matrix.found(document), Matrix.table(columnsOf(venue), groups))
    })
  }

  it("names every scenario once, at least sixty, and each runs somewhere", () => {
    const all = groups.flatMap(({ scenarios }) => scenarios)
    assert.isAtLeast(all.length, 60)
    assert.strictEqual(new Set(all.map(({ title }) => title)).size, all.length)
    for (const { title } of all) assert.isTrue(banks.some((bank) => Matrix.table([bank], groups).includes(`| ${title} | passes |`)), title)
  })

  it("tells another document, and has no place in one without marks", () => {
    const document = `# A\n\n${Matrix.markers.from}\nold\n${Matrix.markers.to}\n\nrest\n`
    assert.strictEqual(Matrix.found(Matrix.put(document, "new")), "new")
    assert.strictEqual(Matrix.put(document, "new").endsWith("\n\nrest\n"), true)
    assert.isUndefined(Matrix.found("# A\n"))
  })
})
