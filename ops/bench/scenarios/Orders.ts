/**
 * An alert leaves its sender, an order reaches its venue: 50 alerts a second on one account; 20 accounts; a burst of 50 alerts on 20 accounts.
 * The house's orders reach its paper venue (durable twice before that), the bridge's a mock broker over loopback. In and out by turns on 50
 * instruments, so that every round begins flat; only ways in are timed.
 */
import * as Alert from "../Alert.ts"
import * as Bridge from "../Bridge.ts"
import * as Child from "../Child.ts"
import * as Config from "../Config.ts"
import { add, type Figure, figure, type Rounds, type Wanted } from "../Figures.ts"
import * as House from "../House.ts"
import type { Options } from "../Options.ts"
import * as Orders from "../Orders.ts"
import type { Pace, Result } from "../Plan.ts"
import { percentile } from "../Stats.ts"

const instruments = 50
const perSecond = 50
const connections = 32
const stampHook = `${import.meta.dirname}/../stamp/hook.ts`

interface Contender {
  readonly name: string
  readonly isOurs: boolean
  readonly child: Child.Child
  readonly port: number
  readonly secret: string
  readonly arrivals: (afterSeq: number) => Promise<Orders.Arrivals>
  readonly seq: () => number
  /** Until nothing of a round is left to do. */
  readonly settled: (afterSeq: number) => Promise<void>
  /** How its alerts ended. */
  readonly ends: (afterSeq: number) => string
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
  if (result.statuses["200"] !== result.answered || result.lost > 0) throw new Error(`${one.name}: ${JSON.stringify({ ...result, sent: [] })}`)
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

interface Rate {
  readonly name: string
  readonly perSecond: number
  readonly seconds: number
}

const tellMissing = (one: Contender, afterSeq: number, missing: number, rounds: Rounds): void => {
  add(rounds, one.isOurs ? "orders.lost" : "bridge.lost", missing)
  if (missing > 0) console.error(`${one.name}: ${missing} orders did not come; its alerts ended: ${one.ends(afterSeq)}`)
}

const steady = async (one: Contender, firstNumber: number, rate: Rate, accounts: number, rounds: Rounds): Promise<number> => {
  const afterSeq = one.seq()
  const result = await send(one, firstNumber, { kind: "paced", ...rate }, ["buy", "exit"])
  await one.settled(afterSeq)
  const { firstMs, lastMs, orders } = timed(result, await one.arrivals(afterSeq))
  const expected = result.sent.filter(([number]) => isWayIn(number)).length * accounts
  const name = `${one.name}.${rate.name}`
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
  add(rounds, `${one.name}.burst`, wholeMs)
  add(rounds, `${one.name}.burst.ack`, result.maxMs)
  tellMissing(one, afterSeq, instruments * accounts - orders, rounds)
  const out = await send(one, result.nextNumber, { kind: "burst", count: instruments }, ["buy", "exit"])
  await one.settled(afterSeq)
  await one.arrivals(afterSeq)
  return round(out.nextNumber)
}

const contenders = async (accounts: number, begun: Array<() => Promise<void>>): Promise<ReadonlyArray<Contender>> => {
  const folder = Config.make({ accounts, instruments })
  begun.push(() => Promise.resolve(folder.remove()))
  const house = await House.start(folder, ["--import", stampHook])
  begun.push(() => house.stop())
  await House.open(house, accounts)
  const all: Array<Contender> = [{
    name: `orders.${accounts}`, isOurs: true, child: house, port: house.webhookPort, secret: house.secret,
    arrivals: (afterSeq) => Orders.ofHouse(house, folder, afterSeq),
    seq: () => Orders.lastSeq(folder),
    settled: async (afterSeq) => {
      await Orders.settled(folder, afterSeq)
      await Child.quiet(house)
    },
    ends: (afterSeq) => Orders.outcomes(folder, afterSeq)
  }]
  if (Bridge.missing() !== undefined) return all
  const broker = Child.node("baselines/broker.ts", [])
  begun.push(() => broker.stop())
  const brokerPort = await Child.portOf("the broker", broker)
  const bridge = await Bridge.start({ brokerPort, accounts, instruments, folder: folder.path })
  begun.push(() => bridge.stop())
  return [...all, {
    name: `bridge.${accounts}`, isOurs: false, child: bridge, port: bridge.port, secret: Bridge.secret,
    arrivals: () => Orders.ofBroker(brokerPort), seq: () => 0, settled: () => Child.quiet(bridge), ends: () => ""
  }]
}

const withAccounts = async (accounts: number, rates: ReadonlyArray<Rate>, { isShort, rounds: count }: Options, rounds: Rounds): Promise<void> => {
  const begun: Array<() => Promise<void>> = []
  try {
    const all = await contenders(accounts, begun)
    let next = 0
    for (const one of all) next = await steady(one, next, { perSecond: 10, seconds: isShort ? 2 : 20, name: "warm" }, accounts, new Map())
    for (let n = 0; n < count; n += 1) {
      for (const rate of rates) for (const one of all) next = await steady(one, next, rate, accounts, rounds)
      if (accounts > 1) for (const one of all) next = await burst(one, next, accounts, rounds)
    }
  } finally {
    for (const end of begun.reverse()) await end()
  }
}

const paired = (rounds: Rounds, accounts: number, name: string) =>
  (wanted: Pick<Wanted, "what"> & Partial<Wanted>) =>
    figure(rounds, { name: `orders.${accounts}.${name}`, baseline: `bridge.${accounts}.${name}`, unit: "ms", ...wanted })

export const run = async (options: Options): Promise<ReadonlyArray<Figure>> => {
  const rounds: Rounds = new Map()
  const { isShort } = options
  const accounts = isShort ? 4 : 20
  const fast = { name: "fast", perSecond, seconds: isShort ? 2 : 10 }
  const crowded = { name: "fast", perSecond, seconds: isShort ? 1 : 4 }
  const slow = { name: "slow", perSecond: 5, seconds: isShort ? 2 : 10 }
  await withAccounts(1, [fast], options, rounds)
  await withAccounts(accounts, isShort ? [slow] : [slow, crowded], options, rounds)
  const one = (name: string) => paired(rounds, 1, name)
  const many = (name: string) => paired(rounds, accounts, name)
  const at = (rate: Rate) => `${rate.perSecond} alerts/s`
  const toFirst = "alert sent to first order"
  const toLast = "alert sent to last order"
  const crowd = `${accounts} accounts`
  return [
    one("fast.first.p50")({ what: `${toFirst}, ${at(fast)}, p50`, ratioMax: 1 }),
    one("fast.first.p99")({ what: `${toFirst}, ${at(fast)}, p99` }),
    one("fast.ack.p50")({ what: `its acknowledgement, p50` }),
    one("fast.ack.p99")({ what: `its acknowledgement, p99` }),
    many("slow.first.p50")({ what: `${toFirst}, ${crowd}, ${at(slow)}, p50` }),
    many("slow.last.p50")({ what: `${toLast}, ${crowd}, ${at(slow)}, p50` }),
    ...(isShort ? [] : [
      many("fast.last.p50")({ what: `${toLast}, ${crowd}, ${at(fast)} for ${crowded.seconds} s, p50`, ratioMax: 0.9 }),
      many("fast.last.p99")({ what: `${toLast}, ${crowd}, ${at(fast)} for ${crowded.seconds} s, p99` })
    ]),
    many("burst")({ what: `burst of 50 alerts, ${crowd}: until the ${(instruments * accounts).toLocaleString("en")}th order`, ratioMax: 1 }),
    many("burst.ack")({ what: "burst of 50 alerts: until the last acknowledgement" }),
    figure(rounds, { name: "orders.lost", unit: "orders", what: "orders that never came (denied or lost), all rounds", isSum: true, atMost: 0 })
  ]
}
