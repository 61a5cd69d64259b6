/** A process that dies while its disk is full: what was staged is gone, what reduces risk left on notes alone. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer } from "effect"
import { findings, venueBooks } from "#test/support/audit.ts"
import { folder } from "#test/support/folder.ts"
import type { Overrides } from "#test/support/house.ts"
import { installationId } from "#test/support/journal.ts"
import type { Death } from "#test/support/journalFaults.ts"
import { begin, lifeThatDies, silent } from "#test/support/lives.ts"
import { lifeAt, pass, post, rows, world } from "#test/support/runtime.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import * as SqliteJournal from "#src/stores/SqliteJournal.ts"

const one: Overrides = { accounts: { "paper-2": null, "paper-3": null } }
const managed: Overrides = { ...one, venues: { "paper-demo": { paper: { nativeBrackets: false } } } }
const bare: Overrides = { ...one, venues: { "paper-demo": { paper: { nativeBrackets: false, reduceOnly: false, oca: false, modify: false } } } }
const kinds = [["native", one], ["managed", managed], ["bare", bare]] as const

const journalAt = (path: string, nth: number) => {
  let commits = 0
  const layer = Layer.orDie(SqliteJournal.layer({
    path,
    installationId: () => installationId,
    freeBytes: () => undefined,
    onFatal: Effect.die,
    beforeStep: (step) => {
      if (step !== "commit") return
      commits += 1
      if (commits >= nth) throw Object.assign(new Error("injected"), { code: "ERR_SQLITE_ERROR", errcode: 13 })
    }
  }))
  return { layer, commits: () => commits }
}

const say = (action: "buy" | "exit") => post("futures", { action, symbol: "MES1!", strategy: "demo-futures", id: `the-${action}` })

/** An exit that left on a note alone is in no journal; the position is compared all the same. */
const isOfNotes = (text: string) => text.includes("not intended") || text.includes("our fills")

const survives = (overrides: Overrides, nth: number, steps: number) => Effect.gen(function*() {
  const path = `${yield* folder}/journal.sqlite`
  const first = journalAt(path, nth)
  const buried = Deferred.makeUnsafe<never>()
  const death: Death = { isDead: () => false, die: () => undefined, bury: Effect.asVoid(Deferred.die(buried, "dead")), appends: () => 0, journal: first.layer }
  const lives = lifeAt<never>(overrides, VenuesLive.layer)
  const taken: Array<string> = []
  yield* begin
  yield* lifeThatDies(lives, death, Effect.gen(function*() {
    yield* Effect.sleep("1 second")
    for (const action of ["buy", "exit"] as const) {
      const { body, status } = yield* say(action)
      if (status === 200 && "alertId" in body) taken.push(body.alertId)
      yield* Effect.sleep("1 second")
    }
  }), { stepMs: 10, steps })
  yield* Effect.andThen(pass(1), Effect.gen(function*() {
    const accepted = (yield* rows).flatMap(({ event }) => event._tag === "AlertAccepted" ? [event.alertId as string] : [])
    assert.deepStrictEqual(taken.filter((id) => !accepted.includes(id)), [])
    yield* pass(20)
    for (const action of ["buy", "exit"] as const) {
      yield* say(action)
      yield* pass(4)
    }
    const venue = (yield* venueBooks(["paper-demo"])).get("paper-1")
    assert.deepStrictEqual([venue?.fills.map(({ lots, side }) => `${side} ${lots}`), venue?.orders.size], [["buy 2", "sell 2"], 0])
    assert.deepStrictEqual((yield* findings()).filter((text) => !isOfNotes(text)), [])
  })).pipe(Effect.provide(Layer.provideMerge(lives, Layer.merge(silent, journalAt(path, Infinity).layer))))
  return first.commits()
}).pipe(Effect.scoped, Effect.provide(world))

/** Which of many failed. */
const naming = <A, E, R>(name: string, one: Effect.Effect<A, E, R>) =>
  Effect.catchDefect(one, (defect) => Effect.die(new Error(`${name}: ${String(defect)}`, { cause: defect })))

describe("a process that dies while its disk is full, from any commit on", () => {
  it.effect.each(kinds)("%s", ([, overrides]) => Effect.gen(function*() {
    const commits = yield* survives(overrides, Infinity, 400)
    for (let nth = 1; nth <= commits; nth++) {
      for (const steps of [120, 150, 202, 240, 330]) yield* naming(`full at commit ${nth} of ${commits}, died at ${steps}`, survives(overrides, nth, steps))
    }
  }), 120_000)
})
