/** From an alert to a protected position and out again, as the command line shows it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { AlertView, OrderView, PositionView, StoryView, TradeView } from "#schemas/contracts/Views.ts"
import { folder } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"

const futures = { strategy: "demo-futures", symbol: "MES1!" }

/** Exactly one line, exactly the contract's. */
const shown = <A>(schema: Schema.Codec<A, unknown>, data: string, ...args: ReadonlyArray<string>) =>
  Effect.map(Process.cli(data, ...args, "--json"), ({ code, err, out }) => {
    assert.deepStrictEqual([code, err, out.split("\n").length], [0, "", 2], args.join(" "))
    return Schema.decodeUnknownSync(Schema.fromJsonString(schema), { onExcessProperty: "error" })(out)
  })

const idOf = (answer: Option.Option<Process.Answer>): string => {
  const { body, status } = Option.getOrThrow(answer)
  assert.deepStrictEqual([status, body["status"]], [200, "accepted"])
  return String(body["alertId"])
}

/** The delivery month follows the calendar. */
const month = /[HMUZ]\d\d$/

/** Filled and under its stop, on these accounts and no other. */
const protectedOn = (house: Process.House, wanted: ReadonlyArray<string>) =>
  Process.until(`protected positions ${wanted.join(", ")}`, 10_000, Effect.map(Process.ask(house, (client) => client.Positions()), (positions) => {
    const found = positions.filter(({ protection }) => protection.state === "protected").map(({ accountId, symbol }) => `${accountId} ${symbol.replace(month, "")}`)
    return found.join() === wanted.join() && positions.length === wanted.length ? Option.some(positions) : JSON.stringify(positions)
  }))

const denialNumbers = (alert: AlertView) => {
  const reason = alert.outcomes.find(({ accountId }) => accountId === "paper-3")?.reason
  assert.strictEqual(reason?.rule, "DailyLoss")
  assert.strictEqual(reason?.facts["limit"], "5")
  assert.isTrue(Number(reason?.facts["stopOut"]) > 5, JSON.stringify(reason))
  assert.isTrue((reason?.clearsAtMs ?? 0) > alert.receivedAtMs, "it says when it clears")
}

const outcomesOf = ({ outcomes }: AlertView) => outcomes.map(({ accountId, outcome }) => `${accountId} ${outcome}`)

describe("an alert", () => {
  it.live("becomes a protected position on each account that takes it, and every no has its reason", () => Effect.gen(function*() {
    const house = yield* Process.start(yield* folder)
    yield* Process.open(house)
    const alertId = idOf(yield* Process.alert(house, "futures", { ...futures, action: "buy" }))
    yield* Process.settled(house)
    yield* protectedOn(house, ["paper-1 MES", "paper-2 MES"])

    const [alert] = yield* shown(Schema.Array(AlertView), house.data, "alerts")
    assert.deepStrictEqual([alert?.alertId, alert?.lane, alert?.strategy, alert?.symbol, alert?.action], [alertId, "futures", "demo-futures", "MES1!", "buy"])
    assert.deepStrictEqual(outcomesOf(alert!), ["paper-1 filled", "paper-2 filled", "paper-3 denied"])
    denialNumbers(alert!)

    const positions = yield* shown(Schema.Array(PositionView), house.data, "positions")
    assert.deepStrictEqual(positions.map(({ accountId, isSimulated, quantity }) => [accountId, quantity, isSimulated]), [["paper-1", "2", true], ["paper-2", "1", true]])
    for (const { avgPrice, protection } of positions) {
      assert.isTrue(Number(protection.stop) < Number(avgPrice) && Number(protection.targets?.[0]) > Number(avgPrice))
    }
    const orders = yield* shown(Schema.Array(OrderView), house.data, "orders")
    assert.deepStrictEqual(orders.map(({ accountId, leg, quantity, side, status, type }) => [accountId, leg, side, quantity, type, status].join(" ")), [
      "paper-1 entry buy 2 market Filled", "paper-1 stop sell 2 stop Accepted", "paper-1 target sell 2 limit Accepted",
      "paper-2 entry buy 1 market Filled", "paper-2 stop sell 1 stop Accepted", "paper-2 target sell 1 limit Accepted"
    ])
    assert.deepStrictEqual(alert?.outcomes.flatMap(({ clientOrderIds }) => clientOrderIds), orders.map(({ clientOrderId }) => clientOrderId))

    const { lines } = yield* shown(StoryView, house.data, "why", alertId)
    const told = new Set(lines.map(({ event }) => event))
    for (const event of ["AlertAccepted", "AlertGated", "GuardApproved", "EntryDecided", "OrderIntended", "OrderAccepted", "FillReceived", "OutcomeReached"]) {
      assert.isTrue(told.has(event), `why tells ${event}`)
    }
    const text = lines.map((line) => line.text).join("\n")
    for (const part of [/^Gate /m, /paper-1: Size after /, /entry il-\S+ filled: buy 2 at /, /paper-3: Outcome: denied, .*\[DailyLoss\]/]) assert.match(text, part)

    const exitId = idOf(yield* Process.alert(house, "futures", { ...futures, action: "exit" }))
    const inbox = yield* Process.settled(house)
    assert.deepStrictEqual(outcomesOf(inbox.find((one) => one.alertId === exitId)!), ["paper-1 done", "paper-2 done", "paper-3 nothingToDo"])
    assert.deepStrictEqual(yield* shown(Schema.Array(PositionView), house.data, "positions"), [])
    const trades = yield* shown(Schema.Array(TradeView), house.data, "trades")
    const inOrder = trades.toSorted((one, other) => one.accountId < other.accountId ? -1 : 1)
    assert.deepStrictEqual(inOrder.map((trade) => [trade.accountId, trade.alertId, trade.strategy, trade.side, trade.quantity, trade.inferred]), [
      ["paper-1", alertId, "demo-futures", "long", "2", false], ["paper-2", alertId, "demo-futures", "long", "1", false]
    ])
    const working = (yield* shown(Schema.Array(OrderView), house.data, "orders")).filter(({ status }) => !["Filled", "Canceled"].includes(status))
    assert.deepStrictEqual(working, [], "no order is left behind")
  }).pipe(Effect.scoped))

  it.live("of the other lane passes by the accounts that do not trade its asset", () => Effect.gen(function*() {
    const house = yield* Process.start(yield* folder)
    yield* Process.open(house)
    const sent = yield* Process.cli(house.data, "send", "buy", "BTCUSD", "--strategy", "demo-crypto", "--json")
    assert.strictEqual(JSON.parse(sent.out).status, "accepted")
    const [alert] = yield* Process.settled(house)
    yield* protectedOn(house, ["paper-1 PF_XBTUSD"])
    assert.deepStrictEqual(outcomesOf(alert!), ["paper-1 filled", "paper-2 skipped", "paper-3 denied"])
    denialNumbers(alert!)
    const [{ quantity = "" } = {}] = yield* shown(Schema.Array(PositionView), house.data, "positions")
    assert.strictEqual(quantity, "0.05")
    const skipped = alert?.outcomes[1]?.reason
    assert.match(`${skipped?.rule} ${skipped?.message}`, /lane|asset/i)
  }).pipe(Effect.scoped))
})
