/** Orders by hand, at the command line of a real house. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { CommandReceipt } from "#schemas/contracts/Commands.ts"
import { StoryView } from "#schemas/contracts/Views.ts"
import { folder } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"

const receiptOf = Schema.decodeUnknownSync(Schema.fromJsonString(CommandReceipt), { onExcessProperty: "error" })

const orders = (house: Process.House) => Process.ask(house, (client) => client.Orders({}))
const working = (house: Process.House, leg: string) =>
  Process.until(`a working ${leg}`, 10_000, Effect.map(orders(house), (all) => {
    const found = all.findLast((order) => order.leg === leg && order.status === "Accepted")
    return found === undefined ? JSON.stringify(all) : Option.some(found)
  }))

/** Exit code, and what was said where. */
const fails = Effect.fnUntraced(function*(house: Process.House, ...args: ReadonlyArray<string>) {
  const { code, err, out } = yield* Process.cli(house.data, ...args)
  assert.strictEqual(out, "", args.join(" "))
  return [code, err] as const
})

describe("interlock order", () => {
  it.live("places with a stop, moves it, cancels what may be cancelled, and `why` tells it", () => Effect.gen(function*() {
    const house = yield* Process.start(yield* folder)
    yield* Process.open(house)
    const [bare, said] = yield* fails(house, "order", "place", "paper-1", "buy", "MES1!")
    assert.strictEqual(bare, 2)
    assert.match(said, /an order needs its protection: name the stop with --sl/)
    assert.match((yield* fails(house, "order", "place", "paper-1", "buy", "MES1!", "--sl", "soon"))[1], /--sl is a price \(5990\), ticks/)
    const [denied, reason] = yield* fails(house, "order", "place", "paper-3", "buy", "MES1!", "--sl", "40t", "--json")
    assert.strictEqual(denied, 1)
    assert.deepInclude(JSON.parse(reason).reason, { rule: "DailyLoss" })

    const placed = yield* Process.cli(house.data, "order", "place", "paper-1", "buy", "MES1!", "--sl", "40t", "--tp", "60t", "--why", "by hand", "--json")
    assert.deepStrictEqual([placed.code, placed.err], [0, ""])
    const { commandId, lines } = receiptOf(placed.out)
    assert.match(lines[0] ?? "", /^order il-\S+: buy 2 MES\S+ market, day$/)
    const stop = yield* working(house, "stop")
    const target = yield* working(house, "target")

    const moved = yield* Process.cli(house.data, "order", "modify", stop.clientOrderId, "--sl", "20t")
    assert.deepStrictEqual([moved.code, moved.err], [0, ""])
    assert.match(moved.out, /^SIMULATED: nothing here reaches a market\nMES\S+: stop from \S+ to \S+\nwhy: npx interlock why operator-/)
    const [refused, why] = yield* fails(house, "order", "cancel", stop.clientOrderId)
    assert.strictEqual(refused, 1)
    assert.match(why, /is the stop that protects MES.*interlock close paper-1/)
    assert.strictEqual((yield* Process.cli(house.data, "order", "cancel", target.clientOrderId)).code, 0)
    yield* Process.until("the target cancelled", 10_000, Effect.map(orders(house), (all) =>
      all.some(({ clientOrderId, status }) => clientOrderId === target.clientOrderId && status === "Canceled") ? Option.some(true) : JSON.stringify(all)))
    assert.match((yield* fails(house, "order", "cancel", "il-nobody"))[1], /no order il-nobody is known/)
    assert.match((yield* fails(house, "resolve", stop.clientOrderId, "--not-executed"))[1], /only an Unknown order waits for a person's word/)
    assert.deepStrictEqual((yield* fails(house, "resolve", stop.clientOrderId))[0], 2)

    const told = yield* Process.cli(house.data, "why", commandId, "--json")
    const story = Schema.decodeUnknownSync(Schema.fromJsonString(StoryView))(told.out)
    assert.deepStrictEqual(story.alert.outcomes.map(({ accountId, outcome }) => `${accountId} ${outcome}`), ["paper-1 filled"])
    assert.match(story.lines[0]?.text ?? "", /^cli:.* asks: order place .*, because by hand\.$/)
    const inbox = yield* Process.ask(house, (client) => client.Alerts({}))
    assert.deepStrictEqual(inbox, [], "a command stands in no inbox")
  }).pipe(Effect.scoped), 60_000)
})
