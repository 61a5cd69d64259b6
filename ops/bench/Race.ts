/**
 * An alert leaves its sender, an order reaches its venue: who takes part does so by turns. In and out by turns on 50 instruments, so that every
 * round begins flat; only ways in are timed.
 */
import * as Alert from "./Alert.ts"
import * as Bridge from "./Bridge.ts"
import * as Child from "./Child.ts"
import * as Config from "./Config.ts"
import { add, type Rounds } from "./Figures.ts"
import type { House } from "./House.ts"
import type { Options } from "./Options.ts"
import * as Orders from "./Orders.ts"
import type { Pace, Result } from "./Plan.ts"
import { percentile } from "./Stats.ts"

export const instruments = 50
const connections = 32

export interface Contender {
  /** Its figures' names begin with it. */
  readonly kind: string
  readonly port: number
  readonly secret: string
  readonly arrivals: (afterSeq: number) => Promise<Orders.Arrivals>
  readonly seq: () => number
  /** Until nothing of a round is left to do. */
  readonly settled: (afterSeq: number) => Promise<void>
  /** How its alerts ended. */
  readonly ends: (afterSeq: number) => string
}

export interface Rate {
  readonly name: string
  readonly perSecond: number
  readonly seconds: number
}

/** What was begun and has to end, the last first. */
export type Begun = Array<() => Promise<void>>

/** `arrivals`: when the orders of the alerts accepted after a row reached their venue. */
export const house = (kind: string, child: House, folder: Config.Folder, arrivals: Contender["arrivals"]): Contender => ({
  kind, port: child.webhookPort, secret: child.secret, arrivals,
  seq: () => Orders.lastSeq(folder),
  settled: async (afterSeq) => {
    await Orders.settled(folder, afterSeq)
    await Child.quiet(child)
  },
  ends: (afterSeq) => Orders.outcomes(folder, afterSeq)
})

/** Over loopback to a mock broker; nobody where this machine has not what it needs. */
export const bridge = async (accounts: number, folder: Config.Folder, begun: Begun): Promise<ReadonlyArray<Contender>> => {
  if (Bridge.missing() !== undefined) return []
  const broker = Child.node("baselines/broker.ts", [])
  begun.push(() => broker.stop())
  const brokerPort = await Child.portOf("the broker", broker)
  const child = await Bridge.start({ brokerPort, accounts, instruments, folder: folder.path })
  begun.push(() => child.stop())
  return [{
    kind: "bridge", port: child.port, secret: Bridge.secret,
    arrivals: () => Orders.ofBroker(brokerPort), seq: () => 0, settled: () => Child.quiet(child), ends: () => ""
  }]
}

/** Ways in of every instrument, then ways out of every instrument. */
const requests = ({ secret }: Contender, actions: ReadonlyArray<"buy" | "exit">): ReadonlyArray<string> =>
  actions.flatMap((action) => Config.symbols(instruments).map((symbol) =>
    Alert.post(`/webhook/${Config.lane}`, Alert.body({ secret, strategy: Config.strategy, symbol, action, nowMs: Date.now() }))))

const send = async (one: Contender, firstNumber: number, pace: Pace, actions: ReadonlyArray<"buy" | "exit">): Promise<Result> => {
  const result = await Child.load({
    port: one.port, firstNumber, warmSeconds: 0, stamps: true, pace,
    connections: pace.kind === "burst" ? pace.count : connections,
    requests: requests(one, actions)
  })
  if (result.statuses["200"] !== result.answered || result.lost > 0) throw new Error(`${one.kind}: ${JSON.stringify({ ...result, sent: [] })}`)
  return result
}

/** Numbers begin at multiples of all requests: which one is a way in is known by its number. */
const isWayIn = (number: number): boolean => number % (2 * instruments) < instruments
const round = (number: number): number => Math.ceil(number / (2 * instruments)) * 2 * instruments

interface Timed {
  readonly firstMs: ReadonlyArray<number>
  readonly lastMs: ReadonlyArray<number>
  readonly orders: number
  /** From the first alert sent to the last order. */
  readonly wholeMs: number
}

