/** 10,000 requests a second of strangers (wrong secret, no JSON, no such lane), genuine alerts beside them: none may be refused or wait long. */
import * as Alert from "../Alert.ts"
import * as Child from "../Child.ts"
import * as Config from "../Config.ts"
import { add, type Figure, figure, type Rounds } from "../Figures.ts"
import * as House from "../House.ts"
import type { Options } from "../Options.ts"

const junkPerSecond = 10_000
const junkConnections = 64
const alertsPerSecond = 20
const instruments = 20
const settleMs = 500

const junk = (nowMs: number): ReadonlyArray<string> => {
  const body = Alert.body({ secret: "not-the-secret-000000000000000000000000000", strategy: Config.strategy, symbol: Config.symbolName(0), action: "buy", nowMs })
  const path = `/webhook/${Config.lane}`
  return [Alert.post(path, body), Alert.post(path, `{"strategy": bench, "n": "${Alert.numberPlace}"`), Alert.post("/webhook/nowhere", body)]
}

const genuine = (secret: string, nowMs: number): ReadonlyArray<string> =>
  (["buy", "exit"] as const).flatMap((action) => Config.symbols(instruments).map((symbol) =>
    Alert.post(`/webhook/${Config.lane}`, Alert.body({ secret, strategy: Config.strategy, symbol, action, nowMs }))))

const round = async (house: House.House, seconds: number, firstNumber: number, rounds: Rounds): Promise<number> => {
  const alerts = (number: number) => Child.load({
    port: house.webhookPort, connections: 8, requests: genuine(house.secret, Date.now()), firstNumber: number, warmSeconds: 0, stamps: false,
    pace: { kind: "paced", perSecond: alertsPerSecond, seconds }
  })
  const alone = await alerts(firstNumber)
  const strangers = Child.load({
    port: house.webhookPort, connections: junkConnections, requests: junk(Date.now()), firstNumber: 0, warmSeconds: 0, stamps: false,
    pace: { kind: "paced", perSecond: junkPerSecond, seconds: seconds + 2 * settleMs / 1_000 }
  })
  await new Promise((done) => setTimeout(done, settleMs))
  const beside = await alerts(alone.nextNumber)
  const turnedAway = await strangers
  const refused = beside.answered - (beside.statuses["200"] ?? 0) + beside.lost
  add(rounds, "junk.alone.p99", alone.p99Ms)
  add(rounds, "junk.p50", beside.p50Ms)
  add(rounds, "junk.p99", beside.p99Ms)
  add(rounds, "junk.refused", refused)
  add(rounds, "junk.rate", turnedAway.perSecond)
  add(rounds, "junk.let.in", (turnedAway.statuses["200"] ?? 0) + Object.entries(turnedAway.statuses).filter(([status]) => status >= "500").length)
  await Child.quiet(house)
  return beside.nextNumber
}

export const run = async ({ isShort, rounds: count }: Options): Promise<ReadonlyArray<Figure>> => {
  const folder = Config.make({ accounts: 1, instruments })
  const rounds: Rounds = new Map()
  const house = await House.start(folder)
  try {
    await House.open(house, 1)
    let next = 0
    for (let n = 0; n < count; n += 1) next = await round(house, isShort ? 2 : 10, next, rounds)
  } finally {
    await house.stop()
    folder.remove()
  }
  const what = `genuine alerts (${alertsPerSecond}/s) beside junk`
  return [
    figure(rounds, { name: "junk.p99", what: `${what}: ack p99`, unit: "ms", atMost: 50 }),
    figure(rounds, { name: "junk.p50", what: `${what}: ack p50`, unit: "ms" }),
    figure(rounds, { name: "junk.alone.p99", what: "the same without junk: ack p99", unit: "ms" }),
    figure(rounds, { name: "junk.refused", what: `${what}: refused or lost`, unit: "alerts", isSum: true, atMost: 0 }),
    figure(rounds, { name: "junk.let.in", what: "junk answered 200, or 5xx", unit: "requests", isSum: true, atMost: 0 }),
    figure(rounds, { name: "junk.rate", what: `junk answered (${junkPerSecond}/s are sent if there is a free connection)`, unit: "req/s", atLeast: junkPerSecond * 0.99 })
  ]
}
