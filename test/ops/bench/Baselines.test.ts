/** What the house is compared with does its work, and the generator counts what happened. No figure is judged here. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Option } from "effect"
import { readFileSync } from "node:fs"
import { createServer as createHttpServer } from "node:http"
import { createServer, type Server } from "node:net"
import * as NodePath from "node:path"
import { folder } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"
import { bench, bridge, generate, hasBridge, nodeBaseline, order, post, request, secret, serve, stamps } from "./support.ts"

/** Its port; closed with the test. */
const listening = Effect.fnUntraced(function*(server: Server) {
  yield* Effect.acquireRelease(
    Effect.promise(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", done))),
    () => Effect.sync(() => server.close())
  )
  const at = server.address()
  return typeof at === "object" && at !== null ? at.port : 0
})

const numbered = JSON.stringify({ ...order, secret, id: "one-@@@@@@@@@@@@" })

describe("baselines", () => {
  it.live("node:http says 200 to anything", () => Effect.gen(function*() {
    const { port } = yield* nodeBaseline("ack.ts", "bare")
    assert.strictEqual(yield* post(port, "/webhook/bench", "what"), 200)
  }))

  it.live("node:http with the work refuses what is wrong", () => Effect.gen(function*() {
    const { port } = yield* nodeBaseline("ack.ts", "validate")
    const statuses = yield* Effect.forEach([
      { ...order, secret }, { ...order, secret: "another" }, order, { ...order, secret, action: "hold" }, { ...order, secret, symbol: 5 }, "{"
    ], (body) => post(port, "/webhook/bench", body))
    assert.deepStrictEqual(statuses, [200, 401, 401, 422, 422, 400])
  }))

  it.live.skipIf(!hasBridge)("the bridge refuses what is wrong, and sends one order for each account", () => Effect.gen(function*() {
    const broker = yield* nodeBaseline("broker.ts")
    const log = NodePath.join(yield* folder, "bridge.jsonl")
    const { port } = yield* bridge(broker.port, 3, log)
    assert.strictEqual(yield* post(port, "/webhook/bench", { ...order, secret: "another" }), 401)
    assert.strictEqual(yield* post(port, "/webhook/other", { ...order, secret }), 404)
    assert.strictEqual(yield* post(port, "/webhook/bench", { ...order, secret, symbol: "ABC" }), 422)
    assert.strictEqual(yield* post(port, "/webhook/bench", { ...order, secret, action: "hold" }), 422)
    assert.strictEqual(yield* post(port, "/webhook/bench", { ...order, secret }), 200)

    const line = yield* Process.until("its log", 5_000, Effect.sync(() => {
      const text = readFileSync(log, "utf8")
      return text.endsWith("\n") ? Option.some(text) : text
    }))
    assert.notInclude(line, secret)
    const orders = yield* stamps(broker.port)
    assert.deepStrictEqual(orders.map(([alert, account]) => `${alert} ${account}`).sort(), [0, 1, 2].map((n) => `${order.id} acct-0${n}`))
    assert.deepStrictEqual(yield* stamps(broker.port), [])
  }))
})

describe("the reference venue of the bench", () => {
  it.live("takes orders of the accounts and symbols that it is given, and stamps each once its last byte has come, nothing else", () => Effect.gen(function*() {
    const { port } = yield* serve(process.execPath, NodePath.join(bench, "stamp/venue.ts"), "acct-00,acct-01", "BE00,BE01")
    const ask = (path: string, token: string, body?: unknown) => Effect.promise(async () => {
      const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }
      return (await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { authorization: `Bearer ${token}` } })).json() as Promise<Record<string, unknown>>
    })
    const session = yield* ask("/v1/session", "", { key: "bench", secret })
    assert.deepStrictEqual(session["accounts"], ["acct-00", "acct-01"])
    const token = String(session["token"])
    const { instruments } = yield* ask("/v1/instruments", token)
    assert.deepStrictEqual(instruments, ["BE00", "BE01"].map((symbol) => ({ symbol, tick: "0.25", pointValue: "5", step: "1", open: true })))

    const before = Number(yield* Clock.monotonicTimeNanos)
    const market = { account: "acct-01", clientId: "one", symbol: "BE01", side: "buy", type: "market", qty: "1" }
    assert.isString((yield* ask("/v1/orders", token, market))["orderId"])
    assert.isString((yield* ask("/v1/close", token, { account: "acct-01", symbol: "BE01", clientId: "out" }))["orderId"])
    yield* ask("/v1/orders?account=acct-01", token)
    const after = Number(yield* Clock.monotonicTimeNanos)
    const [first, ...more] = yield* stamps(port)
    assert.deepStrictEqual(more, [])
    assert.deepStrictEqual(first?.slice(0, 2), ["one", "acct-01"])
    assert.isAbove(first?.[2] ?? 0, before)
    assert.isBelow(first?.[2] ?? Infinity, after)
    assert.deepStrictEqual(yield* stamps(port), [])
  }))
})

