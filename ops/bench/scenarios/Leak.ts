/** Memory and fibers of the house after many alerts, beside what they were after the first of them: nothing may stay behind. */
import { once } from "node:events"
import { join } from "node:path"
import * as Alert from "../Alert.ts"
import * as Child from "../Child.ts"
import * as Config from "../Config.ts"
import { add, type Figure, figure, type Rounds } from "../Figures.ts"
import * as House from "../House.ts"
import type { Options } from "../Options.ts"

const accounts = 10
const instruments = 20
const perSecond = 20
const megabyte = 1_048_576

interface Census {
  readonly heapBytes: number
  readonly residentBytes: number
  readonly fibers: number
}

const census = async (house: House.House): Promise<Census> => {
  await Child.quiet(house, 600_000)
  const told = once(house.process, "message")
  house.process.send("census")
  const [found] = await told as [Census]
  return found
}

const alerts = async (house: House.House, count: number, firstNumber: number): Promise<number> => {
  const requests = (["buy", "exit"] as const).flatMap((action) => Config.symbols(instruments).map((symbol) =>
    Alert.post(`/webhook/${Config.lane}`, Alert.body({ secret: house.secret, strategy: Config.strategy, symbol, action, nowMs: Date.now() }))))
  const result = await Child.load({
    port: house.webhookPort, connections: 4, requests, firstNumber, warmSeconds: 0, stamps: false, pace: { kind: "paced", perSecond, seconds: count / perSecond }
  })
  if (result.statuses["200"] !== result.answered || result.lost > 0 || result.answered < 0.9 * count) throw new Error(`leak: ${JSON.stringify(result)}`)
  return result.nextNumber
}

export const run = async ({ isShort }: Options): Promise<ReadonlyArray<Figure>> => {
  const warm = isShort ? 20 : 3_000
  const total = isShort ? 40 : 10_000
  const folder = Config.make({ accounts, instruments })
  const rounds: Rounds = new Map()
  const house = await House.start(folder, ["--expose-gc", "--import", join(import.meta.dirname, "../stamp/census.ts")])
  try {
    await House.open(house, accounts)
    const next = await alerts(house, warm, 0)
    const before = await census(house)
    await alerts(house, total - warm, next)
    const after = await census(house)
    const per = (total - warm) / 1_000
    add(rounds, "leak.heap", (after.heapBytes - before.heapBytes) / megabyte / per)
    add(rounds, "leak.heap.after", after.heapBytes / megabyte)
    add(rounds, "leak.rss.after", after.residentBytes / megabyte)
    add(rounds, "leak.fibers", after.fibers - before.fibers)
    add(rounds, "leak.fibers.after", after.fibers)
  } finally {
    await house.stop()
    folder.remove()
  }
  const what = `${total.toLocaleString("en")} alerts on ${accounts} accounts`
  return [
    figure(rounds, { name: "leak.heap", what: `${what}: growth of the heap per 1,000 alerts after the first ${warm.toLocaleString("en")}`, unit: "MB" }),
    figure(rounds, { name: "leak.heap.after", what: `${what}: heap`, unit: "MB" }),
    figure(rounds, { name: "leak.rss.after", what: `${what}: resident`, unit: "MB" }),
    figure(rounds, { name: "leak.fibers", what: `${what}: fibers more than before`, unit: "fibers", atMost: 5 }),
    figure(rounds, { name: "leak.fibers.after", what: `${what}: fibers`, unit: "fibers" })
  ]
}
