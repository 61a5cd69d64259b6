import { request } from "node:http"
import { createConnection } from "node:net"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Layer, Option, Redacted, Schema } from "effect"
import type { Scope } from "effect"
import { Socket } from "effect/socket"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { RpcClient, RpcSerialization } from "effect/rpc"
import { AdminRpc } from "#schemas/contracts/AdminRpc.ts"
import { AlertView } from "#schemas/contracts/Views.ts"
import { LoginId, StrategyId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Guard from "#src/admin/Guard.ts"
import { Journal } from "#src/ports/Journal.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import { accepted, account, acknowledged, alert, bracket, decided, delivery, filled, gated, intended, mes, startMs, ticks } from "#test/projections/rows.ts"
import { listening, port, token, webhookSecret } from "./house.ts"

const webhookUrl = "http://127.0.0.1:1"

const client = Effect.gen(function*() {
  const url = `http://localhost:${yield* port}/rpc`
  const http = (yield* HttpClient.HttpClient).pipe(
    HttpClient.mapRequest((asked) => asked.pipe(HttpClientRequest.prependUrl(url), HttpClientRequest.bearerToken(token)))
  )
  return yield* RpcClient.make(AdminRpc).pipe(
    Effect.provide(Layer.effect(RpcClient.Protocol, RpcClient.makeProtocolHttp(http)).pipe(Layer.provide(RpcSerialization.layerNdjson)))
  )
})

const live = <A, E>(test: Effect.Effect<A, E, Layer.Success<ReturnType<typeof listening>> | HttpClient.HttpClient | Scope.Scope>) =>
  Effect.scoped(test).pipe(Effect.provide([listening({ webhookUrl, hosts: ["trading.example", "fd00::7"] }), FetchHttpClient.layer]))

const append = (stream: string, ...events: ReadonlyArray<JournalEvent>) => Effect.flatMap(Journal, (journal) => journal.append(stream, "any", events))

/** Raw, so that headers no client would send can be sent. */
const ask = (to: number, path: string, headers: Readonly<Record<string, string>>, method = "GET", said?: string) =>
  Effect.promise(() => new Promise<{ readonly status: number; readonly body: string }>((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: to, path, method, headers }, (answer) => {
      let body = ""
      answer.on("data", (chunk: Buffer) => { body += chunk.toString() })
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }))
    })
    sent.on("upgrade", (answer, socket) => {
      socket.destroy()
      resolve({ status: answer.statusCode ?? 0, body: "" })
    })
    sent.on("error", reject)
    sent.end(said)
  }))

const bearer = { authorization: `Bearer ${token}` }
const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" }

describe("the operator listener", () => {
  it.live("lets in who has the token, by a name of this machine, from its own page or none", () => live(Effect.gen(function*() {
    const to = yield* port
    const local = { host: `localhost:${to}` }
    const cases: ReadonlyArray<readonly [string, Readonly<Record<string, string>>, number]> = [
      ["/healthz", local, 200],
      ["/healthz", { host: "evil.example" }, 403],
      ["/rpc", local, 401],
      ["/rpc", { ...local, authorization: "Bearer wrong" }, 401],
      ["/rpc", { ...local, authorization: token }, 401],
      ["/rpc", { ...bearer, host: `evil.example:${to}` }, 403],
      ["/rpc", { ...bearer, host: `localhost.evil.example:${to}` }, 403],
      ["/rpc", { ...bearer, ...local, origin: "https://evil.example" }, 403],
      ["/rpc", { ...bearer, ...local, origin: "null" }, 403],
      ["/rpc", { ...bearer, ...local, origin: "http://localhost:1" }, 403],
      ["/rpc", { ...bearer, ...local, origin: `http://localhost:${to}` }, 200],
      ["/rpc", { ...bearer, host: "trading.example", origin: "https://trading.example" }, 200],
      ["/rpc", { ...bearer, host: `[::1]:${to}` }, 200],
      ["/rpc", { ...bearer, host: `[fd00::7]:${to}` }, 200],
      ["/rpc", { ...bearer, host: `[fd00::8]:${to}` }, 403]
    ]
    for (const [path, headers, status] of cases) {
      const answer = yield* ask(to, path, headers, path === "/rpc" ? "POST" : "GET")
      assert.strictEqual(answer.status, status, `${path} ${JSON.stringify(headers)}`)
      assert.notInclude(answer.body, token)
      if (status === 401) assert.include(answer.body, "operator-token")
    }
  })))

  it.live("guards the WebSocket before it is made", () => live(Effect.gen(function*() {
    const to = yield* port
    const local = { host: `localhost:${to}`, ...upgrade }
    const statuses = yield* Effect.forEach([
      local, { ...local, ...bearer, origin: "https://evil.example" }, { ...local, ...bearer, host: "evil.example" }, { ...local, ...bearer }
    ], (headers) => ask(to, "/rpc/ws", headers))
    assert.deepStrictEqual(statuses.map(({ status }) => status), [401, 403, 403, 101])
  })))

  it.live("answers over the WebSocket too", () => live(Effect.gen(function*() {
    const socket = Socket.layerWebSocket(`ws://localhost:${yield* port}/rpc/ws`, { headers: bearer }).pipe(
      Layer.provide(NodeSocket.layerWebSocketConstructor)
    )
    const protocol = RpcClient.layerProtocolSocket().pipe(Layer.provide([socket, RpcSerialization.layerJson]))
    const status = yield* RpcClient.make(AdminRpc).pipe(Effect.flatMap((admin) => admin.Status()), Effect.scoped, Effect.provide(protocol))
    assert.strictEqual(status.version, "0.1.0")
  })))

  it("compares tokens whole", () => {
    const rules: Guard.Rules = { token: Redacted.make("abc"), hosts: [] }
    const check = (authorization: string | undefined) =>
      Option.getOrUndefined(Guard.check(rules, { host: "localhost", origin: undefined, authorization, needsToken: true }))?.status
    assert.deepStrictEqual(["Bearer abc", "Bearer ab", "Bearer abcd", "bearer abc", undefined].map(check), [undefined, 401, 401, 401, 401])
  })
})

