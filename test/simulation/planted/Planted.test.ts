/** Bugs planted in the house: none is stale, the table tells of all, and a share of them is planted now, another one for each commit. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { editsOf, occurrences } from "#test/simulation/planted/Bug.ts"
import { bugs } from "#test/simulation/planted/Bugs.ts"
import { clean, hunt } from "#test/simulation/planted/Children.ts"
import * as Table from "#test/simulation/planted/Table.ts"

const root = NodePath.resolve(import.meta.dirname, "../../..")
const bugsMin = 40
const sharedMax = 6
const withinMs = 600_000

const head = (): string => {
  try {
    const ref = readFileSync(NodePath.join(root, ".git/HEAD"), "utf8").trim()
    return ref.startsWith("ref: ") ? readFileSync(NodePath.join(root, ".git", ref.slice("ref: ".length)), "utf8") : ref
  } catch {
    return "no commit" // an archive, a packed ref: always the same ones
  }
}
const rank = (name: string): string => createHash("sha256").update(`${head()} ${name}`).digest("hex")
/** Another few for each commit. */
const share = bugs.toSorted((one, other) => rank(one.name) < rank(other.name) ? -1 : 1).slice(0, sharedMax)

describe("planted bugs", () => {
  it("are many, each with a name of its own", () => {
    assert.isAtLeast(bugs.length, bugsMin)
    assert.strictEqual(new Set(bugs.map(({ name }) => name)).size, bugs.length)
  })

  for (const bug of bugs) {
    it(`${bug.name} is not stale`, () => {
      for (const { file, find } of editsOf(bug)) assert.strictEqual(occurrences(readFileSync(NodePath.join(root, file), "utf8"), find), 1, `${file}: ${find}`)
    })
  }

  it("stand in the table for users, all noticed in time", () => {
    const rows = Table.read(readFileSync(Table.path, "utf8"))
    assert.deepStrictEqual(rows.map(({ file, name, promise }) => ({ name, promise, file })), bugs.map(({ file, name, promise }) => ({ name, promise, file })))
    for (const { cpuSeconds, invariant, name } of rows) {
      assert.match(invariant, /^I\d+$/, name)
      assert.isAtMost(cpuSeconds, Table.cpuSecondsMax, name)
    }
  })

  it("are missed by nobody in a house without them", async () => {
    assert.deepStrictEqual((await clean(share)).map(({ invariant, run, text }) => `${run}: ${invariant} ${text}`), [])
  }, withinMs)

  for (const bug of share) {
    it(`${bug.name} is noticed`, async () => {
      const caught = await hunt(bug)
      assert.isDefined(caught, bug.promise)
      assert.isAtMost(caught?.cpuSeconds ?? Infinity, Table.cpuSecondsMax)
    }, withinMs)
  }
})
