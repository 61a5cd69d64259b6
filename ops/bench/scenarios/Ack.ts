/**
 * Durable acknowledgements a second at 16 connections, the lane paused behind the gates, beside the bridge (which keeps nothing) and beside
 * `node:http` alone. A, B, C, D, A, B, C, D: a slow minute of the machine meets all of them.
 */
import * as Alert from "../Alert.ts"
import * as Bridge from "../Bridge.ts"
import * as Child from "../Child.ts"
import * as Commit from "../Commit.ts"
import * as Config from "../Config.ts"
import { add, type Figure, figure, type Rounds } from "../Figures.ts"
import * as House from "../House.ts"
import type { Options } from "../Options.ts"

const connections = 16

interface Contender {
  readonly name: string
  readonly child: Child.Child
  readonly port: number
  readonly secret: string
}

const contenders = async (folder: Config.Folder): Promise<ReadonlyArray<Contender>> => {
  House.pause(folder, `lane/${Config.lane}`, Date.now())
  const house = await House.start(folder)
  const { secret } = Bridge
  const bare = Child.node("baselines/ack.ts", ["bare"], { BENCH_SECRET: secret })
  const validate = Child.node("baselines/ack.ts", ["validate"], { BENCH_SECRET: secret })
  const all: Array<Contender> = [
    { name: "ack", child: house, port: house.webhookPort, secret: house.secret },
    { name: "ack.bare", child: bare, port: await Child.portOf("node:http", bare), secret },
    { name: "ack.validate", child: validate, port: await Child.portOf("node:http", validate), secret }
  ]
  if (Bridge.missing() === undefined) {
    const bridge = await Bridge.start({ brokerPort: 0, accounts: 0, instruments: 1, folder: folder.path })
    all.splice(1, 0, { name: "ack.bridge", child: bridge, port: bridge.port, secret })
  }
  return all
}

const measure = async ({ child, name, port, secret }: Contender, firstNumber: number, seconds: number, rounds: Rounds): Promise<number> => {
  const body = Alert.body({ secret, strategy: Config.strategy, symbol: Config.symbolName(0), action: "buy", nowMs: Date.now() })
  const result = await Child.load({
    port, connections, firstNumber, warmSeconds: seconds / 4, stamps: false, pace: { kind: "closed", seconds },
    requests: [Alert.post(`/webhook/${Config.lane}`, body)]
  })
  if (result.statuses["200"] !== result.answered || result.lost > 0) throw new Error(`${name}: ${JSON.stringify({ ...result, sent: [] })}`)
  add(rounds, `${name}.perSecond`, result.perSecond)
  add(rounds, `${name}.p50`, result.p50Ms)
  add(rounds, `${name}.p99`, result.p99Ms)
  await Child.quiet(child)
  return result.nextNumber
}

export const run = async ({ rounds: count, seconds }: Options): Promise<ReadonlyArray<Figure>> => {
  const folder = Config.make({ accounts: 1, instruments: 1 })
  const rounds: Rounds = new Map()
  const all: Array<Contender> = []
  try {
    all.push(...await contenders(folder))
    let firstNumber = 1
    for (let round = 0; round < count; round += 1) {
      for (const one of all) firstNumber = await measure(one, firstNumber, seconds, rounds)
      const commits = Commit.run(folder.path, 500)
      add(rounds, "commit.p50", commits.p50Us)
      add(rounds, "commit.p99", commits.p99Us)
    }
  } finally {
    for (const { child } of all) await child.stop()
    folder.remove()
  }
  const of = (name: string, what: string) => ({ name, what, unit: "req/s", from: `${name}.perSecond`, baseline: "ack.bridge.perSecond" })
  return [
    figure(rounds, { ...of("ack", `durable acks, ${connections} connections`), ratioMin: 1.3 }),
    figure(rounds, { name: "ack.p50", what: "durable ack, p50", unit: "ms", baseline: "ack.bridge.p50" }),
    figure(rounds, { name: "ack.p99", what: "durable ack, p99", unit: "ms", baseline: "ack.bridge.p99" }),
    figure(rounds, of("ack.bare", "node:http, bare")),
    figure(rounds, of("ack.validate", "node:http with the validation work")),
    figure(rounds, { name: "commit.p50", what: "one row committed by node:sqlite, WAL FULL, p50", unit: "us" }),
    figure(rounds, { name: "commit.p99", what: "one row committed by node:sqlite, WAL FULL, p99", unit: "us" })
  ]
}
