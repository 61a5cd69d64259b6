/** §1 and §6 of the protocol sheet on a real port: bytes over loopback, a real WebSocket, the console. In real time, so as little as it takes. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { WebSocket } from "ws"
import * as Serve from "#src/simulation/venues/shared/Serve.ts"
import * as Tradovate from "#src/simulation/venues/tradovate/Tradovate.ts"
import { options } from "#test/simulation/venues/tradovate/support.ts"

const json = { "content-type": "application/json" }

const exchange = async (venue: Tradovate.Tradovate, url: string) => {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, { method: "POST", headers: { ...json, ...headers }, body: JSON.stringify(body) })
  const signedIn = await (await post("/v1/auth/accessTokenRequest", { name: "trader", password: "secret" })).json() as { readonly accessToken: string; readonly userId: number }
  const frames: Array<string> = []
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/websocket`)
  const closed = new Promise<number>((resolve) => socket.on("close", resolve))
  const heard = (word: string) => new Promise<void>((resolve) => {
    if (frames.some((frame) => frame.includes(word))) resolve()
    socket.on("message", (data) => String(data).includes(word) && resolve())
  })
  socket.on("message", (data) => frames.push(String(data)))
  await heard("o")
  socket.send(`authorize\n0\n\n${signedIn.accessToken}`)
  await heard('"i":0')
  socket.send(`user/syncrequest\n1\n\n${JSON.stringify({ users: [signedIn.userId] })}`)
  await heard('"fillPairs":[]')
  const bearer = { authorization: `Bearer ${signedIn.accessToken}` }
  const order = (clOrdId: string) => post("/v1/order/placeOrder", { accountSpec: "DEMO1", clOrdId, symbol: "MESZ6", action: "Buy", orderQty: 1, orderType: "Market", isAutomated: true }, bearer)
  const placed = await (await order("a")).json() as { readonly orderId: number }
  assert.isNumber(placed.orderId)
  await heard('"ordStatus":"Filled"')
  assert.strictEqual((await post("/console/faults", { plan: "F3:n=1" })).status, 200)
  assert.strictEqual(await order("b").then(({ status }) => status, () => "broken"), "broken")
  assert.deepStrictEqual(venue.accounts()[0]?.positions, [{ symbol: "MESZ26", net: "2" }])
  assert.include(await (await fetch(`${url}/console`)).text(), "Tradovate: simulated, no money moves")
  const state = await (await fetch(`${url}/console/state`)).json() as { readonly title: string; readonly ledger: ReadonlyArray<{ readonly kind: string }> }
  assert.include(state.ledger.map(({ kind }) => kind), "fault")
  await post("/console/outage", { kind: "maintenance" })
  await closed
  assert.include(frames.join(), "shutdown")
  return frames
}

it.live("sign-in, socket, order, fault, console and maintenance over loopback", () =>
  Effect.gen(function*() {
    const venue = yield* Tradovate.make(options({ market: { everyMs: 50 } }))
    const { url } = yield* Serve.serve(venue, { port: 0 })
    const frames = yield* Effect.promise(() => exchange(venue, url))
    assert.strictEqual(frames[0], "o")
    assert.match(frames.at(-1) ?? "", /^c\[/)
  }))
