/** A sign-in and its stream: what ends them, what outlives them, and that nothing is missed or told by halves. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Option, Stream } from "effect"
import { TestClock } from "effect/testing"
import { ClientOrderId } from "#schemas/Ids.ts"
import { begin, instrument, order, startMs } from "#test/src/venues/paper/fixture.ts"
import * as Fixture from "#test/venues/tradovate/fixture.ts"
import { ask, pass, signedIn } from "#test/venues/tradovate/signedIn.ts"
import * as Stub from "#test/venues/tradovate/stub.ts"

const { account } = Fixture
const mine = (name: string, terms: Parameters<typeof order>[3] = {}) => order(name, "buy", 1, { accountId: account, ...terms })
const at = (path: string, fate: Stub.Fate) => (asked: Stub.Asked) => asked.path.startsWith(path) ? fate : undefined

const command = { id: 9_001, orderId: 9_001, timestamp: Stub.iso(startMs), clOrdId: "e", commandType: "New", commandStatus: "Pending", isAutomated: true }
const pending = { id: 9_001, accountId: Stub.accountA, contractId: Stub.contractId, timestamp: Stub.iso(startMs), action: "Buy", ordStatus: "PendingNew", admin: false }
const working = { ...pending, ordStatus: "Working" }
const version = { id: 9_001, orderId: 9_001, orderQty: 2, orderType: "Market", timeInForce: "Day" }
const fill = { id: 9_006, orderId: 9_001, contractId: Stub.contractId, timestamp: Stub.iso(startMs), action: "Buy", qty: 2, price: 6900.25, active: true, finallyPaired: 0 }
const position = { id: 31, accountId: Stub.accountA, contractId: Stub.contractId, timestamp: Stub.iso(startMs), netPos: 2, bought: 2, sold: 0 }

/** The order of a capture: pieces of one market order. */
const captured: ReadonlyArray<readonly [string, unknown]> = [
  ["order", pending], ["command", command], ["orderVersion", version],
  ["commandReport", { id: 9_002, commandId: 9_001, commandStatus: "RiskPassed" }], ["commandReport", { id: 9_003, commandId: 9_001, commandStatus: "AtExecution" }],
  ["executionReport", { id: 9_004, commandId: 9_001, orderId: 9_001, execType: "New", ordStatus: "Working" }], ["order", working],
  ["executionReport", { id: 9_005, commandId: 9_001, orderId: 9_001, execType: "Trade", lastQty: 2, lastPx: 6900.25 }],
  ["fill", fill], ["position", position], ["cashBalance", { id: 41, accountId: Stub.accountA, amount: 99_998.76 }], ["order", { ...working, ordStatus: "Filled" }]
]

