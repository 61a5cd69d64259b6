/** Each fault as it shows on this wire, and what the ledger knows of it. On virtual time. */
import { assert, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { Options } from "#src/simulation/venues/tradovate/Core.ts"
import { customer, fieldsOf, listOf, plan } from "#test/simulation/venues/tradovate/support.ts"

/** A user who listens; the plan begins once the socket is synced. */
const listening = (text: string, given: Partial<Options> = {}) =>
  Effect.gen(function*() {
    const one = yield* customer(given)
    const socket = one.synced()
    one.venue.faults.set(plan(text))
    const words = () => socket.story().filter((word) => word.startsWith("order ") || word.startsWith("fill") || word.startsWith("position"))
    return { ...one, ...socket, openSocket: one.socket, words, faults: () => one.kinds("fault").map(({ name }) => name) }
  })

it.effect("F1 F9 F2 nothing is done; F3 it is; §9 an order call that times out although executed", () =>
  Effect.gen(function*() {
    const { faults, get, kinds, net, raw, terms, venue } = yield* listening("F1:n=1 F9:n=1 F2:n=1 F3:n=1")
    const send = raw("POST", "order/placeorder", { ...terms, clOrdId: "e" })
    for (const kind of ["refused", "dns or tls", "reset"]) assert.include(kind, (yield* Effect.flip(send)).kind)
    assert.strictEqual(kinds("order").length, 0)
    assert.deepInclude(yield* Effect.flip(send), { kind: "reset", isDone: true })
    assert.deepStrictEqual(faults(), ["F1", "F9", "F2", "F3"])
    assert.deepInclude((yield* get("command/list")).list[0], { clOrdId: "e", commandType: "New" })

    venue.faults.set(plan("F27:n=1 F5:n=1,ms=7000"))
    assert.strictEqual((yield* send).status, 500)
    const slow = yield* Effect.forkChild(send)
    yield* TestClock.adjust("6 seconds")
    assert.strictEqual(yield* net, 3)
    assert.isUndefined(slow.pollUnsafe())
    yield* TestClock.adjust("1 second")
    assert.strictEqual((yield* Fiber.join(slow)).status, 200)
    venue.faults.set(plan("F4:n=1"))
    const lost = yield* Effect.forkChild(send)
    yield* TestClock.adjust("1 minute")
    assert.isTrue(Exit.isFailure(yield* Fiber.await(lost)))
    assert.strictEqual(yield* net, 3)
  }))

it.effect("the same over the socket: F2 and F3 end it, F5 is late, F4 leaves it dumb", () =>
  Effect.gen(function*() {
    for (const [fault, orders] of [["F2", 0], ["F3", 1]] as const) {
      const { closes, kinds, send, terms } = yield* listening(`${fault}:n=1`)
      send("order/placeorder", terms)
      assert.deepStrictEqual([closes, kinds("order").length], [[1006], orders], fault)
    }
    const slow = yield* listening("F5:n=1,ms=3000")
    const id = slow.send("order/placeorder", slow.terms)
    yield* TestClock.adjust("2 seconds")
    assert.isUndefined(slow.replyTo(id))
    yield* TestClock.adjust("2 seconds")
    assert.strictEqual(slow.replyTo(id)?.["s"], 200)
    const dumb = yield* listening("F4:n=1")
    dumb.send("order/placeorder", dumb.terms)
    const count = dumb.frames.length
    yield* TestClock.adjust("9 seconds")
    assert.deepStrictEqual([dumb.frames.length, dumb.closes, dumb.kinds("order").length], [count, [], 0])
  }))

it.effect("F6 ends a socket at sign-in, F7 silences it, F8 drops a beat, F10 loses a fill", () =>
  Effect.gen(function*() {
    const storm = yield* listening("F6:n=1")
    const again = storm.openSocket()
    again.authorize()
    assert.deepStrictEqual(again.closes, [1012])
    const silent = yield* listening("F7:n=2")
    yield* TestClock.adjust("9 seconds")
    assert.strictEqual(silent.frames.filter((frame) => frame === "h").length, 1)
    const missed = yield* listening("F8:n=2")
    yield* TestClock.adjust("9 seconds")
    assert.strictEqual(missed.frames.filter((frame) => frame === "h").length, 2)
    const gap = yield* listening("F10:n=1")
    yield* gap.place()
    yield* TestClock.adjust("1 second")
    assert.notInclude(gap.story(), "fill Created")
    assert.include(gap.story(), "order Updated Filled")
    assert.isEmpty(gap.kinds("told").filter(({ fillId }) => fillId !== undefined))
  }))

it.effect("F11 twice, F12 before the answer, F13 acceptance last, F22 the position first", () =>
  Effect.gen(function*() {
    const told = (text: string) => Effect.gen(function*() {
      const one = yield* listening(text)
      const answer = yield* Effect.forkChild(one.place())
      yield* Effect.yieldNow
      const before = one.words()
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(answer)
      return { before, after: one.words() }
    })
    assert.deepStrictEqual((yield* told("F11")).after, ["order Created PendingNew", "order Updated Working", "fill Created", "fill Created", "position Created", "order Updated Filled"])
    const early = yield* told("F12")
    assert.include(early.before, "fill Created")
    assert.deepStrictEqual(early.after, early.before)
    assert.deepStrictEqual((yield* told("F13")).after, ["order Created PendingNew", "fill Created", "position Created", "order Updated Filled", "order Updated Working"])
    assert.deepStrictEqual((yield* told("F22")).after, ["order Created PendingNew", "order Updated Working", "position Created", "order Updated Filled", "fill Created"])
  }))

it.effect("F14 parts stay Working (§8.4), the rest Canceled; F15 a fill after the cancel; F16 a change accepted on a filled order; F17 a worse stop", () =>
  Effect.gen(function*() {
    const parts = yield* listening("F14")
    yield* parts.place({ orderQty: 5 })
    yield* TestClock.adjust("1 second")
    const states = new Set(parts.props().filter(({ kind }) => kind === "order").map(({ entity }) => entity["ordStatus"]))
    assert.deepStrictEqual([...states], ["PendingNew", "Working", "Canceled"])
    const cums = parts.props().filter(({ entity, kind }) => kind === "executionReport" && entity["execType"] === "Trade").map(({ entity }) => entity["cumQty"])
    assert.deepStrictEqual(cums, cums.map((_, index) => index + 1))

    const late = yield* listening("F15:ms=1500")
    const { orderId } = (yield* late.place({ orderType: "Limit", price: 4990 })).body
    yield* late.post("order/cancelorder", { orderId })
    yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* late.statusOf(orderId), "Canceled")
    yield* TestClock.adjust("1 second")
    assert.strictEqual(yield* late.net, 1)

    const changed = yield* listening("F16")
    const resting = (yield* changed.place({ orderType: "Limit", price: 4990 })).body["orderId"]
    assert.property((yield* changed.post("order/modifyorder", { orderId: resting, orderQty: 2, orderType: "Limit", price: 4991 })).body, "commandId")
    assert.strictEqual(yield* changed.statusOf(resting), "Filled")
    assert.deepInclude(changed.kinds("fill")[0], { qty: "1", price: "4990" })

    const worse = yield* listening("F17")
    yield* worse.place({ action: "Sell", orderType: "Stop", stopPrice: 4995 })
    worse.venue.market.walkTo("MESZ26", "4990")
    assert.isBelow(Number(worse.kinds("fill")[0]?.price), 4995)
  }))

