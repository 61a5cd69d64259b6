/** The true path: sign in, look around, trade, be told. Each test names the part of the protocol sheet that it proves. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { customer, fieldsOf, listOf } from "#test/simulation/venues/tradovate/support.ts"

it.effect("§2 sign-in, renewal, me; a wrong password is a 200 with errorText", () =>
  Effect.gen(function*() {
    const { ask, credentials, get, signIn, token } = yield* customer()
    const answer = yield* signIn
    assert.hasAllKeys(answer.body, ["accessToken", "mdAccessToken", "expirationTime", "passwordExpirationTime", "userStatus", "userId", "name", "hasLive"])
    assert.strictEqual(answer.body["expirationTime"], "1970-01-01T01:30:00.000Z")
    assert.strictEqual((yield* get("auth/me")).body["name"], "trader")
    const wrong = yield* ask("POST", "auth/accesstokenrequest", { ...credentials, password: "no" })
    assert.deepStrictEqual([wrong.status, Object.keys(wrong.body)], [200, ["errorText"]])
    const renewed = yield* get("auth/renewaccesstoken")
    assert.strictEqual(renewed.body["userId"], answer.body["userId"])
    assert.notStrictEqual(renewed.body["accessToken"], token())
  }))

it.effect("§4 symbols: contract, maturity and product by name and number, tick size and worth of a point; 404 for a bad name; any case", () =>
  Effect.gen(function*() {
    const { get, post } = yield* customer()
    const contract = (yield* get("Contract/Find?name=mesz6")).body
    const maturity = (yield* get(`contractMaturity/item?id=${String(contract["contractMaturityId"])}`)).body
    assert.deepInclude(maturity, { expirationMonth: 202612, isFront: true, expirationDate: "2026-12-18T13:30:00.000Z" })
    const product = (yield* get("product/find?name=MES")).body
    assert.deepInclude(product, { id: maturity["productId"], name: "MES", tickSize: 0.25, valuePerPoint: 5, priceFormatType: "Decimal" })
    const months = (yield* get(`contractMaturity/deps?masterid=${String(product["id"])}`)).list
    assert.deepStrictEqual(months.map(({ isFront }) => isFront), [true, false])
    const under = (yield* get(`contract/ldeps?masterids=${months.map(({ id }) => String(id)).join(",")}`)).list
    assert.deepStrictEqual(under.map(({ name }) => name), ["MESZ6", "MESH7"])
    assert.strictEqual((yield* get("contract/find?name=NOPE")).status, 404)
    assert.strictEqual((yield* get("order/item?id=1")).status, 404)
    assert.strictEqual((yield* get("nothing/at/all")).status, 404)
    assert.deepStrictEqual([(yield* get("fillFee/list")).text, (yield* get("orderStrategy/item?id=1")).status], ["[]", 404])
    assert.strictEqual(fieldsOf((yield* post("contract/rollcontract", { name: "MESZ6", forward: true, ifExpired: false })).body["contract"])["name"], "MESH7")
    assert.strictEqual(fieldsOf((yield* post("contract/rollcontract", { name: "MESH7", forward: false, ifExpired: false })).body["contract"])["name"], "MESZ6")
    assert.strictEqual((yield* get("contract/suggest?t=MES&l=1")).list.length, 1)
  }))

it.effect("§5.2 the order of events of a market order, joined by ids; §8.2 an order has neither price nor quantity", () =>
  Effect.gen(function*() {
    const { accountId, contractId, get, kinds, place, synced } = yield* customer()
    const { props, story } = synced()
    const { body } = yield* place({ clOrdId: "il-1", orderQty: 2 })
    assert.deepStrictEqual(story(), [])
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(story(), [
      "order Created PendingNew", "command Created Pending", "orderVersion Created", "commandReport Created RiskPassed", "commandReport Created AtExecution",
      "executionReport New", "order Updated Working", "executionReport Trade", "fill Created", "position Created", "cashBalance Updated", "order Updated Filled"
    ])
    const orderId = body["orderId"]
    const order = (yield* get(`order/item?id=${String(orderId)}`)).body
    assert.hasAllKeys(order, ["id", "accountId", "contractId", "timestamp", "action", "ordStatus", "executionProviderId", "admin"])
    assert.deepInclude(order, { id: orderId, accountId, contractId, action: "Buy", ordStatus: "Filled" })
    const [version] = (yield* get(`orderVersion/deps?masterid=${String(orderId)}`)).list
    assert.deepInclude(version, { id: orderId, orderId, orderQty: 2, orderType: "Market" })
    const [command] = (yield* get(`command/deps?masterid=${String(orderId)}`)).list
    assert.deepInclude(command, { id: orderId, clOrdId: "il-1", commandType: "New", isAutomated: true })
    const [fill] = (yield* get(`fill/deps?masterid=${String(orderId)}`)).list
    assert.deepInclude(fill, { orderId, qty: 2, price: 5000.25, action: "Buy", tradeDate: { year: 1970, month: 1, day: 1 } })
    assert.strictEqual(String(fill?.["id"]), kinds("fill")[0]?.fillId)
    assert.deepInclude(props().findLast(({ kind }) => kind === "executionReport")?.entity, { externalClOrdId: "il-1", cumQty: 2, avgPx: 5000.25, lastQty: 2 })
    assert.deepInclude(props().find(({ kind }) => kind === "cashBalance")?.entity, { amount: 49_998.76 })
  }))

it.effect("§4 positions keep a row of netPos 0 without netPrice (§8.3); the cash snapshot", () =>
  Effect.gen(function*() {
    const { accountId, get, place, post, signIn, venue } = yield* customer({ market: { everyMs: 60_000 } })
    yield* place({ orderQty: 2 })
    const [held] = (yield* get("position/list")).list
    assert.deepInclude(held, { netPos: 2, netPrice: 5000.25, bought: 2, boughtValue: 10_000.5, sold: 0 })
    venue.market.set("MESZ26", "5010")
    assert.deepInclude((yield* post("cashBalance/getcashbalancesnapshot", { accountId })).body, { totalCashValue: 49_998.76, openPnL: 97.5 })
    yield* place({ symbol: "MESH7", action: "Sell" })
    assert.deepInclude((yield* post("cashBalance/getcashbalancesnapshot", { accountId })).body, { openPnL: 96.25 })
    yield* place({ symbol: "MESH7" })
    yield* place({ action: "Sell", orderQty: 2 })
    const [flat] = (yield* get("position/list")).list
    assert.deepInclude(flat, { id: held?.["id"], netPos: 0 })
    assert.notProperty(flat, "netPrice")
    assert.deepInclude((yield* get("cashBalance/list")).list[0], { accountId, amount: 50_092.53 })

    yield* place({ orderQty: 3 })
    yield* TestClock.adjust("24 hours")
    yield* signIn
    yield* place({ action: "Sell" })
    assert.deepInclude((yield* get("position/list")).list[0], { netPos: 2, prevPos: 3, bought: 0, sold: 1 })
  }))

it.effect("§6 frames: o, authorize, syncrequest with the whole picture, heartbeats, calls over the socket", () =>
  Effect.gen(function*() {
    const { accountId, place, socket, terms, userId } = yield* customer()
    yield* place({ orderType: "Limit", price: 4990, clOrdId: "rests" })
    const one = socket()
    assert.deepStrictEqual(one.frames, ["o"])
    const early = one.send("user/syncrequest", { users: [userId] })
    assert.strictEqual(one.replyTo(early)?.["s"], 401)
    one.authorize()
    assert.strictEqual(one.frames.at(-1), 'a[{"s":200,"i":0}]')
    const sync = one.replyTo(one.send("user/syncrequest", { users: [userId] }))
    const picture = fieldsOf(sync?.["d"])
    assert.strictEqual(sync?.["s"], 200)
    assert.includeMembers(Object.keys(picture), ["users", "accounts", "orders", "positions", "commands", "orderVersions", "fills", "contracts", "products", "fillPairs", "orderStrategies"])
    assert.deepStrictEqual(listOf(picture["accounts"]).map(({ name }) => name), ["DEMO1", "DEMO2"])
    assert.deepInclude(listOf(picture["orders"])[0], { accountId, ordStatus: "Working" })
    assert.deepInclude(listOf(picture["commands"])[0], { clOrdId: "rests" })
    const placed = one.replyTo(one.send("order/placeorder", { ...terms, clOrdId: "ws" }))
    assert.strictEqual(placed?.["s"], 200)
    assert.isNumber(fieldsOf(placed?.["d"])["orderId"])
    const item = one.replyTo(one.send("order/item", "", `id=${String(fieldsOf(placed?.["d"])["orderId"])}`))
    assert.strictEqual(fieldsOf(item?.["d"])["ordStatus"], "Filled")
    assert.strictEqual(one.replyTo(one.send("order/nonsense"))?.["s"], 404)
    yield* TestClock.adjust("5 seconds")
    assert.deepStrictEqual(one.frames.filter((frame) => frame === "h").length, 2)
    assert.isNotEmpty(one.props())
  }))

it.effect("§5.1 a bracket: ids at once, children Suspended with parentId and ocoId, Working once it filled, one cancels the other", () =>
  Effect.gen(function*() {
    const { bracket, get, net, statusOf, synced, venue } = yield* customer()
    venue.market.set("MESZ26", "5001")
    const { story } = synced()
    const { body } = yield* bracket({ orderQty: 3 })
    assert.hasAllKeys(body, ["orderId", "oso1Id", "oso2Id"])
    const { orderId, oso1Id, oso2Id } = body
    assert.deepInclude((yield* get(`order/item?id=${String(oso1Id)}`)).body, { ordStatus: "Suspended", parentId: orderId, ocoId: oso2Id, action: "Sell" })
    assert.deepInclude((yield* get(`order/item?id=${String(oso2Id)}`)).body, { ordStatus: "Suspended", parentId: orderId, ocoId: oso1Id })
    venue.market.walkTo("MESZ26", "4999.5")
    assert.deepStrictEqual([yield* statusOf(orderId), yield* statusOf(oso1Id), yield* statusOf(oso2Id)], ["Filled", "Working", "Working"])
    assert.deepInclude((yield* get(`orderVersion/deps?masterid=${String(oso1Id)}`)).list[0], { orderQty: 3, stopPrice: 4990, orderType: "Stop" })
    yield* TestClock.adjust("1 second")
    const woken = ["order Updated PendingNew", "commandReport Created AtExecution", "executionReport New", "order Updated Working"]
    assert.deepStrictEqual(story().slice(-9), ["order Updated Filled", ...woken, ...woken])
    venue.market.walkTo("MESZ26", "4985")
    assert.deepStrictEqual([yield* statusOf(oso1Id), yield* statusOf(oso2Id), yield* net], ["Filled", "Canceled", 0])
  }))

it.effect("§5 modify, cancel, liquidate; what ended is TooLate", () =>
  Effect.gen(function*() {
    const { accountId, contractId, get, net, place, post, statusOf } = yield* customer()
    const { orderId } = (yield* place({ orderType: "Limit", price: 4990 })).body
    const { commandId } = (yield* post("order/modifyorder", { orderId, orderQty: 2, orderType: "Limit", price: 4991, timeInForce: "GTC" })).body
    assert.isNumber(commandId)
    const versions = (yield* get(`orderVersion/deps?masterid=${String(orderId)}`)).list
    assert.deepInclude(versions.at(-1), { id: commandId, orderQty: 2, price: 4991, timeInForce: "GTC" })
    assert.deepStrictEqual((yield* get(`command/deps?masterid=${String(orderId)}`)).list.map(({ commandType }) => commandType), ["New", "Modify"])
    yield* place({ orderQty: 3 })
    const closing = yield* post("order/liquidateposition", { accountId, contractId, admin: false, isAutomated: true })
    assert.isNumber(closing.body["orderId"])
    assert.deepStrictEqual([yield* statusOf(orderId), yield* net], ["Canceled", 0])
    assert.deepInclude((yield* post("order/cancelorder", { orderId })).body, { failureReason: "TooLate" })
    const other = (yield* place({ orderType: "Stop", stopPrice: 4980, action: "Sell" })).body["orderId"]
    assert.isNumber((yield* post("order/cancelorder", { orderId: other })).body["commandId"])
    assert.strictEqual(yield* statusOf(other), "Canceled")
  }))

it.effect("§7 quotes come partial and are to be merged; without a subscription of market data they are refused with 200", () =>
  Effect.gen(function*() {
    const { contractId, synced, venue } = yield* customer()
    const one = synced()
    assert.strictEqual(one.replyTo(one.send("md/subscribeQuote", { symbol: "MESZ6" }))?.["s"], 200)
    for (const price of ["5001", "5001.25", "5002"]) venue.market.set("MESZ26", price)
    const quotes = one.messages().filter(({ e }) => e === "md").flatMap(({ d }) => listOf(fieldsOf(d)["quotes"]))
    assert.hasAllKeys(fieldsOf(quotes[0]?.["entries"]), ["Bid", "Offer", "Trade", "TotalTradeVolume"])
    assert.isTrue(quotes.slice(1).every(({ entries }) => ("Offer" in fieldsOf(entries)) !== ("Bid" in fieldsOf(entries))))
    const merged = quotes.reduce((all, { entries }) => ({ ...all, ...fieldsOf(entries) }), {})
    assert.deepInclude(merged, { Bid: { price: 5002, size: 5 }, Offer: { price: 5002.25, size: 7 } })
    assert.isTrue(quotes.every((quote) => quote["contractId"] === contractId))

    const bare = yield* customer({ users: [{ name: "trader", password: "secret", hasMarketData: false, accounts: [{ id: "DEMO1", currency: "USD", cash: "1", feePerLot: "0" }] }] })
    const two = bare.synced()
    assert.deepInclude(two.replyTo(two.send("md/subscribeQuote", { symbol: "MESZ6" })), { s: 200, d: { errorText: "Symbol is inaccessible", errorCode: "UnknownSymbol" } })
  }))