describe("what the stream tells", () => {
  it.effect("of a market order is told whole, in the order of the capture", () => signedIn(({ heard, stub }) => Effect.gen(function*() {
    for (const change of captured) stub.socket().props(change)
    yield* TestClock.adjust("100 millis")
    assert.deepStrictEqual(heard, ["tv-a e Accepted 0/2", "tv-a fill 9006 of e 2", "tv-a e PartlyFilled 2/2", "tv-a net MESZ26 2", "tv-a e Filled 2/2"])
  })))

  it.effect("is the same in any order of arrival, each fill and each state once", () => signedIn(({ heard, stub }) => Effect.gen(function*() {
    for (const change of captured.toReversed()) stub.socket().props(change, change)
    stub.socket().props(["fill", { ...fill, finallyPaired: 2 }])
    yield* TestClock.adjust("100 millis")
    assert.deepStrictEqual(heard, ["tv-a net MESZ26 2", "tv-a fill 9006 of e 2", "tv-a e Filled 2/2"])
  })))

  it.effect("waits for the name of an order, and asks for what does not come", () => signedIn(({ heard, stub }) => Effect.gen(function*() {
    stub.socket().props(["fill", fill])
    yield* pass(1)
    assert.deepStrictEqual(heard, [])
    stub.state.answers = ({ path }) => path.startsWith("/v1/order/item?id=9001") ? Stub.ok({ ...working, ordStatus: "Filled" }) : path.startsWith("/v1/orderVersion/deps") ? Stub.ok([version]) :
      path.startsWith("/v1/command/deps") ? Stub.ok([command]) : path.startsWith("/v1/fill/deps") ? Stub.ok([fill]) : undefined
    yield* pass(4)
    assert.deepStrictEqual(heard, ["tv-a fill 9006 of e 2", "tv-a e Filled 2/2"])
  })))

  it.effect("of orders that nobody here sent bears a name of its own, and they can be cancelled by it", () => signedIn(({ connection, heard, stub }) => Effect.gen(function*() {
    stub.socket().props(["order", working], ["orderVersion", { ...version, orderType: "Limit", price: 6890 }], ["command", { ...command, clOrdId: undefined }])
    stub.socket().props(["fill", { ...fill, qty: 1 }])
    yield* TestClock.adjust("100 millis")
    assert.deepStrictEqual(heard, ["tv-a venue-9001 Accepted 0/2 27560", "tv-a fill 9006 of nobody 1", "tv-a venue-9001 PartlyFilled 1/2 27560"])
    yield* ask(connection.cancel(account, ClientOrderId.make("venue-9001")))
    assert.deepStrictEqual(JSON.parse(stub.orders()[0]?.body ?? "{}"), { orderId: 9_001, isAutomated: true })
  })))

  it.effect("a second order under one name is a stranger's", () => signedIn(({ heard, stub }) => Effect.gen(function*() {
    for (const id of [9_001, 9_101]) {
      stub.socket().props(["order", { ...working, id }], ["orderVersion", { ...version, id, orderId: id }], ["command", { ...command, id, orderId: id }])
    }
    yield* TestClock.adjust("100 millis")
    assert.deepStrictEqual(heard, ["tv-a e Accepted 0/2", "tv-a venue-9101 Accepted 0/2"])
  })))

  it.effect("a child is held until it works, and its rejection comes with its reason", () => signedIn(({ heard, stub }) => Effect.gen(function*() {
    const child = { ...working, id: 9_101, parentId: 9_001, ordStatus: "Suspended", action: "Sell" }
    const socket = stub.socket()
    socket.props(["order", child], ["orderVersion", { ...version, id: 9_101, orderId: 9_101, orderType: "Stop", stopPrice: 6850 }], ["command", { ...command, id: 9_101, orderId: 9_101, clOrdId: "s" }])
    socket.props(["order", { ...child, ordStatus: "PendingNew" }])
    socket.props(["order", { ...child, ordStatus: "Working" }])
    socket.props(["commandReport", { id: 9_102, commandId: 9_101, commandStatus: "ExecutionRejected", rejectReason: "InvalidPrice", text: "wrong side" }], ["order", { ...child, ordStatus: "Rejected" }])
    yield* TestClock.adjust("100 millis")
    assert.deepStrictEqual(heard.filter((word, place) => heard.indexOf(word) === place), [
      "tv-a s Held 0/2 27400", "tv-a s Accepted 0/2 27400", "tv-a s Rejected 0/2 27400"
    ])
  })))

  it.effect("a child that works is not held again by what was said before, nor by being pending", () => signedIn(({ connection, heard, stub }) => Effect.gen(function*() {
    const child = { ...working, id: 9_101, parentId: 9_001, action: "Sell" }
    const rows = [["orderVersion", { ...version, id: 9_101, orderId: 9_101, orderType: "Stop", stopPrice: 6850 }], ["command", { ...command, id: 9_101, orderId: 9_101, clOrdId: "s" }]] as const
    for (const ordStatus of ["Working", "Suspended", "PendingNew"]) stub.socket().props(...rows, ["order", { ...child, ordStatus }])
    yield* TestClock.adjust("100 millis")
    assert.deepStrictEqual(heard, ["tv-a s Accepted 0/2 27400"])
    stub.state.answers = ({ path }) => path === "/v1/order/list" ? Stub.ok([{ ...child, id: 9_201, ordStatus: "PendingNew" }, { ...child, id: 9_202, ordStatus: "PendingNew", parentId: null }]) :
      path.startsWith("/v1/orderVersion/ldeps") ? Stub.ok([9_201, 9_202].map((id) => ({ ...version, id, orderId: id, orderType: "Stop", stopPrice: 6850 }))) : undefined
    assert.deepStrictEqual((yield* ask(connection.workingOrders(account))).map(({ clientOrderId, status }) => `${clientOrderId} ${status}`), ["venue-9201 Held", "venue-9202 Accepted"])
  })))

  it.effect("a change counts once it is in force; one that is refused is told again as it was", () => signedIn(({ heard, stub }) => Effect.gen(function*() {
    const socket = stub.socket()
    const stop = { ...version, orderType: "Stop", stopPrice: 6850 }
    const changed = (id: number, stopPrice: number) => [["command", { ...command, id, commandType: "Modify", clOrdId: undefined }], ["orderVersion", { ...stop, id, stopPrice }]] as const
    socket.props(["order", working], ["command", { ...command, clOrdId: "s" }], ["orderVersion", stop])
    socket.props(...changed(9_010, 6860), ["order", { ...working, ordStatus: "PendingReplace" }])
    yield* TestClock.adjust("100 millis")
    assert.deepStrictEqual(heard, ["tv-a s Accepted 0/2 27400"])
    socket.props(["command", { ...command, id: 9_010, commandType: "Modify", commandStatus: "Replaced" }], ["order", working])
    socket.props(...changed(9_020, 6870), ["commandReport", { id: 9_021, commandId: 9_020, commandStatus: "RiskRejected" }])
    yield* TestClock.adjust("100 millis")
    assert.deepStrictEqual(heard, ["tv-a s Accepted 0/2 27400", "tv-a s Accepted 0/2 27440", "tv-a s Accepted 0/2 27440"])
  })))

  it.effect("a row that cannot be read spoils no other, and nobody else's accounts are told of", () => signedIn(({ end, heard, stub }) => Effect.gen(function*() {
    stub.socket().props(
      ["order", { ...working, ordStatus: "Dreaming" }], ["fill", { ...fill, price: "cheap" }], ["weather", { id: 1 }],
      ["position", { ...position, accountId: 999 }], ["position", [position, { ...position, id: 32, accountId: Stub.accountB, netPos: 0 }]]
    )
    yield* TestClock.adjust("100 millis")
    assert.deepStrictEqual([heard, end()], [["tv-a net MESZ26 2", "tv-b net MESZ26 0"], undefined])
  })))

  it.effect("was in the snapshot is known and not told again", () => signedIn(({ connection, heard, stub }) => Effect.gen(function*() {
    stub.socket().props(["order", { ...working, ordStatus: "Canceled" }])
    yield* TestClock.adjust("100 millis")
    assert.deepStrictEqual(heard, ["tv-a e Canceled 1/2"])
    yield* ask(connection.cancel(account, ClientOrderId.make("e")))
    assert.strictEqual(stub.count("/v1/command/list"), 0)
  }), { before: (stub) => { stub.state.snapshot = { orders: [working], orderVersions: [version], commands: [command], fills: [{ ...fill, qty: 1 }], positions: [position] } } }))
})

