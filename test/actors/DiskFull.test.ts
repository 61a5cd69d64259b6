import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { findings, venueBooks } from "#test/support/audit.ts"
import type { Overrides } from "#test/support/house.ts"
import { type Fate, journalWith } from "#test/support/journalFaults.ts"
import { begin, errorsKept, notesKept, silent, wideWorld } from "#test/support/lives.ts"
import { MarketScript } from "#test/support/market.ts"
import { lifeAt, outcomes, pass, post, rows } from "#test/support/runtime.ts"
import * as VenuesLive from "#src/layers/Venues.ts"

const managed = (more: { readonly [key: string]: boolean } = {}): Overrides => ({
  accounts: { "paper-2": null, "paper-3": null },
  venues: { "paper-demo": { paper: { nativeBrackets: false, ...more } } }
})

const kinds = [["managed", managed()], ["managed, without reduce-only or changes", managed({ reduceOnly: false, modify: false, oca: false })]] as const

it.effect.each(kinds)("a full disk: no alert is taken and nothing is opened, but a fill gets its stop; with room all is written once, %s", ([, overrides]) => {
  let isFull = false
  const notes = notesKept()
  const say = (fields: Readonly<Record<string, unknown>>) => post("futures", { symbol: "MES1!", strategy: "demo-futures", ...fields })
  const story = Effect.gen(function*() {
    yield* pass(1)
    const market = yield* MarketScript
    const resting = yield* say({ action: "buy", orderType: "limit", limitPrice: "6990.00" })
    yield* pass(2)
    const before = (yield* rows).length

    isFull = true
    const refused = yield* say({ action: "buy", symbol: "MNQ1!", id: "again" })
    assert.strictEqual(refused.status, 503)
    yield* market.set("MESZ26", 27_955, 27_956)
    yield* pass(4)
    assert.strictEqual((yield* rows).length, before)
    const venue = (yield* venueBooks(["paper-demo"])).get("paper-1")
    assert.deepStrictEqual(venue?.fills.map(({ lots, side }) => `${side} ${lots}`), ["buy 2"])
    const stops = Array.from(venue?.orders.values() ?? []).filter(({ ticket }) => ticket.type === "stop")
    assert.deepStrictEqual(stops.map(({ lots, ticket }) => `${ticket.side} ${lots}`), ["sell 2"])
    const stopIds = stops.map(({ ticket }) => ticket.id)
    const noted: ReadonlyArray<{ readonly account: string; readonly request: { readonly instrument?: { readonly tickSize: string } } }> = notes.texts.map((text) => JSON.parse(text))
    assert.isTrue(noted.every(({ account, request }) => account === "paper-1" && (request.instrument?.tickSize ?? "0.25") === "0.25"), notes.texts.join("\n"))
    assert.isTrue(stopIds.every((id) => notes.texts.filter((text) => text.includes(id)).length === 1), notes.texts.join("\n"))

    isFull = false
    const accepted = yield* say({ action: "buy", symbol: "MNQ1!", id: "again" })
    assert.strictEqual(accepted.status, 200)
    yield* pass(6)
    assert.deepStrictEqual(yield* outcomes("alertId" in resting.body ? resting.body.alertId : ""), { "paper-1": "filled" })
    assert.deepStrictEqual(yield* outcomes("alertId" in accepted.body ? accepted.body.alertId : ""), { "paper-1": "filled" })
    assert.deepStrictEqual(yield* findings(), [])

    const tags = (yield* rows).slice(before).flatMap(({ event, stream }) => stream === "account/paper-1" ? [event._tag] : [])
    const recovering = tags.indexOf("AccountRecovering")
    assert.isTrue(recovering > tags.indexOf("FillReceived"), tags.join())
    assert.isTrue(tags.indexOf("AccountReconciled") > recovering && tags.indexOf("EntryDecided") > tags.indexOf("AccountReconciled"), tags.join())
  })
  return Effect.andThen(begin, Effect.provide(story, Layer.provideMerge(
    lifeAt(overrides, Layer.merge(VenuesLive.layer, notes.layer)),
    Layer.provideMerge(journalWith(() => isFull ? "full" : "write"), silent)
  ))).pipe(Effect.provide(wideWorld))
})

it.effect.each(kinds)("an account that dies meanwhile finds its stop again at the venue, %s", ([, overrides]) => {
  let state: "room" | "full" | "dying" = "room"
  const errors = errorsKept()
  const fate = (stream: string): Fate => {
    if (state === "room") return "write"
    if (state === "full" || stream !== "account/paper-1") return "full"
    state = "full"
    return "die"
  }
  const story = Effect.gen(function*() {
    yield* pass(1)
    const market = yield* MarketScript
    yield* post("futures", { symbol: "MES1!", strategy: "demo-futures", action: "buy", orderType: "limit", limitPrice: "6990.00" })
    yield* pass(2)
    state = "full"
    yield* market.set("MESZ26", 27_955, 27_956)
    yield* pass(3)
    state = "dying"
    yield* pass(20)
    assert.strictEqual(errors.texts.filter((text) => text.includes("Defect in entity")).length, 1, errors.texts.join("; "))
    const venue = (yield* venueBooks(["paper-demo"])).get("paper-1")
    assert.deepStrictEqual(venue?.fills.map(({ lots, side }) => `${side} ${lots}`), ["buy 2"])
    assert.deepStrictEqual(Array.from(venue?.orders.values() ?? []).flatMap(({ lots, ticket }) => ticket.type === "stop" ? [`${ticket.side} ${lots}`] : []), ["sell 2"])
    state = "room"
    yield* pass(10)
    assert.deepStrictEqual(yield* findings(), [])
  })
  return Effect.andThen(begin, Effect.provide(story, Layer.provideMerge(
    lifeAt<never>(overrides, VenuesLive.layer),
    Layer.provideMerge(journalWith(fate), errors.layer)
  ))).pipe(Effect.provide(wideWorld))
})
