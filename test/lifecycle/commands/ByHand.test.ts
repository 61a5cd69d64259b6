/** Commands of an operator as rules over a book: the edges that a whole house rarely meets. */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal } from "effect"
import { AccountCommand, type CommandAnswer } from "#schemas/AccountCommand.ts"
import { AlertId, type ClientOrderId } from "#schemas/Ids.ts"
import { Lots } from "#schemas/Instrument.ts"
import * as Book from "#src/lifecycle/Book.ts"
import * as Command from "#src/lifecycle/commands/Command.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import { exitAgainMs, position, reportOf, tags, trader } from "#test/src/lifecycle/trader.ts"

const { Attest, CancelOrder, Modify } = AccountCommand.cases
const decimal = BigDecimal.fromStringUnsafe
let count = 0
const next = () => AlertId.make(`operator-${++count}`)

type Trader = ReturnType<typeof trader>

const tell = (t: Trader, command: AccountCommand, change: Partial<Facts> = {}) => {
  const { answer, events } = Command.decide(t.book(), command, { ...t.facts(), ...change })
  return { answer, rows: t.commit(events) }
}
const rule = (answer: CommandAnswer) => (answer._tag === "Denied" ? answer.reason.rule : answer._tag)

/** An entry whose answer was lost. */
const unknown = (t: Trader, id = "a", fields: Readonly<Record<string, unknown>> = {}) => {
  const entry = t.enters(id, "buy", fields)
  t.recovers()
  t.pictured({ lookupIsProof: false })
  return entry
}
const executed = (orderId: ClientOrderId, lots: number) =>
  Attest.make({ commandId: next(), orderId, executed: { lots: Lots.make(lots), price: decimal("7000") } })
const stopsOf = (t: Trader) => t.live("stop").map(({ order }) => order.lots)

describe("an attestation", () => {
  it("told twice counts once", () => {
    const t = trader()
    const { id } = unknown(t)
    const word = executed(id, 2)
    tell(t, word)
    assert.deepStrictEqual(tell(t, word).rows, [])
    assert.strictEqual(t.held(), 2)
    assert.deepStrictEqual(stopsOf(t), [2])
  })

  it("gives way to a position that twice does not have it, where the venue cannot look an order up", () => {
    const t = trader()
    const { id } = unknown(t)
    tell(t, executed(id, 2))
    t.holds(0, { lookupIsProof: false })
    assert.strictEqual(t.held(), 2)
    t.holds(0, { lookupIsProof: false })
    assert.strictEqual(t.held(), 0)
    assert.strictEqual(t.book().orders.get(id)?.status, "Canceled")
    assert.deepStrictEqual(t.book().trades, [])
  })

  it("stands against a position that has it", () => {
    const t = trader()
    const { id } = unknown(t)
    tell(t, executed(id, 2))
    for (let n = 0; n < 3; n++) t.holds(2, { lookupIsProof: false })
    assert.strictEqual(t.held(), 2)
    assert.strictEqual(t.book().orders.get(id)?.attested, "executed")
  })

  it("of a part gives way to the venue's word that the rest works", () => {
    const t = trader()
    const entry = unknown(t, "a", { orderType: "limit", limitPrice: "6990" })
    tell(t, executed(entry.id, 1))
    assert.strictEqual(t.book().orders.get(entry.id)?.status, "Canceled")
    const rows = t.says(entry, { status: "PartlyFilled", filledLots: 1 })
    assert.deepStrictEqual(tags(rows).slice(0, 2), ["AttestationOverruled", "OrderAccepted"])
    t.fills(entry, 1, "real")
    assert.strictEqual(t.held(), 1)
    assert.isTrue(Book.isLive(t.book().orders.get(entry.id)!))
  })

  it("is not overruled by what the venue said of it once its own fill is there", () => {
    const t = trader()
    const entry = unknown(t)
    tell(t, executed(entry.id, 2))
    t.fills(entry, 2, "real", "7001")
    assert.deepStrictEqual(t.says(entry, { status: "Accepted" }), [])
    assert.strictEqual(t.held(), 2)
  })

  it("of an exit closes the position; that it was not executed sends it again", () => {
    for (const wasExecuted of [true, false]) {
      const t = trader({ powers: { reduceOnly: true } })
      const entry = t.enters("a")
      t.accepts(entry)
      t.fills(entry, 2)
      for (const { order } of t.live("stop")) t.accepts(order)
      t.alert("out", "exit")
      const [exit] = t.live("exit")
      t.recovers()
      t.holds(2, { lookupIsProof: false, orders: t.live("stop").map(({ order }) => reportOf(order)) })
      tell(t, Attest.make({ commandId: next(), orderId: exit!.order.id, ...(wasExecuted ? { executed: { lots: Lots.make(2), price: decimal("7000") } } : {}) }))
      t.passes(exitAgainMs)
      assert.strictEqual(t.held(), wasExecuted ? 0 : 2)
      assert.strictEqual(t.live("exit").length, wasExecuted ? 0 : 1)
      assert.notStrictEqual(t.live("exit")[0]?.order.id, exit!.order.id)
    }
  })
})