it.effect("F18 the protective stop is rejected, F19 the sibling stays, F20 all canceled, F21 a trade by hand, F37 only cancel and liquidate", () =>
  Effect.gen(function*() {
    const rejected = yield* listening("F18")
    const { oso1Id, oso2Id } = (yield* rejected.bracket()).body
    assert.deepStrictEqual([yield* rejected.statusOf(oso1Id), yield* rejected.statusOf(oso2Id)], ["Rejected", "Working"])
    const stays = yield* listening("F19")
    yield* stays.bracket()
    stays.venue.market.walkTo("MESZ26", "5010")
    stays.venue.market.walkTo("MESZ26", "4990")
    assert.strictEqual(yield* stays.net, -1)

    const weather = yield* listening("")
    const { orderId } = (yield* weather.place({ orderType: "Limit", price: 4990 })).body
    weather.venue.faults.strike("F20")
    assert.strictEqual(yield* weather.statusOf(orderId), "Canceled")
    weather.venue.faults.strike("F21")
    yield* TestClock.adjust("1 second")
    const byHand = weather.props().findLast(({ kind }) => kind === "command")?.entity
    assert.notProperty(byHand, "clOrdId")
    assert.deepInclude(byHand, { isAutomated: false })

    const disabled = yield* listening("F37:ms=5000")
    yield* disabled.place()
    assert.deepInclude((yield* disabled.place({ action: "Sell", orderType: "Stop", stopPrice: 4990 })).body, { failureReason: "LiquidationOnly" })
    assert.property((yield* disabled.post("order/liquidateposition", { accountId: disabled.accountId, contractId: disabled.contractId, admin: false })).body, "orderId")
    yield* TestClock.adjust("5 seconds")
    assert.property((yield* disabled.place()).body, "orderId")
  }))