describe("the connection", () => {
  it.effect("says hello in the venue's way and beats every 2.5 seconds", () => signedIn(({ end, stub }) => Effect.gen(function*() {
    const { said, url } = stub.socket()
    assert.strictEqual(url, `wss://${Fixture.host}/v1/websocket`)
    assert.deepStrictEqual(said.filter((text) => text !== "[]"), ["authorize\n0\n\ntoken-1-canary", `user/syncrequest\n1\n\n{"users":[${Stub.userId}]}`])
    const before = said.length
    yield* pass(20)
    assert.strictEqual(said.length - before, 8)
    assert.isUndefined(end())
  })))

  for (const [name, act, why] of [
    ["ten seconds of silence", () => undefined, /silent for 10000 ms/],
    ["the venue's closing word", (socket: ReturnType<Stub.Stub["socket"]>) => socket.raw("c[3000,\"Go away\"]"), /closed the stream.*Go away/],
    ["a frame that cannot be read", (socket: ReturnType<Stub.Stub["socket"]>) => socket.raw("a[{\"e\":"), /cannot be read/],
    ["a letter that nobody knows", (socket: ReturnType<Stub.Stub["socket"]>) => socket.raw("x"), /cannot be read/],
    ["a message that is neither reply nor event", (socket: ReturnType<Stub.Stub["socket"]>) => socket.raw("a[{\"z\":1}]"), /cannot be read/],
    ["maintenance", (socket: ReturnType<Stub.Stub["socket"]>) => socket.event("shutdown", { reasonCode: "Maintenance", reason: "daily" }), /shuts down the stream \(Maintenance: daily\)/],
    ["too many connections of this user", (socket: ReturnType<Stub.Stub["socket"]>) => socket.event("shutdown", { reasonCode: "ConnectionQuotaReached" }), /SignedInElsewhere.*ConnectionQuotaReached/],
    ["its end", (socket: ReturnType<Stub.Stub["socket"]>) => socket.close(1006, ""), /the stream ended \(1006\)/]
  ] as const) {
    it.effect(`is ended by ${name}`, () => signedIn(({ end, stub }) => Effect.gen(function*() {
      act(stub.socket())
      yield* pass(11)
      assert.match(end() ?? "", why)
    }), { beats: name !== "ten seconds of silence" }))
  }

  it.effect("made anew keeps its token and asks for everything again; the one before is over", () => signedIn(({ again, end, stub }) => Effect.gen(function*() {
    yield* ask(again)
    assert.match(end() ?? "", /connected anew/)
    assert.strictEqual(stub.count("/v1/auth/"), 0)
    assert.strictEqual(stub.count("/v1/contract"), 0)
    assert.deepStrictEqual(stub.socket().said.filter((text) => text !== "[]"), ["authorize\n0\n\ntoken-1-canary", `user/syncrequest\n1\n\n{"users":[${Stub.userId}]}`])
  })))

  it.effect("asks in the other form, on a new socket, where the first brings nothing", () => Effect.gen(function*() {
    let asked = 0
    yield* signedIn(({ stub }) => Effect.sync(() => {
      assert.strictEqual(stub.sockets.length, 2)
      assert.match(stub.socket().said.at(-1) ?? "", /^user\/syncrequest\n1\n\n\{"accounts":\[501,502\],"entityTypes":\[.*"order".*\],"splitResponses":false\}$/)
    }), { before: (stub) => { Object.defineProperty(stub.state, "snapshot", { get: () => asked++ === 0 ? { accounts: [] } : {} }) } })
  }))
})