describe("a change", () => {
  const inPosition = (powers = {}) => {
    const t = trader({ powers })
    const entry = t.enters("a", "buy", { tp: undefined })
    t.accepts(entry)
    t.fills(entry, 2)
    const stop = t.live("stop")[0]!.order
    t.accepts(stop)
    return { t, entry, stop }
  }
  const moved = (orderId: ClientOrderId, price: string) => Modify.make({ commandId: next(), orderId, stopLoss: { _tag: "Price", price: decimal(price) } })

  it("of a stop without a quote goes away from the market only", () => {
    const { stop, t } = inPosition()
    const blind = { quote: () => undefined }
    assert.strictEqual(rule(tell(t, moved(stop.id, "6995"), blind).answer), "NoQuote")
    assert.strictEqual(rule(tell(t, moved(stop.id, "6985"), blind).answer), "Done")
  })

  it("of a closing position, or by an order that was forgotten, is refused", () => {
    const { entry, stop, t } = inPosition({ reduceOnly: true })
    t.alert("out", "exit")
    assert.strictEqual(rule(tell(t, moved(stop.id, "6995")).answer), "Closing")
    const strange = { ...entry, id: "il-nobody" as ClientOrderId }
    assert.strictEqual(rule(tell(t, moved(strange.id, "6995")).answer), "OrderEnded")
  })

  it("of a stop whose venue cannot modify puts the new one first", () => {
    const { stop, t } = inPosition({ modify: false })
    const { rows } = tell(t, moved(stop.id, "6995"))
    assert.deepStrictEqual(tags(rows).filter((tag) => tag === "OrderIntended" || tag === "CancelIntended"), ["OrderIntended"])
    const added = t.live("stop").find(({ order }) => order.id !== stop.id)!.order
    assert.deepStrictEqual(tags(t.accepts(added)).filter((tag) => tag === "CancelIntended"), ["CancelIntended"])
  })

  it("and a cancel are refused as long as the venue has not acknowledged the order, or is not there", () => {
    const t = trader()
    const entry = t.enters("a", "buy", { orderType: "limit", limitPrice: "6990" })
    const cancel = () => CancelOrder.make({ commandId: next(), orderId: entry.id })
    assert.strictEqual(rule(tell(t, cancel()).answer), "NotAcknowledged")
    t.accepts(entry)
    assert.strictEqual(rule(tell(t, cancel(), { powers: undefined }).answer), "NotConnected")
    assert.strictEqual(rule(tell(t, cancel()).answer), "Done")
    assert.strictEqual(rule(tell(t, cancel()).answer), "BeingCancelled")
  })
})

it("the venue's position is read beside an attested order that it still reports", () => {
  const t = trader()
  const entry = unknown(t)
  tell(t, executed(entry.id, 2))
  for (let n = 0; n < 3; n++) t.pictured({ positions: [position(2)], orders: [reportOf(entry, { status: "Filled", filledLots: 2 })], lookupIsProof: false })
  assert.strictEqual(t.held(), 2)
})