it.live("whoever asks for a WebSocket with a body and leaves is waited for by nobody", () =>
  Effect.gen(function*() {
    const closed = yield* live(Effect.gen(function*() {
      const to = yield* port
      const head = `GET /rpc/ws HTTP/1.1\r\nhost: localhost\r\nauthorization: ${bearer.authorization}\r\nconnection: upgrade\r\nupgrade: websocket\r\n`
      const socket = createConnection(to, "127.0.0.1")
      socket.on("error", () => undefined)
      yield* Effect.callback<void>((resume) => {
        socket.on("close", () => resume(Effect.void))
        socket.setTimeout(400, () => socket.destroy())
        socket.end(`${head}sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nconnection: close\r\ntransfer-encoding: chunked\r\nupgrade: websocket\r\n\r\n58\r\n\u00d2half of it`)
      })
      return true
    }))
    assert.isTrue(closed) // the listener's end was reached
  }), 10_000)

describe("the operator's questions", () => {
  it.live("one that is none is the asker's fault, and the next is answered", () => live(Effect.gen(function*() {
    const to = yield* port
    const post = (said: string) => ask(to, "/rpc", { ...bearer, host: "localhost" }, "POST", said)
    const payload = { kind: "kill", scope: "login/nobody", on: false, who: "me" }
    const headless = yield* post(`${JSON.stringify({ _tag: "Request", id: "1", tag: "SetSwitch", payload })}\n`)
    // A compiled decoder never looks at what is missing: then it is a question like any other. Never is it the house's fault.
    if (headless.status === 400) assert.strictEqual(JSON.parse(headless.body).error, "unreadable")
    else assert.deepStrictEqual([headless.status, headless.body.includes("NotFound")], [200, true], headless.body)
    const whole = yield* post(`${JSON.stringify({ _tag: "Request", id: "1", tag: "SetSwitch", payload, headers: [] })}\n`)
    assert.deepStrictEqual([whole.status, whole.body.includes("NotFound")], [200, true])
  })))

  it.live("an answer knows what was written before the question", () => live(Effect.gen(function*() {
    const admin = yield* client
    for (let index = 0; index < 20; index++) {
      yield* append("ingress/futures", accepted(`a${index}`))
      const alerts = yield* admin.Alerts({})
      assert.strictEqual(alerts.at(-1)?.alertId, `a${index}`)
    }
    const page = yield* admin.Alerts({ since: 5, limit: 3 })
    assert.deepStrictEqual(page.map(({ seq }) => seq), [6, 7, 8])
    assert.deepStrictEqual((yield* admin.Alerts({ limit: 2 })).map(({ seq }) => seq), [19, 20])
  })))

  it.live("tells how the house is doing", () => live(Effect.gen(function*() {
    const admin = yield* client
    const supervision = yield* Supervision
    const first = yield* admin.Status()
    assert.deepInclude(first, { state: "starting", mode: "paper", isSimulated: true, version: "0.1.0", refusedDeliveries: {} })
    assert.deepStrictEqual(first.sessions, [{ id: LoginId.make("paper-demo"), venue: "paper", state: "connecting" }])

    yield* supervision.setSession(LoginId.make("paper-demo"), "connected")
    for (const id of ["paper-1", "paper-2", "paper-3"]) yield* supervision.setAccount(account(id), "open")
    yield* (yield* RefusedDeliveries).note("badSecret", "10.0.0.1")
    yield* append("operator", { _tag: "SwitchSet", kind: "kill", scope: "all", on: true, who: "me", why: "test" })
    const second = yield* Effect.repeat(admin.Status(), { until: ({ state }) => state === "running" }).pipe(Effect.timeout("2 seconds"))
    assert.deepInclude(second, { ingress: { paused: false, killed: true }, refusedDeliveries: { badSecret: 1 } })
    assert.deepStrictEqual(second.accounts.map(({ state }) => state), ["open", "open", "open"])

    yield* supervision.setAccount(account("paper-1"), "reconciling")
    assert.strictEqual((yield* admin.Status()).state, "running")
    yield* supervision.setHouse("stopping")
    assert.strictEqual((yield* admin.Status()).state, "stopping")
  })))

  it.live("shows accounts, positions, orders of a trade, marked by the account's own login", () => live(Effect.gen(function*() {
    const admin = yield* client
    const nowMs = yield* Clock.currentTimeMillis
    yield* append("account/paper-1", decided("a1", mes, undefined, nowMs), intended(bracket.entry), intended(bracket.stop), acknowledged(bracket.entry),
      filled(bracket.entry, 2, "6000", "event", "1.24"), acknowledged(bracket.stop))
    const quotes = yield* QuoteBook
    yield* quotes.put({ instrumentId: mes.id, bid: ticks(24008), ask: ticks(24009), last: ticks(24008), atMs: startMs, source: "paper-demo", isSimulated: true })

    const [position] = yield* admin.Positions()
    assert.deepInclude(position, { quantity: "2", unrealizedPnl: "20", isSimulated: true })
    assert.strictEqual(position?.protection.state, "protected")
    const accounts = yield* admin.Accounts()
    assert.deepInclude(accounts[0], { id: account("paper-1"), dayPnl: "18.76", tradesToday: 1, openPositions: 1, dailyLoss: null })
    assert.strictEqual(accounts[2]?.dailyLoss, "5")
    assert.deepStrictEqual((yield* admin.Orders({})).map(({ leg, status }) => [leg, status]), [["entry", "Filled"], ["stop", "Accepted"]])
    assert.deepStrictEqual(yield* admin.Trades({}), [])
  })))

  it.live("says why, masks what is secret, names what it does not know", () => live(Effect.gen(function*() {
    const admin = yield* client
    const leaky: JournalEvent = {
      _tag: "AlertRefused", alertId: alert("bad"), delivery: delivery(`{"secret":"${webhookSecret}"}`),
      refusal: { error: "invalid", message: `not a price: ${webhookSecret}`, path: "tp" }
    }
    yield* append("ingress/futures", accepted("a1"), leaky)
    yield* append("dispatch", gated("a1", ["paper-1"]))
    const story = yield* admin.Why({ alertId: alert("a1") })
    assert.strictEqual(story.lines.length, 3)
    assert.deepStrictEqual(story.alert.outcomes, [{ accountId: account("paper-1"), outcome: "pending", cause: "reconciling", clientOrderIds: [] }])
    assert.notInclude(JSON.stringify(yield* admin.Why({ alertId: alert("bad") })), webhookSecret)

    const unknown = yield* Effect.flip(admin.Why({ alertId: alert("nobody") }))
    assert.strictEqual(unknown._tag, "NotFound")
    const target = yield* admin.SendTarget({ strategy: StrategyId.make("demo-futures") })
    assert.deepStrictEqual(target, { webhookUrl, lane: "futures", secret: webhookSecret })
    assert.include((yield* Effect.flip(admin.SendTarget({ strategy: "nobody" }))).message, "demo-futures")
    assert.isTrue(Schema.is(AlertView)(story.alert))
  })))
})
