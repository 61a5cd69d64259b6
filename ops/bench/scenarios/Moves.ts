/** An operator moves a stop or cancels an order: from the request on its way to the house to the bytes on theirs to the venue, the commit included. */
import { once } from "node:events"
import { join } from "node:path"
import * as Child from "../Child.ts"
import * as Config from "../Config.ts"
import { add, type Figure, figure, type Rounds } from "../Figures.ts"
import * as House from "../House.ts"
import type { Options } from "../Options.ts"
import { percentile } from "../Stats.ts"
import { request } from "./Rpc.ts"

const instruments = 50
const perSecond = 20
const stampHook = join(import.meta.dirname, "../stamp/hook.ts")

interface OrderRow {
  readonly clientOrderId: string
  readonly leg: string
  readonly status: string
}

/** One question, and its answer's value; a no is an error. */
const ask = async (house: House.House, tag: string, payload: unknown): Promise<unknown> => {
  const answer = await fetch(`${house.operatorUrl}/rpc`, {
    method: "POST", headers: { authorization: `Bearer ${house.token}`, "content-type": "application/ndjson" },
    body: `${JSON.stringify({ _tag: "Request", id: "1", tag, payload, headers: [] })}\n`
  })
  const lines = (await answer.text()).trim().split("\n").map((line) => JSON.parse(line) as { _tag: string; exit?: { _tag: string; value?: unknown } })
  const exit = lines.find(({ _tag }) => _tag === "Exit")?.exit
  if (exit?._tag !== "Success") throw new Error(`${tag}: ${JSON.stringify(lines).slice(0, 500)}`)
  return exit.value
}

const orders = async (house: House.House): Promise<ReadonlyArray<OrderRow>> => await ask(house, "Orders", {}) as ReadonlyArray<OrderRow>

const place = async (house: House.House, orderType: "market" | "limit"): Promise<void> => {
  for (const symbol of Config.symbols(instruments)) {
    await ask(house, "PlaceOrder", {
      ticket: {
        accountId: Config.accountName(0), symbol, side: "buy", orderType, stopLoss: { _tag: "Distance", ticks: 400 },
        ...(orderType === "limit" ? { limitPrice: "5000" } : {})
      }
    })
  }
}

/** When each change left for the venue since they were asked for the last time. */
const stamps = async (house: House.House): Promise<ReadonlyArray<readonly [string, number]>> => {
  const told = once(house.process, "message")
  house.process.send("stamps")
  const [all] = await told as [ReadonlyArray<readonly [string, number, "order" | "change"]>]
  return all.flatMap(([id, atNs, what]) => what === "change" ? [[id, atNs] as const] : [])
}

const timed = async (house: House.House, name: string, requests: ReadonlyArray<readonly [id: string, text: string]>, rounds: Rounds): Promise<void> => {
  await stamps(house)
  const result = await Child.load({
    port: Number(new URL(house.operatorUrl).port), connections: 4, requests: requests.map(([, text]) => text), firstNumber: 0, warmSeconds: 0,
    stamps: true, pace: { kind: "paced", perSecond, seconds: requests.length / perSecond }
  })
  await Child.quiet(house)
  const left = new Map(await stamps(house))
  const took = result.sent.flatMap(([number, sentNs]) => {
    const atNs = left.get(requests[number]?.[0] ?? "")
    return atNs === undefined ? [] : [(atNs - sentNs) / 1e6]
  })
  if (took.length < requests.length) throw new Error(`${name}: ${requests.length - took.length} of ${requests.length} never left`)
  add(rounds, `${name}.p50`, percentile(took, 0.5))
  add(rounds, `${name}.p99`, percentile(took, 0.99))
}

export const run = async ({ rounds: count }: Options): Promise<ReadonlyArray<Figure>> => {
  const rounds: Rounds = new Map()
  const folder = Config.make({ accounts: 1, instruments: 2 * instruments })
  const house = await House.start(folder, ["--import", stampHook])
  try {
    await House.open(house, 1)
    await new Promise((done) => setTimeout(done, 1_000)) // each market has spoken
    await place(house, "market")
    const stops = (await orders(house)).filter(({ leg, status }) => leg === "stop" && status === "Accepted")
    for (let n = 0; n < count; n += 1) {
      const price = String(6_000 + n)
      await timed(house, "moves.stop", stops.map(({ clientOrderId: orderId }) =>
        [orderId, request(house, "ModifyOrder", { change: { orderId, stopLoss: { _tag: "Price", price } } })]), rounds)
    }
    for (const symbol of Config.symbols(instruments)) await ask(house, "Close", { accountId: Config.accountName(0), symbol })
    await Child.quiet(house)
    for (let n = 0; n < count; n += 1) {
      await place(house, "limit")
      const entries = (await orders(house)).filter(({ leg, status }) => leg === "entry" && status === "Accepted")
      await timed(house, "moves.cancel", entries.map(({ clientOrderId: orderId }) => [orderId, request(house, "CancelOrder", { orderId })]), rounds)
    }
  } finally {
    await house.stop()
    folder.remove()
  }
  return [
    figure(rounds, { name: "moves.stop.p50", what: "a stop moved: request to wire, p50", unit: "ms", atMost: 2 }),
    figure(rounds, { name: "moves.stop.p99", what: "a stop moved: request to wire, p99", unit: "ms" }),
    figure(rounds, { name: "moves.cancel.p50", what: "an order cancelled: request to wire, p50", unit: "ms", atMost: 2 }),
    figure(rounds, { name: "moves.cancel.p99", what: "an order cancelled: request to wire, p99", unit: "ms" })
  ]
}
