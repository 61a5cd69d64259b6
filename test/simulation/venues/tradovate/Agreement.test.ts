/** Whatever is asked and whatever goes wrong: the entities on the wire agree with the books, and hold together by their ids. On virtual time, from seeds. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { Switches } from "#src/simulation/venues/tradovate/Switches.ts"
import { customer, type Fields, plan } from "#test/simulation/venues/tradovate/support.ts"

/** Mulberry32. */
const generator = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) % below
  }
}

const words = { held: "Suspended", working: "Working", partly: "Working", filled: "Filled", canceled: "Canceled", rejected: "Rejected", expired: "Expired" } as const
const faults = "F11:p=0.1 F13:p=0.1 F14:p=0.3 F15:p=0.2 F16:p=0.2 F17:p=0.2 F18:p=0.2 F19:p=0.2 F20:p=0.05 F21:p=0.2 F22:p=0.1 F26:p=0.05 F37:p=0.02"

const day = (seed: number, switches: Partial<Switches>, exchangeMs: number) => Effect.gen(function*() {
  const draw = generator(seed)
  const one = yield* customer({ seed, switches, latency: { exchangeMs }, limits: { user: 1_000_000 }, tokenMs: 1e9, idleMs: 1e9, heartbeatMs: 60_000, market: { everyMs: 10_000 } })
  const { accountId, bracket, contractId, get, place, post, terms, venue } = one
  const socket = one.synced()
  venue.market.script("MESZ26", [])
  venue.faults.set(plan(faults))
  const ids: Array<unknown> = []
  for (let step = 0; step < 150; step++) {
    const price = Number(venue.market.price("MESZ26"))
    const [action, other] = draw(2) === 0 ? ["Buy", "Sell"] : ["Sell", "Buy"]
    const away = (action === "Buy" ? 1 : -1) * (1 + draw(8))
    const child = { orderQty: 1 + draw(4), action, clOrdId: `c${step}`, timeInForce: draw(2) === 0 ? "GTC" : "Day" }
    const known = ids[draw(Math.max(1, ids.length))]
    switch (draw(8)) {
      case 0: ids.push((yield* place(child)).body["orderId"]); break
      case 1: ids.push((yield* place({ ...child, orderType: "Limit", price: price - away })).body["orderId"]); break
      case 2: ids.push((yield* place({ ...child, orderType: "Stop", stopPrice: price + away })).body["orderId"]); break
      case 3: case 4: {
        const { body } = yield* bracket({
          ...child, price: price + away / 4, bracket1: { action: other, orderType: "Stop", stopPrice: price - 2 * away }, bracket2: { action: other, orderType: "Limit", price: price + 2 * away }
        })
        ids.push(body["orderId"], body["oso1Id"], body["oso2Id"])
        break
      }
      case 5: yield* post("order/cancelorder", { orderId: known }); break
      case 6: yield* post("order/modifyorder", { orderId: known, orderQty: 1 + draw(5), orderType: "Limit", price: price - away }); break
      default:
        if (draw(3) === 0) yield* post("order/liquidateposition", { accountId, contractId, admin: false })
        else yield* post("order/placeoco", { ...terms, ...child, orderType: "Limit", price: price - away, other: { action, orderType: "Stop", stopPrice: price + away } })
    }
    yield* TestClock.adjust(`${1 + draw(240)} seconds`)
  }
  venue.faults.off()
  yield* TestClock.adjust("10 seconds")
  const lists = { orders: (yield* get("order/list")).list, commands: (yield* get("command/list")).list, fills: (yield* get("fill/list")).list, positions: (yield* get("position/list")).list, cash: (yield* get("cashBalance/list")).list }
  return { ...one, ...socket, ...lists }
})

const numberOf = (value: unknown): number => typeof value === "number" ? value : Number.NaN

it.effect("states, fills, positions and cash, told and asked", () =>
  Effect.gen(function*() {
    const variants: ReadonlyArray<readonly [Partial<Switches>, number]> = [
      [{}, 0], [{ activation: "proportional", wrongSideStop: "filled" }, 0], [{ props: "shuffled", frames: "single" }, 150], [{ activation: "proportional", entities: "one" }, 150]
    ]
    for (const [index, [switches, exchangeMs]] of variants.entries()) {
      const { cash, commands, contractId, fills, kinds, orders, positions, props } = yield* day(index + 1, switches, exchangeMs)
      const states = new Map(kinds("state").map(({ orderId, status }) => [Number(orderId), words[status]]))
      assert.isAbove(kinds("fill").length, 30)
      assert.deepStrictEqual(new Map(orders.map(({ id, ordStatus }) => [numberOf(id), ordStatus])), new Map<number, unknown>(states))
      assert.sameMembers(fills.map(({ id }) => String(id)), kinds("fill").map(({ fillId }) => fillId))
      const net = fills.reduce((sum, { action, qty }) => sum + (action === "Buy" ? 1 : -1) * numberOf(qty), 0)
      const held = positions.find((one) => one["contractId"] === contractId)
      const nets = new Map(kinds("position").map(({ account, net: of, symbol }) => [`${account} ${symbol}`, Number(of)]))
      assert.strictEqual(net, [...nets.values()].reduce((sum, of) => sum + of, 0))
      assert.include([...nets.values()], numberOf(held?.["netPos"]))
      const last = new Map(kinds("cash").map(({ account, amount }) => [account, Number(amount)]))
      assert.sameMembers(cash.map(({ amount }) => numberOf(amount)), [...last.values()])
      const known = new Set(orders.map(({ id }) => id))
      assert.isTrue(commands.every(({ orderId }) => known.has(orderId)))
      for (const { ocoId, parentId } of orders) assert.isTrue([ocoId, parentId].every((id) => id === undefined || known.has(id)))
      // What was told ends where the lists are, whatever the order of arrival.
      const told = new Map<unknown, Fields>()
      if (switches.props !== "shuffled") {
        for (const { entity, kind } of props()) if (kind === "cashBalance") told.set(entity["id"], entity)
        for (const one of cash) if (told.has(one["id"])) assert.deepStrictEqual(told.get(one["id"]), one)
      }
    }
  }))
