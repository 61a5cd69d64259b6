/**
 * The same over real bytes: the house's orders leave through the reference adapter and are timed once their last byte is in the venue, a process
 * of its own, as the bridge's are in its mock broker.
 */
import * as Child from "../Child.ts"
import * as Config from "../Config.ts"
import { type Figure, figure, type Rounds, type Wanted } from "../Figures.ts"
import * as House from "../House.ts"
import type { Options } from "../Options.ts"
import * as Orders from "../Orders.ts"
import * as Race from "../Race.ts"

const perSecond = 50
const secret = "bench-secret-of-the-venue-0000000000000000"

const contenders = (accounts: number) => async (begun: Race.Begun): Promise<ReadonlyArray<Race.Contender>> => {
  const names = Array.from({ length: accounts }, (_, n) => Config.accountName(n))
  const venue = Child.node("stamp/venue.ts", [names.join(","), Config.symbols(Race.instruments).join(",")], { BENCH_SECRET: secret })
  begun.push(() => venue.stop())
  const venuePort = await Child.portOf("the reference venue", venue)
  const folder = Config.make({ accounts, instruments: Race.instruments, venue: { kind: "reference", port: venuePort } })
  begun.push(() => Promise.resolve(folder.remove()))
  const house = await House.start(folder, [], { [Config.venueSecret]: secret })
  begun.push(() => house.stop())
  await House.open(house, accounts)
  return [
    Race.house("wire", house, folder, (afterSeq) => Orders.ofVenue(venuePort, folder, afterSeq)),
    ...await Race.bridge(accounts, folder, begun)
  ]
}

const paired = (rounds: Rounds, accounts: number, name: string) =>
  (wanted: Pick<Wanted, "what"> & Partial<Wanted>) =>
    figure(rounds, { name: `wire.${accounts}.${name}`, baseline: `bridge.${accounts}.${name}`, unit: "ms", ...wanted })

export const run = async (options: Options): Promise<ReadonlyArray<Figure>> => {
  const rounds: Rounds = new Map()
  const { isShort } = options
  const accounts = isShort ? 4 : 20
  const fast = { name: "fast", perSecond, seconds: isShort ? 1 : 10 }
  const crowded = { name: "fast", perSecond, seconds: 4 }
  const slow = { name: "slow", perSecond: 5, seconds: 10 }
  await Race.run({ accounts: 1, rates: [fast], contenders: contenders(1) }, options, rounds)
  await Race.run({ accounts, rates: isShort ? [] : [slow, crowded], contenders: contenders(accounts) }, options, rounds)
  const one = (name: string) => paired(rounds, 1, name)
  const many = (name: string) => paired(rounds, accounts, name)
  const at = (rate: Race.Rate) => `${rate.perSecond} alerts/s`
  const toFirst = "over HTTP: alert sent to first order at the venue"
  const toLast = "over HTTP: alert sent to last order at the venue"
  const crowd = `${accounts} accounts`
  const lost = (name: string, what: string) => figure(rounds, { name, unit: "orders", what, isSum: true, atMost: 0 })
  return [
    one("fast.first.p50")({ what: `${toFirst}, ${at(fast)}, p50`, ratioMax: 1.2 }),
    one("fast.first.p99")({ what: `${toFirst}, ${at(fast)}, p99` }),
    one("fast.ack.p50")({ what: "over HTTP: its acknowledgement, p50" }),
    ...(isShort ? [] : [
      many("slow.first.p50")({ what: `${toFirst}, ${crowd}, ${at(slow)}, p50` }),
      many("slow.last.p50")({ what: `${toLast}, ${crowd}, ${at(slow)}, p50` }),
      many("fast.last.p50")({ what: `${toLast}, ${crowd}, ${at(crowded)} for ${crowded.seconds} s, p50`, ratioMax: 1 }),
      many("fast.last.p99")({ what: `${toLast}, ${crowd}, ${at(crowded)} for ${crowded.seconds} s, p99` })
    ]),
    many("burst")({ what: `over HTTP: burst of 50 alerts, ${crowd}: until the ${(Race.instruments * accounts).toLocaleString("en")}th order`, ratioMax: 1.1 }),
    lost("wire.burst.lost", "over HTTP: orders of the bursts that never came"),
    lost("wire.lost", "over HTTP: orders that never came (denied or lost), all rounds")
  ]
}