it.effect("F24 the ladder, F26 every way of a no in a 200, F28 damaged answers and frames, F31 F32 the token, F33 somebody else", () =>
  Effect.gen(function*() {
    const limited = yield* listening("F24:ms=5000")
    const statuses = [(yield* limited.place()).status, (yield* limited.place()).status]
    limited.venue.faults.off()
    assert.deepStrictEqual([...statuses, (yield* limited.place()).status], [423, 429, 429])
    yield* TestClock.adjust("5 seconds")
    assert.strictEqual((yield* limited.place()).status, 200)

    const refused = yield* listening("F26")
    const ways = new Set<string>()
    for (let count = 0; count < 30; count++) for (const way of Object.keys((yield* refused.place()).body)) ways.add(way)
    assert.sameMembers([...ways], ["errorText", "violations", "failureReason", "failureText", "orderId"])
    assert.strictEqual(refused.kinds("order").length, 0)

    const { closes, faults, get, kinds, place, signIn, venue } = yield* listening("F28")
    for (let count = 0; count < 20; count++) yield* place()
    yield* TestClock.adjust("1 second")
    const heard = new Set(kinds("told").map(({ orderId }) => orderId)).size
    const texts = new Set<string>()
    for (const { orderId } of kinds("order")) texts.add((yield* get(`order/item?id=${orderId}`)).text)
    assert.isAbove(texts.size, 5)
    const asked = kinds("told").filter(({ how }) => how === "query").length
    assert.isTrue(heard < 20 && asked > 0 && asked < 20)
    venue.faults.set(plan("F32:n=1 F31:n=1"))
    const renewal = yield* get("auth/renewaccesstoken")
    assert.isTrue(renewal.status === 401 || "errorText" in renewal.body)
    assert.strictEqual((yield* place()).status, 401)
    assert.include(faults(), "F31")
    yield* signIn
    assert.strictEqual((yield* get("account/list")).status, 200)
    venue.faults.strike("F33")
    assert.strictEqual((yield* get("account/list")).status, 401)
    assert.isNotEmpty(closes)
  }))

