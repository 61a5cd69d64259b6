/** A house whose journal is damaged: positions can still be closed, and nothing else pretends to work. */
import { rmSync, writeFileSync } from "node:fs"
import * as NodePath from "node:path"
import { assert, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { folder, write } from "#test/support/folder.ts"
import { houseTexts, type Overrides } from "#test/support/house.ts"
import * as Process from "#test/support/process.ts"

/** What is left of a database that another program wrote over. */
const damage = (data: string) =>
  Effect.sync(() => {
    writeFileSync(NodePath.join(data, "journal.sqlite"), "not a database, however one looks at it".repeat(200))
    for (const tail of ["-wal", "-shm"]) rmSync(NodePath.join(data, `journal.sqlite${tail}`), { force: true })
  })

/** Prices of its own, or those of another login that nobody trades on. */
const houses: Readonly<Record<string, Overrides>> = {
  "": {},
  ", at the prices of the login it listens to": { venues: { "paper-demo": { paper: { quotesFrom: "source" } }, source: { paper: { seed: 7 } } } }
}

for (const [what, overrides] of Object.entries(houses)) it.live(`without its journal: alerts come again, status tells, flatten closes what the venue holds${what}`, () => Effect.gen(function*() {
  const data = yield* folder
  const config = yield* folder
  yield* write(config, houseTexts(overrides))
  const before = yield* Process.start(data, { config })
  yield* Process.open(before)
  const answer = yield* Process.alert(before, "futures", { strategy: "demo-futures", action: "buy", symbol: "MES1!" })
  assert.strictEqual(Option.getOrThrow(answer).status, 200)
  yield* Process.settled(before)
  yield* Process.kill(before)
  yield* damage(data)

  const house = yield* Process.start(data, { config })
  assert.match(house.out(), /^rescue webhook=/)
  const refused = yield* Process.alert(house, "futures", { strategy: "demo-futures", action: "buy", symbol: "MES1!" })
  assert.strictEqual(Option.getOrThrow(refused).status, 503)
  yield* Process.until("the venue's session", 5_000, Effect.map(Process.ask(house, (client) => client.Status()), ({ sessions, state }) =>
    state === "rescue" && sessions.every((session) => session.state === "connected") ? Option.some(state) : JSON.stringify(sessions)))
  const orders = yield* Process.cli(data, "orders")
  assert.strictEqual(orders.code, 1)
  assert.include(orders.err, "rescue mode")

  const flat = yield* Process.cli(data, "flatten", "--all")
  assert.strictEqual(flat.code, 0, flat.err)
  assert.match(flat.out, /^\S+ {2}paper-1 {2}asked the venue to close 2 lots of MES/m)
  assert.match(flat.out, /^paper-1 +flat +SIMULATED/m)
  const again = yield* Process.cli(data, "flatten", "--account", "paper-1", "--json")
  assert.strictEqual(again.code, 0)
  assert.notInclude(again.out, "asked the venue to close")
}).pipe(Effect.scoped), 60_000)
