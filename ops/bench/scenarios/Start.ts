/** From the process to its ready line, and until every account may trade: on an empty journal, after a kill on a long one, with 1,000 accounts. */
import { rmSync } from "node:fs"
import * as Alert from "../Alert.ts"
import * as Child from "../Child.ts"
import * as Config from "../Config.ts"
import { add, type Figure, figure, type Rounds } from "../Figures.ts"
import * as House from "../House.ts"
import type { Options } from "../Options.ts"
import { lastSeq } from "../Orders.ts"

const instruments = 50
const idleMs = 3_000
const idleMsShort = 300
const megabyte = 1_048_576

const measured = async (folder: Config.Folder, name: string, accounts: number, rounds: Rounds, idle: number): Promise<void> => {
  const fromMs = performance.now()
  const house = await House.start(folder)
  try {
    add(rounds, `${name}.ready`, house.readyMs)
    await House.open(house, accounts)
    add(rounds, `${name}.open`, performance.now() - fromMs)
    await new Promise((done) => setTimeout(done, idle))
    add(rounds, `${name}.rss`, House.residentBytes(house) / megabyte)
  } finally {
    await house.stop("SIGKILL")
  }
}

/** A real run, in and out by turns, until its journal is so long; then it is killed. */
const written = async (folder: Config.Folder, accounts: number, rows: number): Promise<void> => {
  const house = await House.start(folder)
  await House.open(house, accounts)
  let next = 0
  while (lastSeq(folder) < rows) {
    const action = (next / instruments) % 2 === 0 ? "buy" as const : "exit" as const
    const result = await Child.load({
      port: house.webhookPort, connections: instruments, firstNumber: next, warmSeconds: 0, stamps: false, pace: { kind: "burst", count: instruments },
      requests: Config.symbols(instruments).map((symbol) =>
        Alert.post(`/webhook/${Config.lane}`, Alert.body({ secret: house.secret, strategy: Config.strategy, symbol, action, nowMs: Date.now() })))
    })
    next = result.nextNumber
    await Child.quiet(house)
  }
  await house.stop("SIGKILL")
}

const long = async (rows: number, count: number, rounds: Rounds, idle: number): Promise<number> => {
  const accounts = 5
  const folder = Config.make({ accounts, instruments })
  try {
    await written(folder, accounts, rows)
    for (let n = 0; n < count; n += 1) await measured(folder, "start.long", accounts, rounds, idle)
    return lastSeq(folder)
  } finally {
    folder.remove()
  }
}

export const run = async ({ isShort, rounds: count }: Options): Promise<ReadonlyArray<Figure>> => {
  const rounds: Rounds = new Map()
  const many = isShort ? 100 : 1_000
  const idle = isShort ? idleMsShort : idleMs
  const small = Config.make({ accounts: 3, instruments: 10 })
  const large = Config.make({ accounts: many, instruments: 10 })
  try {
    for (let n = 0; n < count; n += 1) {
      for (const [folder, name, accounts] of [[small, "start", 3], [large, "start.many", many]] as const) {
        rmSync(folder.data, { recursive: true, force: true })
        await measured(folder, name, accounts, rounds, idle)
      }
    }
  } finally {
    small.remove()
    large.remove()
  }
  const rows = await long(isShort ? 1_500 : 100_000, Math.min(count, 3), rounds, idle)
  const killed = `killed, ${rows.toLocaleString("en")} journal rows`
  const crowd = `${many.toLocaleString("en")} accounts`
  return [
    figure(rounds, { name: "start.ready", what: "start to ready, empty journal", unit: "ms", atMost: 1_500 }),
    figure(rounds, { name: "start.open", what: "start to trading, empty journal", unit: "ms" }),
    figure(rounds, { name: "start.rss", what: "resident, idle", unit: "MB", atMost: 250 }),
    figure(rounds, { name: "start.long.ready", what: `start to ready, ${killed}`, unit: "ms", ...(isShort ? {} : { atMost: 2_000 }) }),
    figure(rounds, { name: "start.long.open", what: `start to trading, ${killed}`, unit: "ms" }),
    figure(rounds, { name: "start.long.rss", what: `resident, ${killed}`, unit: "MB" }),
    figure(rounds, { name: "start.many.ready", what: `start to ready, ${crowd}`, unit: "ms" }),
    figure(rounds, { name: "start.many.open", what: `start to trading, ${crowd}`, unit: "ms", atMost: 5_000 }),
    figure(rounds, { name: "start.many.rss", what: `resident, ${crowd}`, unit: "MB", atMost: 450 })
  ]
}
