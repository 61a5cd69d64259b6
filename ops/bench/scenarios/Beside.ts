/**
 * One alert for two venues, over real bytes: how long its order takes to the reference venue while Tradovate answers, and while Tradovate hangs. It
 * hangs as a process that is stopped does: connections stay, requests are taken, nothing comes.
 */
import { setTimeout as sleep } from "node:timers/promises"
import * as Child from "../Child.ts"
import * as Config from "../Config.ts"
import { type Figure, figure, type Rounds } from "../Figures.ts"
import * as House from "../House.ts"
import type { Options } from "../Options.ts"
import * as Orders from "../Orders.ts"
import * as Race from "../Race.ts"

const secret = "bench-secret-of-both-venues-000000000000"
const rate = { name: "fast", perSecond: 50 }
/** What was sent to a venue that hangs is not waited for. */
const restMs = 2_000

const contenders = (kind: "well" | "hung") => async (begun: Race.Begun): Promise<ReadonlyArray<Race.Contender>> => {
  const account = Config.accountName(0)
  const contracts = Config.contracts(Race.instruments).join(",")
  const reference = Child.node("stamp/venue.ts", [account, contracts], { BENCH_SECRET: secret })
  begun.push(() => reference.stop())
  const tradovate = Child.node("stamp/tradovate.ts", [Config.besideName, Config.besideName, contracts], { BENCH_SECRET: secret })
  begun.push(() => tradovate.stop("SIGKILL"))
  const port = await Child.portOf("the reference venue", reference)
  const beside = { port: await Child.portOf("Tradovate's fake", tradovate) }
  const folder = Config.make({ accounts: 1, instruments: Race.instruments, venue: { kind: "reference", port }, beside })
  begun.push(() => Promise.resolve(folder.remove()))
  const house = await House.start(folder, [], { [Config.venueSecret]: secret })
  begun.push(() => house.stop())
  await House.open(house, 2)
  if (kind === "hung") tradovate.process.kill("SIGSTOP")
  return [{ ...Race.house(kind, house, folder, (afterSeq) => Orders.ofVenue(port, folder, afterSeq)), settled: () => sleep(restMs) }]
}

export const run = async (options: Options): Promise<ReadonlyArray<Figure>> => {
  const rounds: Rounds = new Map()
  const rates = [{ ...rate, seconds: options.isShort ? 1 : 10 }]
  await Race.run({ accounts: 1, rates, contenders: contenders("well") }, options, rounds)
  await Race.run({ accounts: 1, rates, contenders: contenders("hung") }, options, rounds)
  const what = `the reference venue over HTTP, beside Tradovate's fake: alert sent to order, ${rate.perSecond} alerts/s`
  return [
    figure(rounds, { name: "hung.1.fast.first.p50", baseline: "well.1.fast.first.p50", unit: "ms", what: `${what}, p50, while it hangs (baseline: while it answers)`, ratioMax: 1.1 }),
    figure(rounds, { name: "hung.1.fast.first.p99", baseline: "well.1.fast.first.p99", unit: "ms", what: `${what}, p99, while it hangs (baseline: while it answers)` }),
    figure(rounds, { name: "hung.lost", unit: "orders", what: "the reference venue over HTTP, Tradovate hanging: orders that never came, all rounds", isSum: true, atMost: 0 })
  ]
}
