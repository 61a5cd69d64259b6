/** §2 and §3 of the protocol sheet: tokens, sessions, penalties, the ladder. On virtual time. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { customer, plan } from "#test/simulation/venues/tradovate/support.ts"

it.effect("§2 a token is good for 90 minutes; a renewal keeps the session", () =>
  Effect.gen(function*() {
    const { ask, get, token } = yield* customer()
    yield* TestClock.adjust("75 minutes")
    const renewed = String((yield* get("auth/renewaccesstoken")).body["accessToken"])
    yield* TestClock.adjust("15 minutes")
    const late = yield* ask("GET", "account/list", undefined, token())
    assert.deepStrictEqual([late.status, late.text], [401, "Expired Access Token"])
    assert.strictEqual((yield* ask("GET", "account/list", undefined, renewed)).status, 200)
    assert.strictEqual((yield* ask("GET", "account/list", undefined, "nonsense")).text, "Access is denied")
  }))

it.effect("§2 a session whose tokens are over takes no place: the one that was renewed stays", () =>
  Effect.gen(function*() {
    const { ask, signIn, token } = yield* customer()
    const first = token()
    yield* signIn
    yield* TestClock.adjust("80 minutes")
    const kept = String((yield* ask("GET", "auth/renewaccesstoken", undefined, first)).body["accessToken"])
    yield* TestClock.adjust("20 minutes")
    yield* signIn
    assert.strictEqual((yield* ask("GET", "account/list", undefined, kept)).status, 200)
  }))

it.effect("§2, §8.5 the third sign-in ends the oldest session: its token, and its sockets without a word", () =>
  Effect.gen(function*() {
    for (const kicked of ["closed", "silent"] as const) {
      const { ask, kinds, signIn, synced, token } = yield* customer({ switches: { kicked } })
      const first = token()
      const socket = synced()
      yield* signIn
      assert.strictEqual((yield* ask("GET", "account/list", undefined, first)).status, 200)
      yield* signIn
      assert.strictEqual((yield* ask("GET", "account/list", undefined, first)).status, 401)
      assert.strictEqual((yield* ask("GET", "account/list")).status, 200)
      assert.deepStrictEqual(socket.closes, kicked === "closed" ? [1000] : [])
      assert.notInclude(socket.frames.join(), "shutdown")
      assert.deepStrictEqual(kinds("reach").map(({ session, up }) => [session, up]).slice(-2), [["trader", false], ["trader", true]])
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(socket.closes.length, kicked === "closed" ? 1 : 0)
      assert.strictEqual(socket.frames.filter((frame) => frame === "h").length, 0)
    }
  }))

it.effect("§2 a token of market data opens nothing else; API keys need cid and sec; orders in live need a device", () =>
  Effect.gen(function*() {
    const accounts = [{ id: "DEMO1", currency: "USD", cash: "1", feePerLot: "0" }]
    const { ask, credentials, place, post, signIn } = yield* customer({ switches: { environment: "live" } })
    const md = String((yield* signIn).body["mdAccessToken"])
    assert.strictEqual((yield* ask("GET", "account/list", undefined, md)).status, 401)
    assert.property((yield* place()).body, "orderId")
    const { deviceId: _, ...bare } = credentials
    const token = String((yield* post("auth/accesstokenrequest", bare)).body["accessToken"])
    assert.strictEqual((yield* ask("POST", "order/placeorder", { accountSpec: "DEMO1", action: "Buy", symbol: "MESZ6", orderQty: 1, orderType: "Market" }, token)).status, 401)

    const keyed = yield* customer({ users: [{ name: "keyed", password: "secret", cid: 8, sec: "key", accounts }, { name: "trader", password: "secret", accounts }] })
    assert.property((yield* keyed.post("auth/accesstokenrequest", { ...credentials, name: "keyed" })).body, "errorText")
    assert.property((yield* keyed.post("auth/accesstokenrequest", { ...credentials, name: "keyed", cid: 8, sec: "key" })).body, "accessToken")
  }))

it.effect("§3 five sign-ins an hour, failures count; then a captcha, then 423, then 429 for an hour that each call begins anew", () =>
  Effect.gen(function*() {
    const { credentials, get, post, signIn } = yield* customer()
    for (let count = 0; count < 3; count++) yield* signIn
    assert.property((yield* post("auth/accesstokenrequest", { ...credentials, password: "no" })).body, "errorText")
    const { body, status } = yield* signIn
    assert.deepInclude(body, { "p-time": 15, "p-captcha": true })
    assert.strictEqual(status, 200)
    assert.strictEqual((yield* post("auth/accesstokenrequest", { ...credentials, "p-ticket": body["p-ticket"] })).status, 423)
    assert.strictEqual((yield* signIn).status, 429)
    yield* TestClock.adjust("59 minutes")
    assert.strictEqual((yield* signIn).status, 429)
    yield* TestClock.adjust("59 minutes")
    assert.strictEqual((yield* signIn).status, 429)
    yield* TestClock.adjust("1 hour")
    assert.strictEqual((yield* signIn).status, 200)
    assert.strictEqual((yield* get("account/list")).status, 200)
  }))

it.effect("§3 a ticket without captcha: wait, then the same with the ticket; too early, the wait grows", () =>
  Effect.gen(function*() {
    const { kinds, place, venue } = yield* customer()
    venue.faults.set(plan("F25:n=1"))
    const { body, status } = yield* place({ clOrdId: "a" })
    assert.deepStrictEqual([status, body["p-time"], "p-captcha" in body], [200, 15, false])
    const again = place({ clOrdId: "a", "p-ticket": body["p-ticket"] })
    yield* TestClock.adjust("10 seconds")
    assert.deepInclude((yield* again).body, { "p-ticket": body["p-ticket"], "p-time": 10 })
    yield* TestClock.adjust("9 seconds")
    assert.property((yield* again).body, "p-ticket")
    assert.strictEqual(kinds("order").length, 0)
    yield* TestClock.adjust("2 seconds")
    assert.property((yield* again).body, "orderId")
  }))

it.effect("§3 the user's own limit, over sockets too: 423, then 429 until an hour of silence", () =>
  Effect.gen(function*() {
    const { get, kinds, synced } = yield* customer({ limits: { user: 10 } })
    const one = synced()
    const reach = () => kinds("reach").map(({ session, up }) => [session, up]).slice(2)
    const seen: Array<number> = []
    for (let count = 0; count < 7; count++) seen.push((yield* get("account/list")).status)
    assert.deepStrictEqual(seen, [200, 200, 200, 200, 200, 200, 200])
    assert.strictEqual((yield* get("account/list")).status, 423)
    const id = one.send("account/list")
    assert.deepStrictEqual(one.replyTo(id), { s: 429, i: id })
    yield* TestClock.adjust("20 minutes")
    assert.strictEqual((yield* get("account/list")).status, 429)
    yield* TestClock.adjust("59 minutes")
    assert.deepStrictEqual(reach(), [[undefined, false]], "each further call begins the hour anew")
    yield* TestClock.adjust("2 minutes")
    assert.deepStrictEqual(reach(), [[undefined, false], [undefined, true]])
    assert.strictEqual((yield* get("account/list")).status, 200)
  }))

it.effect("§3 renewals and syncs have limits of their own", () =>
  Effect.gen(function*() {
    const { get, socket, userId, venue } = yield* customer({ limits: { renewAccessToken: 2, syncRequest: 1 } })
    venue.faults.set(plan("F32:n=1"))
    yield* get("auth/renewaccesstoken")
    yield* get("auth/renewaccesstoken")
    yield* get("auth/renewaccesstoken")
    const over = (yield* get("auth/renewaccesstoken")).body
    assert.deepInclude(over, { "p-time": 15 })
    yield* TestClock.adjust("15 seconds")
    const redeem = get(`auth/renewaccesstoken?p-ticket=${String(over["p-ticket"])}`)
    assert.property((yield* redeem).body, "accessToken")
    assert.strictEqual((yield* redeem).status, 423)
    const sync = () => {
      const one = socket()
      one.authorize()
      return one.replyTo(one.send("user/syncrequest", { users: [userId] }))?.["d"]
    }
    assert.property(sync(), "orders")
    assert.property(sync(), "p-ticket")
  }))
