/** §6 and §7 of the protocol sheet: frames, order of events, both forms of sync, the end of a socket, charts. On virtual time. */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { customer, type Fields, fieldsOf, listOf } from "#test/simulation/venues/tradovate/support.ts"

it.effect("§5.2, §9 events before the reply, shuffled, each in its own frame, in lists: every entity is told all the same", () =>
  Effect.gen(function*() {
    const trade = (switches: object, latency: object = {}) => Effect.gen(function*() {
      const signing = yield* Effect.forkChild(customer({ switches, latency }))
      yield* TestClock.adjust("1 second")
      const { place, synced } = yield* Fiber.join(signing)
      const one = synced()
      yield* TestClock.adjust("1 second")
      const answer = yield* Effect.forkChild(place({ clOrdId: "e" }))
      yield* TestClock.adjust("5 millis")
      const early = one.story()
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(answer)
      return { ...one, early, frames: one.frames.filter((frame) => frame.startsWith("a[{\"e\"")) }
    })
    const plain = yield* trade({})
    assert.strictEqual(plain.frames.length, 1)
    const before = yield* trade({}, { answerMs: 50 })
    assert.deepStrictEqual(before.early, plain.story())
    const shuffled = yield* trade({ props: "shuffled" })
    assert.notDeepEqual(shuffled.story(), plain.story())
    assert.sameMembers([...shuffled.story()], [...plain.story()])
    const single = yield* trade({ frames: "single" })
    assert.deepStrictEqual([single.frames.length, single.story()], [12, plain.story()])
    const lists = yield* trade({ entities: "lists" })
    const reports = lists.messages().map(({ d }) => fieldsOf(d)).find(({ entityType }) => entityType === "commandReport")
    assert.deepStrictEqual(listOf(reports?.["entity"]).map(({ commandStatus }) => commandStatus), ["RiskPassed", "AtExecution"])
  }))

it.effect("§6 the partner's form of sync: nothing without entityTypes, no users beside them, splitResponses asked for", () =>
  Effect.gen(function*() {
    const { place, socket, userId } = yield* customer({ switches: { syncForm: "partner" } })
    yield* place({ orderType: "Limit", price: 4990 })
    const sync = (body: object) => {
      const one = socket()
      one.authorize()
      return one.replyTo(one.send("user/syncrequest", body))
    }
    const orders = (reply: Fields | undefined) => listOf(fieldsOf(reply?.["d"])["orders"]).length
    assert.strictEqual(sync({ users: [userId] })?.["s"], 200)
    assert.strictEqual(orders(sync({ users: [userId], splitResponses: false })), 0)
    assert.strictEqual(orders(sync({ accounts: [], splitResponses: false })), 0)
    assert.strictEqual(orders(sync({ accounts: [], entityTypes: ["order", "position"], splitResponses: false })), 1)
    assert.strictEqual(sync({ accounts: [], entityTypes: ["order"] })?.["s"], 400)
    assert.strictEqual(sync({ users: [userId + 1] })?.["s"], 400)
    assert.strictEqual(sync({ users: [userId], entityTypes: ["order"], splitResponses: false })?.["s"], 400)
  }))

it.effect("§6 a snapshot of this session leaves out what ended before it, not what still works", () =>
  Effect.gen(function*() {
    const { get, place } = yield* customer({ switches: { snapshot: "session" }, tokenMs: 172_800_000, market: { everyMs: 60_000 } })
    const resting = (yield* place({ orderType: "Limit", price: 4990, timeInForce: "GTC" })).body["orderId"]
    yield* place()
    assert.strictEqual((yield* get("order/list")).list.length, 2)
    assert.strictEqual((yield* get("fill/list")).list.length, 1)
    yield* TestClock.adjust("30 hours")
    assert.deepStrictEqual((yield* get("order/list")).list.map(({ id }) => id), [resting])
    assert.isEmpty((yield* get("fill/list")).list)
    assert.strictEqual((yield* get("position/list")).list.length, 1)
  }))

it.effect("§6 nothing is told before the sync, and nothing of others; §4 nobody sees or moves what is not his", () =>
  Effect.gen(function*() {
    const accounts = (id: string) => [{ id, currency: "USD", cash: "50000", feePerLot: "0" }]
    const { ask, credentials, get, place, post, socket, synced } = yield* customer({
      users: [{ name: "trader", password: "secret", accounts: accounts("DEMO1") }, { name: "other", password: "secret", accounts: accounts("DEMO9") }]
    })
    const other = String((yield* post("auth/accesstokenrequest", { ...credentials, name: "other" })).body["accessToken"])
    const [mute, heard] = [socket(), synced()]
    mute.authorize()
    const { orderId } = (yield* place({ orderType: "Limit", price: 4990 })).body
    yield* TestClock.adjust("1 second")
    assert.isEmpty(mute.props())
    assert.isNotEmpty(heard.props())
    assert.strictEqual((yield* get("order/list")).list.length, 1)
    assert.isEmpty((yield* ask("GET", "order/list", undefined, other)).list)
    assert.deepStrictEqual((yield* ask("GET", "account/list", undefined, other)).list.map(({ name }) => name), ["DEMO9"])
    assert.strictEqual((yield* ask("GET", `order/item?id=${String(orderId)}`, undefined, other)).status, 404)
    assert.strictEqual((yield* ask("POST", "order/cancelorder", { orderId }, other)).status, 404)
    const strange = { accountSpec: "DEMO1", action: "Buy", symbol: "MESZ6", orderQty: 1, orderType: "Market" }
    assert.deepInclude((yield* ask("POST", "order/placeorder", strange, other)).body, { failureReason: "UnknownReason", failureText: "Access Denied" })
  }))

