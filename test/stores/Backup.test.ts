import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Ref } from "effect"
import { LoginId } from "#schemas/Ids.ts"
import { Backups } from "#src/ports/Backups.ts"
import { Journal } from "#src/ports/Journal.ts"
import { PaperLedger } from "#src/ports/PaperLedger.ts"
import { house, houseTexts } from "#test/support/house.ts"
import { folder } from "#test/support/folder.ts"
import { furnish, placesIn, secret, stores, version } from "./backups.ts"
import { refunded, refundedMany } from "./support.ts"

const login = LoginId.make("paper-demo")

const rows = (path: string, query: string): ReadonlyArray<string> => {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    return db.prepare(query).all().map((row) => String(Object.values(row)[0]))
  } finally {
    db.close()
  }
}

/** An order is journaled, then placed, then its fill is journaled: over and over. */
const trading = (count: Ref.Ref<number>) => Effect.gen(function*() {
  const journal = yield* Journal
  const ledger = yield* PaperLedger
  const n = yield* Ref.getAndUpdate(count, (before) => before + 1)
  yield* journal.append("account/a", "any", [refunded(`intent-${n}`)])
  yield* ledger.append(login, [`${n}`])
  yield* journal.append("account/a", "any", [refunded(`fill-${n}`)])
}).pipe(Effect.forever)

const numbers = (ids: ReadonlyArray<string>, prefix: string) => ids.filter((id) => id.startsWith(prefix)).map((id) => Number(id.slice(prefix.length)))

const everyFile = (path: string): ReadonlyArray<string> =>
  readdirSync(path, { withFileTypes: true }).flatMap((entry) => entry.isDirectory() ? everyFile(join(path, entry.name)) : [join(path, entry.name)])

const inHouse = <A, E>(
  test: (root: string) => Effect.Effect<A, E, Backups | Journal | PaperLedger>,
  options: Parameters<typeof stores>[1] = {}
) => Effect.gen(function*() {
  const root = yield* folder
  yield* furnish(root)
  return yield* Effect.provide(test(root), stores(root, options))
}).pipe(Effect.scoped)