describe("the generator", () => {
  it.live("sends as many as it is told, each with a number of its own, and counts the answers", () => Effect.gen(function*() {
    const { port } = yield* nodeBaseline("ack.ts", "validate")
    const requests = [request("/webhook/bench", numbered), request("/webhook/bench", JSON.stringify(order)), request("/webhook/bench", "{")]
    const found = yield* generate({ port, requests, firstNumber: 30, pace: { kind: "paced", perSecond: 300, seconds: 0.3 } })
    assert.deepStrictEqual(found.statuses, { 200: 30, 400: 30, 401: 30 })
    assert.strictEqual(found.answered, 90)
    assert.strictEqual(found.nextNumber, 120)
    assert.deepStrictEqual(found.sent.map(([number]) => number).sort((one, other) => one - other), Array.from({ length: 90 }, (_, n) => n + 30))
  }))

  it.live.skipIf(!hasBridge)("a burst is one request on each connection, and its orders can be told apart", () => Effect.gen(function*() {
    const broker = yield* nodeBaseline("broker.ts")
    const { port } = yield* bridge(broker.port, 2, NodePath.join(yield* folder, "bridge.jsonl"))
    const found = yield* generate({ port, requests: [request("/webhook/bench", numbered)], connections: 20, pace: { kind: "burst", count: 20 } })
    assert.deepStrictEqual(found.statuses, { 200: 20 })
    let seen: ReadonlyArray<readonly [string, string, number]> = []
    yield* Process.until("every order", 5_000, Effect.map(stamps(broker.port), (orders) => {
      seen = [...seen, ...orders]
      return seen.length === 40 ? Option.some(seen) : `${seen.length} orders`
    }))
    const sentNs = new Map(found.sent)
    for (const [alert, , atNs] of seen) assert.isAbove(atNs, sentNs.get(Number(alert.slice(-12))) ?? Infinity, "no order before its alert")
    assert.strictEqual(new Set(seen.map(([alert, account]) => `${alert} ${account}`)).size, 40)
  }))

  it.live("a refusal that ends the connection is an answer", () => Effect.gen(function*() {
    const { port } = yield* nodeBaseline("ack.ts", "bare")
    const broken = "POST / HTTP/1.1\r\nno header\r\n\r\n"
    const found = yield* generate({ port, requests: [request("/", "{}"), broken], connections: 2, pace: { kind: "burst", count: 2 } })
    assert.deepStrictEqual(found.statuses, { 200: 1, 400: 1 })
    assert.strictEqual(found.answered, 2)
  }))

  it.live("a connection that was silent until the server ended it is not used", () => Effect.gen(function*() {
    const server = createHttpServer({ headersTimeout: 3_500, keepAliveTimeout: 3_500, connectionsCheckingInterval: 50 })
    let answered = 0
    // After 4.5 s all answers wait a while: connections are used that were not needed so far.
    server.on("request", (request, response) => {
      request.resume()
      const answer = Effect.sync(() => response.end("{}"))
      answered += 1
      Effect.runFork(answered > 180 ? Effect.delay(answer, 200) : answer)
    })
    const port = yield* listening(server)
    const found = yield* generate({ port, requests: [request("/", "{}")], connections: 12, pace: { kind: "paced", perSecond: 40, seconds: 5 } })
    assert.deepStrictEqual([found.statuses, found.lost], [{ 200: 200 }, 0])
  }))

  it.live("a connection that ends without an answer is a lost request", () => Effect.gen(function*() {
    const server = createServer((socket) => socket.once("data", () => socket.destroy()))
    const port = yield* listening(server)
    const found = yield* generate({ port, requests: [request("/", "{}")], connections: 3, pace: { kind: "burst", count: 3 } })
    assert.strictEqual(found.lost, 3)
    assert.strictEqual(found.answered, 0)
  }))
})