it.effect("§6 an idle client is cut off by its own silence; heartbeats keep it; one more than 50 sockets ends the oldest", () =>
  Effect.gen(function*() {
    const { socket, synced } = yield* customer()
    const [idle, alive] = [synced(), synced()]
    for (let count = 0; count < 8; count++) {
      yield* TestClock.adjust("2500 millis")
      alive.beat()
    }
    assert.deepStrictEqual([idle.closes, alive.closes], [[1000], []])
    for (let count = 0; count < 50; count++) socket().authorize()
    assert.include(alive.frames.at(-2), '"reasonCode":"ConnectionQuotaReached"')
    assert.match(alive.frames.at(-1) ?? "", /^c\[/)
    assert.deepStrictEqual(alive.closes, [3000])
  }))

it.effect("§6 maintenance: the shutdown event, the c frame, the end; then nobody is answered", () =>
  Effect.gen(function*() {
    const { get, socket, synced, venue } = yield* customer()
    const one = synced()
    venue.faults.strike("F34", 20_000)
    const shutdown = one.messages().at(-1)
    assert.deepInclude(shutdown, { e: "shutdown" })
    assert.deepInclude(fieldsOf(shutdown?.["d"]), { reasonCode: "Maintenance" })
    assert.match(one.frames.at(-1) ?? "", /^c\[/)
    assert.strictEqual((yield* get("account/list")).status, 503)
    assert.throws(() => socket())
    yield* TestClock.adjust("20 seconds")
    assert.strictEqual((yield* get("account/list")).status, 200)
  }))

it.effect("§7 a chart: its parts out of order, eoh, further back by closestTimestamp, the last bar live", () =>
  Effect.gen(function*() {
    const { synced, venue } = yield* customer({ idleMs: 3_600_000 })
    yield* TestClock.adjust("80 minutes")
    venue.market.script("MESZ26", [])
    const one = synced()
    const chart = (timeRange: object) => {
      const before = one.messages().length
      const ids = fieldsOf(one.replyTo(one.send("md/getChart", {
        symbol: "MESZ6", chartDescription: { underlyingType: "MinuteBar", elementSize: 5, elementSizeUnit: "UnderlyingUnits", withHistogram: false }, timeRange
      }))?.["d"])
      const packets = one.messages().slice(before).filter(({ e }) => e === "chart").flatMap(({ d }) => listOf(fieldsOf(d)["charts"]))
      return { ids, packets: packets.filter(({ id }) => id === ids["historicalId"]) }
    }
    const { ids, packets } = chart({ asMuchAsElements: 8 })
    const times = packets.flatMap(({ bars }) => listOf(bars)).map(({ timestamp }) => String(timestamp))
    assert.strictEqual(times.length, 8)
    assert.notDeepEqual(times, times.toSorted())
    assert.deepInclude(packets.at(-1), { eoh: true })
    const oldest = times.toSorted()[0] ?? ""
    const further = chart({ closestTimestamp: oldest, asMuchAsElements: 8 }).packets.flatMap(({ bars }) => listOf(bars)).map(({ timestamp }) => String(timestamp))
    assert.strictEqual(further.length, 8)
    assert.isTrue(further.every((time) => time < oldest))
    assert.strictEqual(chart({ closestTimestamp: "1970-01-01T00:00:00.000Z", asMuchAsElements: 8 }).packets.length, 1)

    yield* TestClock.adjust("2 minutes")
    const live = one.messages().filter(({ e }) => e === "chart").flatMap(({ d }) => listOf(fieldsOf(d)["charts"])).filter(({ id }) => id === ids["realtimeId"])
    assert.isAbove(live.length, 1)
    const bars = live.flatMap((packet) => listOf(packet["bars"]))
    assert.isTrue(bars.every(({ timestamp }) => timestamp === "1970-01-01T01:20:00.000Z"))
    venue.market.set("MESZ26", "5000")
    const still = one.messages().length
    yield* TestClock.adjust("30 seconds")
    assert.strictEqual(one.messages().length, still)
    assert.strictEqual(one.replyTo(one.send("md/cancelChart", { subscriptionId: ids["realtimeId"] }))?.["s"], 200)
  }))