describe("a backup", () => {
  it.live("is one moment of journal and books while both are written, and holds nobody up", () => inHouse(() => Effect.gen(function*() {
    const journal = yield* Journal
    const backups = yield* Backups
    for (let n = 0; n < 20; n += 1) yield* journal.append("ballast", "any", refundedMany(1_000))
    const count = yield* Ref.make(0)
    const traders = yield* Effect.forkChild(Effect.all([trading(count), trading(count)], { concurrency: 2 }))
    yield* Effect.sleep("50 millis")

    for (let time = 0; time < 3; time += 1) {
      const before = yield* Ref.get(count)
      const { path, seq } = yield* backups.make({ version })
      assert.isAbove(yield* Ref.get(count), before + 10, "the house traded on meanwhile")
      assert.isAbove((yield* journal.status).seq, seq)

      const ids = rows(join(path, "journal.sqlite"), "select alert_id from journal where stream = 'account/a' order by seq")
      const placed = new Set(rows(join(path, "paper.sqlite"), "select body from entry").map(Number))
      const intended = new Set(numbers(ids, "intent-"))
      assert.deepStrictEqual(numbers(ids, "fill-").filter((n) => !placed.has(n)), [], "what the journal tells of the venue is in the books")
      assert.deepStrictEqual([...placed].filter((n) => !intended.has(n)), [], "every order in the books is in the journal")
      assert.isAtLeast(intended.size, before)
      assert.deepStrictEqual(rows(join(path, "journal.sqlite"), "select max(seq) from journal"), [`${seq}`])
    }
    yield* Fiber.interrupt(traders)
  })), 60_000)

  it.live("names all it holds, and holds no secret", () => inHouse((root) => Effect.gen(function*() {
    yield* (yield* Journal).append("a", "any", [refunded("1")])
    const { configFolder, dataFolder } = placesIn(root)
    const { "lanes.json": lanes = "", ...others } = houseTexts()
    assert.isAbove(Object.keys(others).length, 3)
    writeFileSync(join(configFolder, "lanes.json"), `// ${secret}\n${lanes}`)
    writeFileSync(join(configFolder, "keys.txt"), "beside the configuration")

    const made = yield* (yield* Backups).make({ version })
    const manifest = JSON.parse(readFileSync(join(made.path, "manifest.json"), "utf8"))
    assert.deepStrictEqual([manifest.version, manifest.seq, manifest.configHash, manifest.config, manifest.secrets], [version, 1, house().hash, "files", ["$file secrets/webhook-secret"]])
    const names = everyFile(made.path).map((path) => path.slice(made.path.length + 1)).filter((name) => name !== "manifest.json").sort()
    assert.deepStrictEqual(names, manifest.files.map(({ name }: { name: string }) => name).sort())
    assert.deepStrictEqual(names, [
      ...["accounts", "calendars", "instruments", "lanes", "strategies", "venues"].map((name) => `config/${name}.json`), "emergency.bin", "journal.sqlite", "paper.sqlite"
    ])
    assert.strictEqual(made.path.startsWith(join(dataFolder, "backups")), true)
    for (const path of everyFile(made.path)) {
      const text = readFileSync(path, "latin1")
      assert.notInclude(text, secret, path)
      assert.notInclude(text, "the-token-of-the-operator", path)
      assert.strictEqual(statSync(path).mode & 0o077, 0, path)
    }
    assert.include(readFileSync(join(made.path, "config/lanes.json"), "utf8"), "// ***")
  })))

  it.live("keeps the configuration in force where the files were changed since", () => inHouse((root) => Effect.gen(function*() {
    yield* (yield* Journal).append("a", "any", [refunded("1")])
    writeFileSync(join(placesIn(root).configFolder, "lanes.json"), "{")
    const { path } = yield* (yield* Backups).make({ version })
    assert.strictEqual(JSON.parse(readFileSync(join(path, "manifest.json"), "utf8")).config, "inForce")
    assert.deepStrictEqual(JSON.parse(readFileSync(join(path, "config/lanes.json"), "utf8")), house().body["lanes"])
  })))

  it.live("goes into a new or empty folder and no other, and counts what lies there", () => inHouse((root) => Effect.gen(function*() {
    yield* (yield* Journal).append("a", "any", [refunded("1")])
    const backups = yield* Backups
    const empty = join(root, "kept/empty")
    mkdirSync(empty, { recursive: true })
    assert.deepStrictEqual([(yield* backups.make({ version, to: empty })).path, (yield* backups.make({ version, to: join(root, "kept/new") })).kept], [empty, 2])
    for (const to of [empty, join(empty, "manifest.json"), "relative/path"]) {
      const refused = yield* Effect.flip(backups.make({ version, to }))
      assert.deepStrictEqual([refused.rule, refused.message.includes(to)], ["BackupTarget", true])
    }
    assert.deepStrictEqual(readdirSync(join(root, "kept")).sort(), ["empty", "new"])
  })))

  it.live("leaves nothing behind when it cannot be finished", () => inHouse((root) => Effect.gen(function*() {
    yield* (yield* Journal).append("a", "any", [refunded("1")])
    const { dataFolder } = placesIn(root)
    rmSync(join(dataFolder, "emergency.bin"))
    mkdirSync(join(dataFolder, "emergency.bin")) // copied after the databases
    const refused = yield* Effect.flip((yield* Backups).make({ version }))
    assert.strictEqual(refused.rule, "BackupFailed")
    assert.deepStrictEqual(readdirSync(join(dataFolder, "backups")), [])
  })))

  it.live("does not take the room that the house needs", () => inHouse((root) => Effect.gen(function*() {
    yield* (yield* Journal).append("a", "any", [refunded("1")])
    const refused = yield* Effect.flip((yield* Backups).make({ version }))
    assert.deepStrictEqual([refused.rule, refused.facts["freeBytes"]], ["BackupRoom", "1073741824"])
    assert.deepStrictEqual(readdirSync(join(placesIn(root).dataFolder, "backups")), [])
  }), { freeBytes: () => 1_073_741_824 }))

  it.live("is made one at a time", () => inHouse((root) => Effect.gen(function*() {
    yield* (yield* Journal).append("a", "any", [refunded("1")])
    const backups = yield* Backups
    const both = yield* Effect.all([Effect.result(backups.make({ version, to: join(root, "one") })), Effect.result(backups.make({ version, to: join(root, "two") }))], { concurrency: 2 })
    assert.deepStrictEqual(both.map((one) => one._tag === "Failure" ? one.failure.rule : "made"), ["made", "BackupRunning"])
    assert.isFalse(existsSync(join(root, "two")))
  })))
})