describe("the token", () => {
  it.effect("is renewed fifteen minutes before its end", () => signedIn(({ connection, end, stub }) => Effect.gen(function*() {
    yield* pass(74 * 60)
    assert.strictEqual(stub.count("/v1/auth/"), 0)
    yield* pass(2 * 60)
    assert.deepStrictEqual(stub.sent.filter(({ path }) => path.startsWith("/v1/auth/")).map(({ method, path, token }) => `${method} ${path} ${token}`), ["GET /v1/auth/renewaccesstoken token-1-canary"])
    yield* ask(connection.balances(account))
    assert.strictEqual(stub.sent.at(-1)?.token, "token-2-canary")
    assert.isUndefined(end())
  })))

  it.effect("that ends in the past by our clock is not renewed without pause", () => signedIn(({ stub }) => Effect.gen(function*() {
    yield* pass(3_600)
    assert.isAtMost(stub.count("/v1/auth/"), 15)
  }), { lifeMs: -10 * 3_600_000 }))

  it.effect("refused for a question: renewed once for all who ask, asked again", () => signedIn(({ connection, end, stub }) => Effect.gen(function*() {
    stub.state.answers = ({ path, token }) => path.startsWith("/v1/cashBalance") && token === "token-1-canary" ? Stub.no(401, "Access is denied") : undefined
    yield* ask(Effect.all([1, 2, 3].map(() => connection.balances(account)), { concurrency: "unbounded" }))
    assert.strictEqual(stub.count("/v1/auth/renewaccesstoken"), 1)
    assert.isUndefined(end())
  })))

  it.effect("refused for an order: the order is not sent again, the token is renewed", () => signedIn(({ connection, end, stub }) => Effect.gen(function*() {
    stub.state.answers = ({ path, token }) => path.startsWith("/v1/order/") && token === "token-1-canary" ? Stub.no(401) : undefined
    assert.strictEqual((yield* ask(Effect.flip(connection.submit(mine("a"), instrument))))._tag, "Unauthenticated")
    yield* pass(1)
    assert.deepStrictEqual([stub.orders().length, stub.count("/v1/auth/renewaccesstoken")], [1, 1])
    yield* ask(connection.submit(mine("b"), instrument))
    assert.isUndefined(end())
  })))

  it.effect("good, and yet refused for one request: that one is not allowed, the connection stays", () => signedIn(({ connection, end, stub }) => Effect.gen(function*() {
    stub.state.answers = at("/v1/cashBalance", Stub.no(401, "Access is denied"))
    const error = yield* ask(Effect.flip(connection.balances(account)))
    assert.match(error.message, /not allowed/)
    assert.isUndefined(end())
  })))

  it.effect("refused and not renewed: signed in anew at once, for the connection that follows", () => signedIn(({ again, connection, end, stub }) => Effect.gen(function*() {
    yield* pass(15)
    stub.state.answers = ({ token }) => token === "token-1-canary" ? Stub.no(401) : undefined
    yield* ask(Effect.flip(connection.balances(account)))
    yield* pass(1)
    assert.match(end() ?? "", /^Unavailable: the token is refused.*signed in anew/)
    yield* ask(again)
    assert.strictEqual(stub.count("/v1/auth/accesstokenrequest"), 1)
    assert.strictEqual(stub.sent.at(-1)?.token, "token-2-canary")
  })))

  it.effect("refused to several at once: one sign-in, and the next connection lives on it", () => signedIn(({ again, connection, stub }) => Effect.gen(function*() {
    stub.state.answers = ({ path, token }) => token === "token-1-canary" && !path.startsWith("/v1/auth/access") ? Stub.no(401) : undefined
    yield* pass(60)
    yield* ask(Effect.all([Effect.exit(connection.positions(account)), Effect.exit(connection.balances(account)), Effect.exit(connection.workingOrders(account))], { concurrency: 3 }))
    yield* pass(5)
    assert.strictEqual(stub.count("/v1/auth/accesstokenrequest"), 1)
    yield* ask((yield* ask(again)).positions(account))
    assert.strictEqual(stub.count("/v1/auth/accesstokenrequest"), 1)
  })))

  it.effect("refused a moment after it was given: one more at once, the third after 15 seconds", () => signedIn(({ again, connection, end, stub }) => Effect.gen(function*() {
    const signIns = () => stub.count("/v1/auth/accesstokenrequest")
    const refusing = ({ path, token }: Stub.Asked) => !path.startsWith("/v1/account/list") && (token === "token-1-canary" || token === "token-2-canary") ? Stub.no(401) : undefined
    stub.state.answers = ({ path, ...asked }) => path.startsWith("/v1/cashBalance") || path.startsWith("/v1/auth/renew") ? refusing({ path, ...asked }) : undefined
    yield* ask(Effect.flip(connection.balances(account)), 1)
    assert.match(end() ?? "", /^Unavailable: .*signed in anew/)
    assert.strictEqual(signIns(), 1)
    const second = yield* ask(again, 1)
    const ended = yield* Effect.forkChild(Effect.flip(Stream.runDrain(second.events)))
    yield* ask(Effect.flip(second.balances(account)), 1)
    assert.strictEqual((yield* Fiber.join(ended))._tag, "RateLimited")
    assert.strictEqual(signIns(), 1)
    yield* pass(15)
    yield* ask(again)
    assert.strictEqual(signIns(), 2)
  })))

  it.effect("refused while nobody was connected is a sign-in elsewhere, too", () => signedIn(({ again, stub }) => Effect.gen(function*() {
    stub.socket().close(1000, "")
    yield* pass(15)
    stub.state.answers = ({ token }) => token === "token-1-canary" ? Stub.no(401) : undefined
    assert.strictEqual((yield* ask(Effect.flip(again)))._tag, "SignedInElsewhere")
    yield* ask(again)
    assert.strictEqual(stub.count("/v1/auth/accesstokenrequest"), 1)
  })))
})

