/** A house on virtual time over the paper venue, whose operator sets switches; and what its venue holds then. */
import { assert } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import * as Switches from "#src/admin/commands/Switches.ts"
import { Views } from "#src/admin/Views.ts"
import * as Applied from "#src/layers/Applied.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import { venueBooks } from "#test/support/audit.ts"
import type { Overrides } from "#test/support/house.ts"
import { type Fate, journalWith } from "#test/support/journalFaults.ts"
import { begin, silent, wideWorld, wired } from "#test/support/lives.ts"
import { lifeAt, outcomes, pass, post, rows } from "#test/support/runtime.ts"

/** One account whose stops are its own to keep: nothing but entries and stops rests. */
export const one: Overrides = {
  accounts: { "paper-2": null, "paper-3": null },
  strategies: { "demo-futures": { scripts: [{ id: "s1", enabled: true }] } },
  venues: { "paper-demo": { paper: { nativeBrackets: false, oca: false, reduceOnly: false } } }
}
export const limit = { orderType: "limit", limitPrice: "6990.00" }

export interface Life {
  readonly overrides?: Overrides
  readonly venues?: Parameters<typeof wired>[0]
  readonly fate?: (stream: string, events: ReadonlyArray<JournalEvent>) => Fate
}

/** One life of the house, switches of the lives before it in force. */
export const living = <A, E, R>(test: Effect.Effect<A, E, R>, { fate = () => "write", overrides = one, venues }: Life = {}) =>
  Effect.provide(Effect.andThen(pass(2), test), Layer.provideMerge(
    Layer.provideMerge(Views.layer, Layer.provideMerge(Applied.layer, lifeAt<never>(overrides, venues === undefined ? VenuesLive.layer : wired(venues)))),
    Layer.provideMerge(journalWith(fate), silent)
  ))

export const inWorld = <A, E, R>(test: Effect.Effect<A, E, R>) => Effect.andThen(begin, test).pipe(Effect.provide(wideWorld))

export const switched = Effect.fnUntraced(function*(kind: "pause" | "kill", scope: RiskScope, on = true, why = "test") {
  const { SetSwitch } = yield* Switches.make
  return yield* SetSwitch({ kind, scope, on, who: "cli:ann", why })
})

export const say = Effect.fnUntraced(function*(action: string, fields: Readonly<Record<string, unknown>> = {}) {
  const { body } = yield* post("futures", { action, symbol: "MES1!", strategy: "demo-futures", script_id: "s1", ...fields })
  return "alertId" in body ? body.alertId : assert.fail(JSON.stringify(body))
})

/** By its account, or by a gate before it. */
export const ended = Effect.fnUntraced(function*(alertId: string) {
  const blocked = (yield* rows).flatMap(({ event }) =>
    event._tag === "AlertGated" && event.alertId === alertId && event.blocked !== undefined ? [`${event.blocked.outcome}: ${event.blocked.reason.rule}`] : [])
  return blocked[0] ?? (yield* outcomes(alertId))["paper-1"]
})

/** Orders that work at the venue itself. */
export const working = Effect.map(venueBooks(["paper-demo"]), (books) =>
  Array.from(books.get("paper-1")?.orders.values() ?? []).map(({ lots, ticket }) => `${ticket.side} ${lots} ${ticket.type}`).sort())

export const netOf = Effect.map(venueBooks(["paper-demo"]), (books) =>
  (books.get("paper-1")?.fills ?? []).reduce((sum, { lots, side }) => sum + (side === "buy" ? lots : -lots), 0))

/** A long of MNQ under its stop, and an entry on MES that rests. */
export const begun = Effect.gen(function*() {
  const held = yield* say("buy", { symbol: "MNQ1!" })
  const resting = yield* say("buy", limit)
  yield* pass(3)
  assert.deepStrictEqual([yield* ended(held), yield* ended(resting)], ["filled", undefined])
  assert.deepStrictEqual(yield* working, ["buy 2 limit", "sell 2 stop"])
  return resting
})

export const out = say("exit", { symbol: "MNQ1!" })
