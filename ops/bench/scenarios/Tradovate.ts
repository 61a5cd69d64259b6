/** Orders to Tradovate's fake in a process of its own, over real bytes: one account, and twenty over two logins. */
import * as Child from "../Child.ts"
import * as Config from "../Config.ts"
import { type Figure, figure, type Rounds } from "../Figures.ts"
import * as House from "../House.ts"
import type { Options } from "../Options.ts"
import * as Orders from "../Orders.ts"
import * as Race from "../Race.ts"

const secret = "bench-password-of-the-venue-000000000000"
const fast = { name: "fast", perSecond: 50 }
const slow = { name: "slow", perSecond: 5, seconds: 10 }

const contenders = (accounts: number, logins: number) => async (begun: Race.Begun): Promise<ReadonlyArray<Race.Contender>> => {
  const users = Array.from({ length: logins }, (_, n) => Config.loginName(n))
  const names = Array.from({ length: accounts }, (_, n) => Config.accountName(n))
  const venue = Child.node("stamp/tradovate.ts", [users.join(","), names.join(","), Config.contracts(Race.instruments).join(",")], { BENCH_SECRET: secret })
  begun.push(() => venue.stop())
  const port = await Child.portOf("Tradovate's fake", venue)
  const folder = Config.make({ accounts, instruments: Race.instruments, venue: { kind: "tradovate", port, logins } })
  begun.push(() => Promise.resolve(folder.remove()))
  const house = await House.start(folder, [], { [Config.venueSecret]: secret })
  begun.push(() => house.stop())
  await House.open(house, accounts)
  return [Race.house("tradovate", house, folder, (afterSeq) => Orders.ofVenue(port, folder, afterSeq))]
}

export const run = async (options: Options): Promise<ReadonlyArray<Figure>> => {
  const rounds: Rounds = new Map()
  const { isShort } = options
  const accounts = isShort ? 4 : 20
  await Race.run({ accounts: 1, rates: [{ ...fast, seconds: isShort ? 1 : 10 }], contenders: contenders(1, 1) }, options, rounds)
  await Race.run({ accounts, rates: isShort ? [] : [slow], contenders: contenders(accounts, 2) }, options, rounds)
  const ms = (name: string, what: string, more: { readonly atMost?: number } = {}) => figure(rounds, { name: `tradovate.${name}`, unit: "ms", what: `Tradovate's fake over HTTP: ${what}`, ...more })
  const crowd = `${accounts} accounts over two logins`
  return [
    ms("1.fast.first.p50", `alert sent to its order at the venue, ${fast.perSecond} alerts/s, p50`, { atMost: 2.5 }),
    ms("1.fast.first.p99", `alert sent to its order at the venue, ${fast.perSecond} alerts/s, p99`),
    ...(isShort ? [] : [
      ms(`${accounts}.slow.first.p50`, `alert sent to first order, ${crowd}, ${slow.perSecond} alerts/s, p50`),
      ms(`${accounts}.slow.last.p50`, `alert sent to last order, ${crowd}, ${slow.perSecond} alerts/s, p50`, { atMost: 12 })
    ]),
    ms(`${accounts}.burst`, `burst of 50 alerts, ${crowd}: until the ${(Race.instruments * accounts).toLocaleString("en")}th order`),
    figure(rounds, { name: "tradovate.lost", unit: "orders", what: "Tradovate's fake over HTTP: orders that never came (denied or lost), all rounds", isSum: true, atMost: 0 })
  ]
}
