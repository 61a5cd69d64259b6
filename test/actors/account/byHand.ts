/** Somebody else at the venue: trades past the house, and what the venue's net says of it. */
import { Effect, Option } from "effect"
import { HouseConfig } from "#config/House.ts"
import { AccountId, AlertId, ClientOrderId, InstrumentId } from "#schemas/Ids.ts"
import { Lots } from "#schemas/Instrument.ts"
import type { Order } from "#schemas/Order.ts"
import * as Resolve from "#src/symbols/Resolve.ts"
import { account, mes } from "#test/actors/account/desk.ts"
import { venueBooks } from "#test/support/audit.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

const order = (name: string, side: Order["side"], lots: number, more: Partial<Order> = {}): Order => ({
  id: ClientOrderId.make(`by-hand-${name}`),
  accountId: AccountId.make(account),
  alertId: AlertId.make("by-hand"),
  instrumentId: InstrumentId.make(mes),
  instrumentVersion: 1,
  leg: "entry",
  generation: 1,
  side,
  lots: Lots.make(lots),
  type: "market",
  timeInForce: "gtc",
  reduceOnly: false,
  ...more
})

/** Leaves at once; time must pass for it to be filled. */
export const trade = Effect.fnUntraced(function*(name: string, side: Order["side"], lots: number, more: Partial<Order> = {}) {
  const { calendars, instruments } = yield* (yield* HouseConfig).current
  const instrument = Option.getOrThrow(Resolve.byId(instruments, InstrumentId.make(mes), calendars))
  yield* Effect.forkChild((yield* VenueFaults).trade(order(name, side, lots, more), instrument), { startImmediately: true })
})

/** Takes an order made by `trade` away again. */
export const cancel = Effect.fnUntraced(function*(name: string) {
  yield* Effect.forkChild((yield* VenueFaults).cancel(order(name, "buy", 1)), { startImmediately: true })
})

export const netAtVenue = Effect.map(venueBooks(["paper-demo"]), (books) =>
  (books.get(account)?.fills ?? []).reduce((sum, { lots, side }) => sum + (side === "buy" ? lots : -lots), 0))

/** Fills of ours, entries apart, after which the venue held more, or the other side. */
export const throughZero = Effect.gen(function*() {
  const { asked } = yield* VenueFaults
  const found: Array<string> = []
  let net = 0
  for (const { clientOrderId = "", lots, side } of (yield* venueBooks(["paper-demo"])).get(account)?.fills ?? []) {
    const before = net
    net += side === "buy" ? lots : -lots
    const leg = asked.find(({ id }) => id === clientOrderId)?.leg ?? "by hand"
    if (leg !== "entry" && leg !== "by hand" && (Math.abs(net) > Math.abs(before) || net * before < 0)) found.push(`${leg} ${side} ${lots}: ${before} to ${net}`)
  }
  return found
})