it.effect("F29 half a minute old, F30 not found for 5 s, F35 a halt, F36 an expiring contract", () =>
  Effect.gen(function*() {
    const { get, place, post, venue } = yield* listening("")
    const { orderId } = (yield* place({ orderType: "Limit", price: 4990 })).body
    yield* TestClock.adjust("40 seconds")
    yield* place()
    yield* post("order/cancelorder", { orderId })
    venue.faults.set(plan("F29"))
    assert.isEmpty((yield* get("position/list")).list)
    assert.deepInclude((yield* get(`order/item?id=${String(orderId)}`)).body, { ordStatus: "Working" })
    assert.deepInclude((yield* get("cashBalance/list")).list[0], { amount: 50_000 })
    venue.faults.off()
    assert.strictEqual((yield* get("position/list")).list.length, 1)

    const hidden = (yield* place({ orderType: "Limit", price: 4990 })).body["orderId"]
    venue.faults.set(plan("F30:n=1"))
    assert.strictEqual((yield* get(`order/item?id=${String(hidden)}`)).status, 404)
    assert.notInclude((yield* get("order/list")).list.map(({ id }) => id), hidden)
    yield* TestClock.adjust("5 seconds")
    assert.strictEqual((yield* get(`order/item?id=${String(hidden)}`)).status, 200)

    venue.faults.set(plan("F36:n=1,ms=1000"))
    assert.deepInclude((yield* place()).body, { failureReason: "LiquidationOnlyBeforeExpiration" })
    yield* TestClock.adjust("1 second")
    venue.faults.set(plan("F35:n=1,ms=1000"))
    assert.deepInclude((yield* place()).body, { failureReason: "SessionClosed" })
    yield* TestClock.adjust("1 second")
    assert.property((yield* place()).body, "orderId")
  }))

it.effect("nonsense is answered or passed over, and changes nothing", () =>
  Effect.gen(function*() {
    const { closes, kinds, raw, venue, wire } = yield* listening("", { limits: { user: 1_000_000 } })
    const bodies = ["", "null", "[]", "0", "{", '"x"', '{"orderId":null}', '{"orderId":1e99,"orderQty":-1,"orderType":{}}', '{"ids":[1,"x",null]}', "[[]]"]
    const paths = ["//", "?", "order/placeorder", "order/placeoso", "order/modifyorder", "order/cancelorder", "order/liquidatepositions", "order/item?id=x", "order/deps", "constructor/list",
      "__proto__/item?id=1", "user/syncrequest", "md/getchart", "auth/accesstokenrequest", "contract/rollcontract", "cashBalance/getcashbalancesnapshot"]
    const before = kinds("order").length
    for (const path of paths) for (const body of bodies) {
      const { status } = yield* raw("POST", path, body)
      assert.isTrue(status === 200 || (status >= 400 && status < 500), `${path} ${body} ${status}`)
      for (const text of [`${path}\n7\n\n${body}`, `${path}\n${body}`, body]) wire.receive(text)
    }
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual([kinds("order").length, closes], [before, []])
    assert.isAbove(venue.ledger.length, 100)
  }))

it.effect("the ledger: orders by the house's symbols and names, children under their parent, what was told", () =>
  Effect.gen(function*() {
    const { bracket, kinds } = yield* listening("")
    yield* bracket()
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(kinds("order").map(({ clientId, parent, role, symbol, type }) => [clientId, symbol, type, role, parent !== undefined]), [
      ["e", "MESZ26", "limit", "single", false], ["s", "MESZ26", "stop", "stop", true], ["t", "MESZ26", "limit", "target", true]
    ])
    assert.strictEqual(kinds("request").at(-1)?.what, "POST order/placeoso e")
    assert.strictEqual(kinds("request").at(-1)?.account, "DEMO1")
    const told = kinds("told")
    assert.isTrue(told.every(({ how }) => how === "stream"))
    assert.deepStrictEqual(told.filter(({ fillId }) => fillId !== undefined).map(({ fillId }) => fillId), kinds("fill").map(({ fillId }) => fillId))
    assert.isAbove(listOf([...told].map((one) => fieldsOf(one))).length, 3)
  }))
