/**
 * An alert leaves its sender, an order reaches its venue: 50 alerts a second on one account; 20 accounts; a burst of 50 alerts on 20 accounts.
 * The house's orders reach its paper venue (durable twice before that), the bridge's a mock broker over loopback.
 */
import * as Config from "../Config.ts"
import { type Figure, figure, type Rounds, type Wanted } from "../Figures.ts"
import * as House from "../House.ts"
import type { Options } from "../Options.ts"
import * as Orders from "../Orders.ts"
import * as Race from "../Race.ts"

const perSecond = 50
const stampHook = `${import.meta.dirname}/../stamp/hook.ts`

const contenders = (accounts: number) => async (begun: Race.Begun): Promise<ReadonlyArray<Race.Contender>> => {
  const folder = Config.make({ accounts, instruments: Race.instruments })
  begun.push(() => Promise.resolve(folder.remove()))
  const house = await House.start(folder, ["--import", stampHook])
  begun.push(() => house.stop())
  await House.open(house, accounts)
  return [
    Race.house("orders", house, folder, (afterSeq) => Orders.ofHouse(house, folder, afterSeq)),
    ...await Race.bridge(accounts, folder, begun)
  ]
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
  await Race.run({ accounts: 1, rates: [fast], contenders: contenders(1) }, options, rounds)
  await Race.run({ accounts, rates: isShort ? [slow] : [slow, crowded], contenders: contenders(accounts) }, options, rounds)
  const one = (name: string) => paired(rounds, 1, name)
  const many = (name: string) => paired(rounds, accounts, name)
  const at = (rate: Race.Rate) => `${rate.perSecond} alerts/s`
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
    many("burst")({ what: `burst of 50 alerts, ${crowd}: until the ${(Race.instruments * accounts).toLocaleString("en")}th order`, ratioMax: 1 }),
    many("burst.ack")({ what: "burst of 50 alerts: until the last acknowledgement" }),
    figure(rounds, { name: "orders.lost", unit: "orders", what: "orders that never came (denied or lost), all rounds", isSum: true, atMost: 0 })
  ]
}