describe("a sign-in", () => {
  const failed = (answers: (asked: Stub.Asked) => Stub.Fate | undefined, greets = true) => Effect.gen(function*() {
    yield* begin
    const clock = yield* Clock.Clock
    const stub = Stub.make({ nowMs: () => clock.currentTimeMillisUnsafe() })
    stub.state.answers = answers
    stub.state.greets = greets
    const error = yield* Effect.provide(ask(Effect.flip(Fixture.connect), 60), [stub.layer, Fixture.config({ marketDataUrl: null })])
    return { error, stub }
  }).pipe(Effect.scoped)
  const signIn = "/v1/auth/accesstokenrequest"

  for (const [name, answers, expected] of [
    ["wrong password, in a 200", at(signIn, Stub.ok({ errorText: "Incorrect username or password" })), "Unauthenticated"],
    ["nobody there", at(signIn, { code: "ECONNREFUSED" }), "Unavailable"],
    ["a captcha", at(signIn, Stub.ok({ "p-ticket": "t", "p-time": 30, "p-captcha": true })), "RateLimited"],
    ["garbage", at(signIn, Stub.ok({ accessToken: "" })), "Ambiguous"],
    ["accounts that cannot be read", at("/v1/account/list", Stub.ok([{ id: Stub.accountB, name: "DEMO2" }, { id: "x", name: "DEMO1" }])), "Ambiguous"],
    ["no list of accounts", at("/v1/account/list", Stub.no(500)), "Ambiguous"]
  ] as const) it.effect(`fails with a reason: ${name}`, () => Effect.map(failed(answers), ({ error: { _tag } }) => assert.strictEqual(_tag, expected)))

  it.effect("fails when the stream does not greet", () => Effect.map(failed(() => undefined, false), ({ error }) => assert.match(error.message, /silent/)))

  it.effect("says who and what signs in", () => Effect.map(failed(at(signIn, Stub.no(500))), ({ stub }) => assert.deepStrictEqual(JSON.parse(stub.sent[0]?.body ?? "{}"), {
    name: Fixture.user, password: Fixture.password, appId: "interlock", appVersion: "1.0", deviceId: "device-of-the-test", cid: 8, sec: Fixture.sec
  })))

  it.effect("is made four times an hour at most, and not sooner than after 15 seconds", () => Effect.gen(function*() {
    yield* begin
    const clock = yield* Clock.Clock
    const stub = Stub.make({ nowMs: () => clock.currentTimeMillisUnsafe() })
    stub.state.answers = at(signIn, Stub.ok({ errorText: "no" }))
    yield* Effect.provide(Effect.gen(function*() {
      const adapter = yield* Fixture.makeAdapter
      const connect = adapter.connect(yield* Fixture.login)
      for (let n = 0; n < 60; n++) {
        yield* ask(Effect.ignore(connect))
        yield* TestClock.adjust("5 seconds")
        if (n === 1) assert.strictEqual(stub.count(signIn), 1)
      }
    }), [stub.layer, Fixture.config({ marketDataUrl: null })])
    assert.strictEqual(stub.count(signIn), 4)
  }).pipe(Effect.scoped))
})

describe("without market data", () => {
  it.effect("there are no quotes and no bars, and all else goes on", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    assert.strictEqual((yield* ask(Effect.flip(connection.bars(instrument.id, startMs - 600_000, startMs, 60_000))))._tag, "Unsupported")
    assert.strictEqual(stub.sockets.length, 1)
    assert.isTrue(Option.isNone(yield* ask(connection.orderByClientId(account, ClientOrderId.make("x")))))
  })))
})
