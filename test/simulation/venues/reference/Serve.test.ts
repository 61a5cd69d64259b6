/** The fake on a real port: bytes over loopback, a real WebSocket, the console. In real time, so as little as it takes. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { WebSocket } from "ws"
import * as Reference from "#src/simulation/venues/reference/Reference.ts"
import * as Serve from "#src/simulation/venues/shared/Serve.ts"
import { options, plan } from "#test/simulation/venues/reference/support.ts"

const json = { "content-type": "application/json" }

const exchange = async (venue: Reference.Reference, url: string) => {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, { method: "POST", headers: { ...json, ...headers }, body: JSON.stringify(body) })
  const { token } = await (await post("/v1/session", { key: "demo", secret: "demo" })).json() as { readonly token: string }

  const frames: Array<string> = []
  const stream = new WebSocket(`${url.replace("http", "ws")}/v1/stream?token=${token}`)
  const closed = new Promise<number>((resolve) => stream.on("close", resolve))
  const told = new Promise<void>((resolve) => stream.on("message", (data) => {
    frames.push(String(data))
    if (String(data).includes('"position"')) resolve()
  }))
  await new Promise((resolve) => stream.on("open", resolve))

  const bearer = { authorization: `Bearer ${token}` }
  const order = (clientId: string) => post("/v1/orders", { account: "A1", clientId, symbol: "MESZ26", side: "buy", type: "market", qty: "1" }, bearer)
  assert.strictEqual((await order("a")).status, 200)
  await told

  assert.strictEqual((await post("/console/faults", { plan: "F3:n=1" })).status, 200)
  const lost = await order("b").then(({ status }) => status, () => "broken")
  assert.strictEqual(lost, "broken")
  assert.deepStrictEqual(venue.accounts()[0]?.positions, [{ symbol: "MESZ26", net: "2" }])

  assert.strictEqual((await post("/console/faults", { plan: "F99" })).status, 422)
  assert.strictEqual((await post("/console/price", { symbol: "MESZ26", price: "1.1", how: "jump" })).status, 422)
  assert.strictEqual((await post("/console/faults", { plan: "" }, { origin: "http://elsewhere.test" })).status, 403)
  assert.strictEqual((await post("/console/trade", { account: "A2", symbol: "MESZ26", side: "sell", qty: "1" })).status, 200)
  const state = await (await fetch(`${url}/console/state`)).json() as { readonly plan: string; readonly ledger: ReadonlyArray<{ readonly kind: string }> }
  assert.strictEqual(state.plan, "F3:n=1")
  assert.include(state.ledger.map(({ kind }) => kind), "fault")
  assert.include(await (await fetch(`${url}/console`)).text(), "simulated, no money moves")

  const jumped = new Promise<void>((resolve) => stream.on("message", (data) => String(data).includes('"bid":"6000"') && resolve()))
  venue.market.script("MESZ26", [{ afterMs: 60, price: "6000", isGap: true }])
  stream.send('{"subscribe":["MESZ26"]}')
  await jumped

  await post("/v1/session", { key: "demo", secret: "demo" })
  assert.strictEqual(await closed, 4001)
  const refused = new WebSocket(`${url.replace("http", "ws")}/v1/stream?token=${token}`)
  const status = await new Promise((resolve) => refused.on("unexpected-response", (_, { statusCode }) => resolve(statusCode)))
  assert.strictEqual(status, 401)
  return frames.map((frame) => JSON.parse(frame) as { readonly type: string }).map(({ type }) => type)
}

it.live("orders, frames, faults and the console over loopback", () =>
  Effect.gen(function*() {
    const venue = yield* Reference.make(options({ market: { everyMs: 50 } }))
    const { url } = yield* Serve.serve(venue, { port: 0 })
    const types = yield* Effect.promise(() => exchange(venue, url))
    assert.deepStrictEqual(types.slice(0, 5), ["hello", "order", "fill", "order", "position"])
    assert.deepStrictEqual(plan("F3:n=1"), venue.faults.plan())
  }))
