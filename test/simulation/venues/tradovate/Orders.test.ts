/** §5 of the protocol sheet: what is refused and how, commands under way, brackets in both readings, pairs. On virtual time. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { customer, listOf, plan } from "#test/simulation/venues/tradovate/support.ts"

it.effect("§3, §5 every no: 400, violations, failureReason, 404", () =>
  Effect.gen(function*() {
    const { bracket, kinds, place, post, userId, venue } = yield* customer()
    const reason = (fields: object) => Effect.map(place(fields), ({ body, status }) => [status, body["failureReason"]])
    assert.strictEqual((yield* post("order/placeorder", "{not json")).status, 400)
    const violated = yield* post("order/placeorder", { accountSpec: "DEMO1" })
    assert.strictEqual(violated.status, 200)
    assert.hasAllKeys(listOf(violated.body["violations"])[0], ["constraint", "value", "description"])
    assert.property((yield* place({ clOrdId: "x".repeat(65) })).body, "violations")
    assert.property((yield* place({ orderType: "TralingStop" })).body, "violations")
    assert.deepStrictEqual(yield* reason({ accountId: userId }), [200, "UnknownReason"])
    assert.strictEqual((yield* bracket({ accountId: userId })).body["failureText"], "Access Denied")
    assert.deepStrictEqual(yield* reason({ accountSpec: "DEMO2" }), [200, "UnknownReason"])
    assert.deepStrictEqual(yield* reason({ accountId: undefined, accountSpec: "NOBODY" }), [200, "UnknownReason"])
    assert.deepStrictEqual(yield* reason({ symbol: "MESZ26" }), [200, "InvalidContract"])
    assert.deepStrictEqual(yield* reason({ orderType: "Limit", price: 5000.1 }), [200, "InvalidPrice"])
    assert.deepStrictEqual(yield* reason({ orderType: "Limit" }), [200, "InvalidPrice"])
    assert.deepStrictEqual(yield* reason({ orderType: "Stop", price: 5010 }), [200, "InvalidPrice"])
    assert.deepStrictEqual(yield* reason({ orderType: "TrailingStop" }), [200, "Unsupported"])
    assert.deepStrictEqual(yield* reason({ orderQty: 0 }), [200, "MaxOrderQtyLimitReached"])
    assert.strictEqual((yield* post("order/cancelorder", { orderId: 1 })).status, 404)
    venue.market.open("MESZ26", false)
    assert.deepStrictEqual(yield* reason({}), [200, "SessionClosed"])
    assert.strictEqual(kinds("order").length, 0)
    venue.market.open("MESZ26", true)
    const { orderId } = (yield* place({ orderType: "Limit", price: 4990 })).body
    assert.deepInclude((yield* post("order/modifyorder", { orderId, orderQty: 1, orderType: "Stop", stopPrice: 5010 })).body, { failureReason: "Unsupported" })
    assert.deepInclude((yield* post("order/modifyorder", { orderId, orderQty: 1, orderType: "Limit", price: 4990.1 })).body, { failureReason: "InvalidPrice" })
  }))

it.effect("§3 a command taken may say `failureReason: Success`; §5 what cannot be done is Unsupported", () =>
  Effect.gen(function*() {
    const { place, post } = yield* customer({ switches: { taken: "success" } })
    const { orderId, ...said } = (yield* place({ orderType: "Limit", price: 4990 })).body
    assert.deepStrictEqual(said, { failureReason: "Success" })
    assert.deepInclude((yield* post("order/cancelorder", { orderId, activationTime: "2026-01-01T00:00:00Z" })).body, { failureReason: "Unsupported" })
    assert.deepInclude((yield* post("order/cancelorder", { orderId })).body, { failureReason: "Success" })
    assert.deepInclude((yield* post("order/cancelorder", { orderId })).body, { failureReason: "TooLate" })
  }))

it.effect("§5 a Stop by `price` is a switch; §5.3 the same clOrdId again is another order, or refused", () =>
  Effect.gen(function*() {
    const lax = yield* customer({ switches: { stopByPrice: "accepted" } })
    assert.property((yield* lax.place({ orderType: "Stop", price: 5010 })).body, "orderId")
    for (const [sameClOrdId, orders] of [["another", 2], ["refused", 1]] as const) {
      const { kinds, place } = yield* customer({ switches: { sameClOrdId } })
      yield* place({ clOrdId: "same" })
      yield* place({ clOrdId: "same" })
      assert.strictEqual(kinds("order").length, orders)
    }
  }))

it.effect("§5 one command at a time: AnotherCommandPending until it has reached the exchange; PendingNew, PendingReplace, PendingCancel", () =>
  Effect.gen(function*() {
    const { kinds, place, post, statusOf } = yield* customer({ latency: { exchangeMs: 200 } })
    const { orderId } = (yield* place({ orderType: "Limit", price: 4990 })).body
    const cancel = post("order/cancelorder", { orderId })
    const modify = post("order/modifyorder", { orderId, orderQty: 2, orderType: "Limit", price: 4991 })
    assert.strictEqual(yield* statusOf(orderId), "PendingNew")
    assert.strictEqual(kinds("order").length, 0)
    assert.deepInclude((yield* cancel).body, { failureReason: "AnotherCommandPending" })
    yield* TestClock.adjust("200 millis")
    assert.strictEqual(yield* statusOf(orderId), "Working")
    assert.property((yield* modify).body, "commandId")
    assert.strictEqual(yield* statusOf(orderId), "PendingReplace")
    assert.deepInclude((yield* modify).body, { failureReason: "AnotherCommandPending" })
    yield* TestClock.adjust("200 millis")
    assert.deepInclude(kinds("state").at(-1), { qty: "2", limit: "4991" })
    yield* cancel
    assert.strictEqual(yield* statusOf(orderId), "PendingCancel")
    yield* TestClock.adjust("200 millis")
    assert.strictEqual(yield* statusOf(orderId), "Canceled")
  }))

it.effect("§5.2 a change or a cancel that comes too late at the exchange: accepted, then ExecutionRejected", () =>
  Effect.gen(function*() {
    const { get, place, post, statusOf, venue } = yield* customer({ latency: { exchangeMs: 200 } })
    const { orderId } = (yield* place({ orderType: "Limit", price: 4990 })).body
    yield* TestClock.adjust("1 second")
    const { commandId } = (yield* post("order/cancelorder", { orderId })).body
    venue.market.walkTo("MESZ26", "4980")
    yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* statusOf(orderId), "Filled")
    const second = (yield* place({ orderType: "Limit", price: 4970 })).body["orderId"]
    yield* TestClock.adjust("1 second")
    const change = (yield* post("order/modifyorder", { orderId: second, orderQty: 2, orderType: "Limit", price: 4971 })).body["commandId"]
    venue.market.walkTo("MESZ26", "4960")
    yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* statusOf(second), "Filled")
    assert.deepInclude((yield* get(`commandReport/deps?masterid=${String(change)}`)).list.at(-1), { commandStatus: "ExecutionRejected", rejectReason: "TooLate" })
    const reports = (yield* get(`commandReport/deps?masterid=${String(commandId)}`)).list
    assert.deepInclude(reports.at(-1), { commandStatus: "ExecutionRejected", rejectReason: "TooLate" })
  }))

it.effect("§5.2 a change is told as Replaced, the order Working again", () =>
  Effect.gen(function*() {
    const { place, post, synced } = yield* customer()
    const { orderId } = (yield* place({ orderType: "Limit", price: 4990 })).body
    yield* TestClock.adjust("1 second")
    const one = synced()
    yield* post("order/modifyorder", { orderId, orderQty: 2, orderType: "Limit", price: 4991 })
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(one.story(), [
      "command Created Pending", "orderVersion Created", "commandReport Created RiskPassed", "commandReport Created AtExecution", "executionReport Replaced", "order Updated Working"
    ])
  }))

it.effect("§5 what a change leaves out: timeInForce goes back to Day, or stays", () =>
  Effect.gen(function*() {
    for (const [omittedOnModify, expected] of [["defaults", "Day"], ["kept", "GTC"]] as const) {
      const { get, place, post } = yield* customer({ switches: { omittedOnModify } })
      const { orderId } = (yield* place({ orderType: "Limit", price: 4990, timeInForce: "GTC" })).body
      yield* post("order/modifyorder", { orderId, orderQty: 1, orderType: "Limit", price: 4991 })
      assert.deepInclude((yield* get(`orderVersion/deps?masterid=${String(orderId)}`)).list.at(-1), { price: 4991, timeInForce: expected })
    }
  }))

it.effect("§5 Day ends with the trading day, GTC does not, GTD when it says; a change without timeInForce turns a GTC stop into a Day one", () =>
  Effect.gen(function*() {
    for (const dayOrders of ["expire", "stay"] as const) {
      const { place, post, statusOf } = yield* customer({ switches: { dayOrders }, tokenMs: 172_800_000, market: { everyMs: 60_000 } })
      const resting = (timeInForce: string, more: object = {}) =>
        Effect.map(place({ action: "Sell", orderType: "Stop", stopPrice: 4990, timeInForce, ...more }), ({ body }) => body["orderId"])
      const [day, gtc, changed] = [yield* resting("Day"), yield* resting("GTC"), yield* resting("GTC")]
      const gtd = yield* resting("GTD", { expireTime: "1970-01-01T06:00:00.000Z" })
      yield* post("order/modifyorder", { orderId: changed, orderQty: 1, orderType: "Stop", stopPrice: 4989 })
      yield* TestClock.adjust("7 hours")
      assert.deepStrictEqual([yield* statusOf(gtd), yield* statusOf(day)], ["Expired", "Working"])
      yield* TestClock.adjust("15 hours")
      const gone = dayOrders === "expire" ? "Expired" : "Working"
      assert.deepStrictEqual([yield* statusOf(day), yield* statusOf(gtc), yield* statusOf(changed)], [gone, "Working", gone])
    }
  }))

it.effect("§5 nothing said is Day; Suspended children outlive the day of a GTC parent; a GTC order made Day on another day ends with that one", () =>
  Effect.gen(function*() {
    const { bracket, place, post, statusOf } = yield* customer({ tokenMs: 259_200_000, market: { everyMs: 60_000 } })
    const day = (yield* place({ orderType: "Limit", price: 4000 })).body["orderId"]
    const { orderId, oso1Id } = (yield* bracket({ price: 4000, timeInForce: "GTC", bracket1: { action: "Sell", orderType: "Stop", stopPrice: 3900 } })).body
    yield* TestClock.adjust("23 hours")
    assert.deepStrictEqual([yield* statusOf(day), yield* statusOf(orderId), yield* statusOf(oso1Id)], ["Expired", "Working", "Suspended"])
    yield* post("order/modifyorder", { orderId, orderQty: 1, orderType: "Limit", price: 4001 })
    yield* TestClock.adjust("22 hours")
    assert.strictEqual(yield* statusOf(orderId), "Working")
    yield* TestClock.adjust("1 hour")
    assert.deepStrictEqual([yield* statusOf(orderId), yield* statusOf(oso1Id)], ["Expired", "Canceled"])
  }))

it.effect("§5.1 a part of the parent fills: children sleep on, or come to work as large as the part (§8.4 the parent stays Working)", () =>
  Effect.gen(function*() {
    for (const [activation, stop] of [["onFullFill", "Suspended"], ["proportional", "Working"]] as const) {
      const { bracket, get, statusOf, venue } = yield* customer({ switches: { activation } })
      venue.market.set("MESZ26", "5001")
      const { orderId, oso1Id } = (yield* bracket({ orderQty: 4 })).body
      venue.faults.set(plan("F14"))
      venue.market.walkTo("MESZ26", "4999.5")
      venue.faults.off()
      // F14 cancels what is left of the parent: a part of it is held.
      assert.strictEqual(yield* statusOf(orderId), "Canceled")
      assert.strictEqual(yield* statusOf(oso1Id), activation === "onFullFill" ? "Canceled" : stop)
      const held = Number((yield* get("position/list")).list[0]?.["netPos"])
      assert.isTrue(held > 0 && held < 4)
      if (activation === "proportional") assert.strictEqual((yield* get(`orderVersion/deps?masterid=${String(oso1Id)}`)).list.at(-1)?.["orderQty"], held)
    }
  }))

it.effect("§5.1, §9 a stop child on the wrong side is rejected as it wakes, or fills at once; one bracket alone will do", () =>
  Effect.gen(function*() {
    for (const [wrongSideStop, status] of [["rejected", "Rejected"], ["filled", "Filled"]] as const) {
      const { bracket, get, net, statusOf } = yield* customer({ switches: { wrongSideStop } })
      const { body } = yield* bracket({ bracket1: { action: "Sell", orderType: "Stop", stopPrice: 5005 }, bracket2: undefined })
      assert.hasAllKeys(body, ["orderId", "oso1Id"])
      assert.strictEqual(yield* statusOf(body["oso1Id"]), status)
      assert.strictEqual(yield* net, status === "Rejected" ? 1 : 0)
      if (status === "Filled") continue
      const [command] = (yield* get(`command/deps?masterid=${String(body["oso1Id"])}`)).list
      assert.deepInclude((yield* get(`commandReport/deps?masterid=${String(command?.["id"])}`)).list.at(-1), { commandStatus: "ExecutionRejected", rejectReason: "InvalidPrice" })
    }
  }))

it.effect("§5.1 the parent goes unfilled: children Canceled; it is rejected: ParentRejected", () =>
  Effect.gen(function*() {
    const { bracket, get, post, statusOf } = yield* customer()
    const { orderId, oso1Id, oso2Id } = (yield* bracket({ price: 4990 })).body
    yield* post("order/cancelorder", { orderId })
    assert.deepStrictEqual([yield* statusOf(oso1Id), yield* statusOf(oso2Id)], ["Canceled", "Canceled"])
    const wrong = (yield* bracket({ orderType: "Stop", stopPrice: 4995, price: undefined })).body
    assert.deepStrictEqual([yield* statusOf(wrong["orderId"]), yield* statusOf(wrong["oso1Id"])], ["Rejected", "Rejected"])
    const reports = (yield* get(`commandReport/deps?masterid=${String(wrong["oso1Id"])}`)).list
    assert.strictEqual(reports.at(-1)?.["rejectReason"], "ParentRejected")
  }))

it.effect("§5.1 children are changed and cancelled by their own ids, asleep and awake; a bracket on the same side is refused", () =>
  Effect.gen(function*() {
    const { bracket, get, kinds, post, statusOf, venue } = yield* customer()
    venue.market.set("MESZ26", "5001")
    const { oso1Id, oso2Id } = (yield* bracket({})).body
    assert.property((yield* post("order/modifyorder", { orderId: oso1Id, orderQty: 1, orderType: "Stop", stopPrice: 4985 })).body, "commandId")
    assert.strictEqual(yield* statusOf(oso1Id), "Suspended")
    venue.market.walkTo("MESZ26", "5000")
    assert.deepInclude((yield* get(`orderVersion/deps?masterid=${String(oso1Id)}`)).list.at(-1), { stopPrice: 4985 })
    assert.deepInclude(kinds("state").findLast(({ orderId }) => orderId === String(oso1Id)), { status: "working", stop: "4985" })
    yield* post("order/cancelorder", { orderId: oso2Id })
    assert.deepStrictEqual([yield* statusOf(oso1Id), yield* statusOf(oso2Id)], ["Working", "Canceled"])
    assert.property((yield* bracket({ bracket1: { action: "Buy", orderType: "Stop", stopPrice: 4990 } })).body, "failureReason")
  }))

it.effect("§5 placeoco: one fills, the other is Canceled", () =>
  Effect.gen(function*() {
    const { get, net, post, statusOf, terms, venue } = yield* customer()
    const { ocoId, orderId } = (yield* post("order/placeoco", { ...terms, orderType: "Limit", price: 4990, other: { action: "Buy", orderType: "Stop", stopPrice: 5010, clOrdId: "o" } })).body
    assert.deepInclude((yield* get(`order/item?id=${String(orderId)}`)).body, { ordStatus: "Working", ocoId })
    venue.market.walkTo("MESZ26", "5012")
    assert.deepStrictEqual([yield* statusOf(orderId), yield* statusOf(ocoId), yield* net], ["Canceled", "Filled", 1])

    venue.faults.set(plan("F14:n=1"))
    const pair = (yield* post("order/placeoco", { ...terms, orderQty: 4, orderType: "Limit", price: 5000, other: { action: "Buy", orderType: "Stop", stopPrice: 5100 } })).body
    venue.market.walkTo("MESZ26", "4999")
    const filled = Number(yield* net) - 1
    assert.isTrue(filled > 0 && filled < 4)
    assert.strictEqual((yield* get(`orderVersion/deps?masterid=${String(pair["ocoId"])}`)).list.at(-1)?.["orderQty"], 4 - filled)
  }))

it.effect("§5 liquidatepositions takes ids of positions; §8.6 a fill may come after the flatten request", () =>
  Effect.gen(function*() {
    const { accountId, contractId, get, net, place, post, venue } = yield* customer()
    yield* place({ orderQty: 2 })
    const [position] = (yield* get("position/list")).list
    assert.deepStrictEqual((yield* post("order/liquidatepositions", { positions: [position?.["id"]], admin: false })).body, { ok: true })
    assert.strictEqual(yield* net, 0)
    assert.deepInclude((yield* post("order/liquidatepositions", { positions: [1], admin: false })).body, { ok: false })

    yield* place({ orderQty: 2 })
    yield* place({ action: "Sell", orderType: "Stop", stopPrice: 4990, orderQty: 2 })
    venue.faults.set(plan("F15:n=1,ms=500"))
    yield* post("order/liquidateposition", { accountId, contractId, admin: false })
    assert.strictEqual(yield* net, 0)
    yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* net, -2)
  }))
