/** `flatten` and `close` as typed, on the real process; the block outlives it. */
import { assert, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { CommandReceipt } from "#schemas/contracts/Commands.ts"
import { FlattenReceipt } from "#schemas/contracts/Views.ts"
import { folder } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"
import * as Witness from "./witness.ts"

const futures = { strategy: "demo-futures", symbol: "MES1!" }

const held = (house: Process.House, accounts: ReadonlyArray<string>) =>
  Process.until(`positions of ${accounts.join(", ")}`, 10_000, Effect.map(Process.ask(house, (client) => client.Positions()), (positions) => {
    const found = positions.filter(({ protection }) => protection.state === "protected").map(({ accountId }) => accountId as string)
    return found.join() === accounts.join() && positions.length === accounts.length ? Option.some(positions) : JSON.stringify(positions)
  }))

it.live("closes one position by hand, then everything; the block stays over a kill until resume", () => Effect.gen(function*() {
  const data = yield* folder
  const house = yield* Process.start(data)
  yield* Process.open(house)
  yield* Process.alert(house, "futures", { ...futures, action: "buy" })
  yield* Process.settled(house)
  yield* held(house, ["paper-1", "paper-2"])

  const closed = yield* Process.cli(data, "close", "paper-2", "MES1!", "--why", "drill", "--json")
  assert.strictEqual(closed.code, 0, closed.err)
  const { commandId, durable, lines } = Schema.decodeUnknownSync(Schema.fromJsonString(CommandReceipt))(closed.out)
  assert.isTrue(durable && lines.length === 1, closed.out)
  yield* held(house, ["paper-1"])
  const why = yield* Process.cli(data, "why", commandId)
  assert.strictEqual(why.code, 0, why.err)
  assert.match(why.out, /drill/)
  assert.match(why.out, /paper-2: .*an operator asks for it/)
  const nothing = yield* Process.cli(data, "close", "paper-2", "MES1!")
  assert.strictEqual(nothing.code, 1)
  assert.match(nothing.err, /paper-2 has no position/)

  const flat = yield* Process.cli(data, "flatten", "--all", "--why", "drill", "--json")
  assert.strictEqual(flat.code, 0, flat.err)
  const receipts = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(FlattenReceipt)))(flat.out)
  assert.deepStrictEqual(receipts.map(({ accountId, isSimulated, state }) => `${accountId} ${state} ${isSimulated}`).sort(), ["paper-1 flat true", "paper-2 flat true", "paper-3 flat true"])
  assert.deepStrictEqual(Witness.venue(data).net, [])

  yield* Process.kill(house)
  const next = yield* Process.start(data)
  yield* Process.open(next)
  yield* Process.alert(next, "futures", { ...futures, action: "buy", id: "after" })
  const blocked = (yield* Process.settled(next)).at(-1)
  assert.isTrue(blocked?.outcomes.every(({ outcome }) => outcome !== "filled"), JSON.stringify(blocked))
  const again = yield* Process.cli(data, "flatten", "--account", "paper-1")
  assert.strictEqual(again.code, 0, again.err)
  assert.match(again.out, /^\S+ {2}paper-1 {2}the venue says flat, no order working$/m)
  assert.match(again.out, /^paper-1 +flat +SIMULATED/m)
  const unknown = yield* Process.cli(data, "flatten", "--account", "nobody")
  assert.deepStrictEqual([unknown.code, unknown.err.includes("no account nobody")], [1, true])
  const both = yield* Process.cli(data, "flatten", "--account", "paper-1", "--all")
  assert.strictEqual(both.code, 2)
}).pipe(Effect.scoped), 90_000)
