/** One trader's morning: a house with one account over a venue that can be broken, and short words for what tests do and see. */
import { assert } from "@effect/vitest"
import { BigDecimal, Effect } from "effect"
import { TestClock } from "effect/testing"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Receive } from "#src/ingress/Receive.ts"
import type { Journal } from "#src/ports/Journal.ts"
import * as Faults from "#test/support/venueFaults.ts"
import type { Json, Overrides } from "#test/support/house.ts"
import { MarketScript } from "#test/support/market.ts"
import { lifeAt, outcomes, pass, post, rows, startMs, world } from "#test/support/runtime.ts"

export const mes = "MESZ26"
export const account = "paper-1"

type Fields = { readonly [key: string]: Json }

/** What a test changes: the venue's switches, the account, the strategy. */
export interface Setting {
  readonly paper?: Fields
  readonly account?: Fields
  readonly strategy?: Fields
  readonly more?: Overrides
  /** When it begins; absent: a Friday at 15:00 UTC. */
  readonly atMs?: number
}

const overridesOf = ({ account: ours = {}, more = {}, paper = {}, strategy = {} }: Setting): Overrides => ({
  ...more,
  venues: { "paper-demo": { paper } },
  accounts: { [account]: ours, "paper-2": null, "paper-3": null, ...more.accounts },
  strategies: { "demo-futures": strategy, ...more.strategies }
})

export const trading = <A, E, R>(setting: Setting, test: Effect.Effect<A, E, R>) =>
  Effect.andThen(
    TestClock.setTime(setting.atMs ?? startMs),
    Effect.provide(Effect.andThen(pass(1), test), lifeAt(overridesOf(setting), Faults.layer))
  ).pipe(Effect.provide(world))

/** Posts an alert of the demo strategy on MES; its id. */
export const send = (action: string, fields: Fields = {}): Effect.Effect<string, never, Receive> =>
  Effect.gen(function*() {
    const { lane = "futures", ...rest } = fields
    const { body } = yield* post(String(lane), { action, symbol: "MES1!", strategy: "demo-futures", ...rest })
    if ("error" in body) return assert.fail(JSON.stringify(body))
    return body.alertId
  })

export const moves = (bid: number, ask = bid + 1) => Effect.flatMap(MarketScript, (market) => market.set(mes, bid, ask))

export const outcomeOf = (alertId: string, of = account): Effect.Effect<string | undefined, never, Journal> =>
  Effect.map(outcomes(alertId), (all) => all[of])

export const events = (of = account): Effect.Effect<ReadonlyArray<JournalEvent>, never, Journal> =>
  Effect.map(rows, (all) => all.filter(({ stream }) => stream === `account/${of}`).map(({ event }) => event))

type EventOf<Tag extends JournalEvent["_tag"]> = Extract<JournalEvent, { readonly _tag: Tag }>

export const only = <Tag extends JournalEvent["_tag"]>(tag: Tag, of = account): Effect.Effect<ReadonlyArray<EventOf<Tag>>, never, Journal> =>
  Effect.map(events(of), (all) => all.filter((event): event is EventOf<Tag> => event._tag === tag))

/** Side, lots, result after fees and fees of every trade so far. */
export const trades = (of = account) =>
  Effect.map(only("TradeClosed", of), (all) => all.flatMap(({ trade }) => trade === undefined
    ? []
    : `${trade.side} ${trade.lots} ${BigDecimal.format(trade.realizedPnl)} fees ${BigDecimal.format(trade.fees)}`))

/** The last cause for which an alert was pending. */
export const pendingOf = (alertId: string) =>
  Effect.map(events(), (all) => all.flatMap((event) =>
    (event._tag === "OutcomePending" || event._tag === "SignalQueued") && event.alertId === alertId ? event.cause : []).at(-1))

export const desk = Effect.map(Faults.VenueFaults, (faults) => faults.desk(account))

/** Orders at the venue: leg, lots still open and price. */
export const working = Effect.map(desk, (at) =>
  at.working().filter(({ status }) => status !== "Held")
    .map(({ filledLots, leg, limit, lots, stop }) => `${leg} ${lots - filledLots} ${stop ?? limit ?? "market"}`).sort())

/** Flat, and nothing of ours is left at the venue. */
export const isClean = Effect.gen(function*() {
  const at = yield* desk
  assert.deepStrictEqual({ net: at.net(mes), orders: at.working() }, { net: 0, orders: [] })
})