const timed = ({ sent }: Result, arrivals: Orders.Arrivals): Timed => {
  const firstMs: Array<number> = []
  const lastMs: Array<number> = []
  let orders = 0
  let endNs = 0
  for (const [number, sentNs] of sent) {
    if (!isWayIn(number)) continue
    const at = arrivals.get(number) ?? []
    orders += at.length
    if (at.length === 0) continue
    firstMs.push((Math.min(...at) - sentNs) / 1e6)
    lastMs.push((Math.max(...at) - sentNs) / 1e6)
    endNs = Math.max(endNs, ...at)
  }
  return { firstMs, lastMs, orders, wholeMs: (endNs - Math.min(...sent.map(([, atNs]) => atNs))) / 1e6 }
}

const tellMissing = (one: Contender, afterSeq: number, missing: number, rounds: Rounds): void => {
  add(rounds, `${one.kind}.lost`, missing)
  if (missing !== 0) console.error(`${one.kind}: ${missing} orders did not come; its alerts ended: ${one.ends(afterSeq)}`)
}

const steady = async (one: Contender, firstNumber: number, rate: Rate, accounts: number, rounds: Rounds): Promise<number> => {
  const afterSeq = one.seq()
  const result = await send(one, firstNumber, { kind: "paced", ...rate }, ["buy", "exit"])
  await one.settled(afterSeq)
  const { firstMs, lastMs, orders } = timed(result, await one.arrivals(afterSeq))
  const expected = result.sent.filter(([number]) => isWayIn(number)).length * accounts
  const name = `${one.kind}.${accounts}.${rate.name}`
  tellMissing(one, afterSeq, expected - orders, rounds)
  add(rounds, `${name}.ack.p50`, result.p50Ms)
  add(rounds, `${name}.ack.p99`, result.p99Ms)
  add(rounds, `${name}.first.p50`, percentile(firstMs, 0.5))
  add(rounds, `${name}.first.p99`, percentile(firstMs, 0.99))
  add(rounds, `${name}.last.p50`, percentile(lastMs, 0.5))
  add(rounds, `${name}.last.p99`, percentile(lastMs, 0.99))
  return round(result.nextNumber)
}

const burst = async (one: Contender, firstNumber: number, accounts: number, rounds: Rounds): Promise<number> => {
  const afterSeq = one.seq()
  const result = await send(one, firstNumber, { kind: "burst", count: instruments }, ["buy", "exit"])
  await one.settled(afterSeq)
  const { orders, wholeMs } = timed(result, await one.arrivals(afterSeq))
  const missing = instruments * accounts - orders
  add(rounds, `${one.kind}.${accounts}.burst`, wholeMs)
  add(rounds, `${one.kind}.${accounts}.burst.ack`, result.maxMs)
  add(rounds, `${one.kind}.burst.lost`, missing)
  tellMissing(one, afterSeq, missing, rounds)
  const out = await send(one, result.nextNumber, { kind: "burst", count: instruments }, ["buy", "exit"])
  await one.settled(afterSeq)
  await one.arrivals(afterSeq)
  return round(out.nextNumber)
}

export interface Race {
  readonly accounts: number
  readonly rates: ReadonlyArray<Rate>
  readonly contenders: (begun: Begun) => Promise<ReadonlyArray<Contender>>
}

/** At every rate; with several accounts a burst too. */
export const run = async ({ accounts, contenders, rates }: Race, { isShort, rounds: count }: Options, rounds: Rounds): Promise<void> => {
  const begun: Begun = []
  try {
    const all = await contenders(begun)
    let next = 0
    for (const one of all) next = await steady(one, next, { perSecond: 10, seconds: isShort ? 1 : 20, name: "warm" }, accounts, new Map())
    for (let n = 0; n < count; n += 1) {
      for (const rate of rates) for (const one of all) next = await steady(one, next, rate, accounts, rounds)
      if (accounts > 1) for (const one of all) next = await burst(one, next, accounts, rounds)
    }
  } finally {
    for (const end of begun.reverse()) await end()
  }
}
