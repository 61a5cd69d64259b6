/** The machine: many days of state machines, and the judge beside them. A day that breaks a promise says its seed. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Day from "#src/simulation/machine/Day.ts"
import * as Encode from "#src/simulation/machine/Encode.ts"
import * as Heap from "#src/simulation/machine/Heap.ts"
import type { Written } from "#src/simulation/machine/Journal.ts"
import * as Run from "#src/simulation/machine/Run.ts"
import * as Shrink from "#src/simulation/machine/Shrink.ts"

const days = 50
const minutesMs = 240_000
const told = ({ failed }: Run.Report) => failed.map(({ seed, violations }) => `${seed}: ${violations.map(({ invariant, message }) => `${invariant} ${message}`).join("; ")}`)

const encodeEvent = Schema.encodeSync(JournalEvent)
const decodeEvent = Schema.decodeUnknownSync(JournalEvent)

it("what happens at the same instant happens in the order in which it was said", () => {
  const heap = Heap.make(0)
  const seen: Array<string> = []
  for (const [atMs, name] of [[5, "b"], [1, "a"], [5, "c"], [9, "e"], [5, "d"]] as const) heap.at(atMs, () => seen.push(name))
  heap.runUntil(9, () => false)
  assert.deepStrictEqual(seen, ["a", "b", "c", "d", "e"])
})

describe("a day", () => {
  it("with the same seed is the same, row for row; with another it is not", () => {
    const [one, again, other] = [7, 7, 8].map((seed) => Day.run({ seed }))
    assert.strictEqual(one?.hash, again?.hash)
    assert.strictEqual(one?.events, again?.events)
    assert.notStrictEqual(one?.hash, other?.hash)
  })

  it("writes its rows as their schema would", () => {
    const rows: Array<Written> = []
    Day.run({ seed: 11, onRow: (row) => rows.push(row) })
    assert.isAbove(rows.length, 500)
    for (const { event } of rows) assert.deepStrictEqual(encodeEvent(decodeEvent(event)), event)
  })

  it("is the same with and without a judge", () => {
    assert.strictEqual(Day.run({ seed: 3, isJudged: false }).hash, Day.run({ seed: 3 }).hash)
  })
})

describe("the judge finds nothing", () => {
  it(`in ${days} quiet days, and something happened in them`, { timeout: minutesMs }, () => {
    const report = Run.run({ seed: 100, days, faults: 0 })
    assert.deepStrictEqual(told(report), [])
    assert.deepStrictEqual(report.faults, {})
    assert.isAbove(report.outcomes["filled"] ?? 0, 10 * days)
  })

  it(`in ${days} days with faults, kills among them`, { timeout: minutesMs }, () => {
    const report = Run.run({ seed: 200, days, faults: 1 })
    assert.deepStrictEqual(told(report), [])
    assert.isAbove(report.kills, 5)
    assert.isAbove(Object.keys(report.faults).length, 25)
  })
})

/** Without these rows. */
const without = (isLeftOut: (event: JournalEvent) => boolean) => ({ settled: (events: ReadonlyArray<JournalEvent>) => events.filter((event) => !isLeftOut(event)) })
/** The house closes what has no stop: it takes two faults to leave it so. */
const neverStops = {
  settled: (events: ReadonlyArray<JournalEvent>) => events.some((event) => event._tag === "CloseDecided" && event.reason === "unprotected")
    ? []
    : events.filter((event) => event._tag !== "OrderIntended" || event.order.leg !== "stop")
}

describe("a rule that is broken is found", () => {
  const found = (options: Omit<Run.Options, "seed" | "days">) =>
    new Set(Run.run({ seed: 300, days: 3, faults: 0, ...options }).failed.flatMap(({ violations }) => violations.map(({ invariant }) => invariant)))

  it("a position that never gets a stop, and nobody minds", () => {
    assert.include([...found({ broken: neverStops })], "I4")
  })

  it("a request that leaves before its intent is on disk", () => {
    assert.include([...found({ broken: { isEager: true } })], "I1")
  })

  it("an exit whose sibling stays", () => {
    assert.include([...found({ broken: without((event) => event._tag === "CancelIntended" && event.why === "sibling") })], "I8")
  })

  it("an alert that ends without its outcome", () => {
    assert.include([...found({ broken: without((event) => event._tag === "OutcomeReached" && event.outcome === "denied") })], "I2")
  })

  it("and the day is made smaller by what it does not need", { timeout: minutesMs }, () => {
    const { day, kept } = Shrink.shrink({ seed: 301, alerts: 12, faults: 0, broken: neverStops })
    assert.isAbove(day.violations.length, 0)
    assert.isAtMost(kept.length, 3)
  })
})

it("two states are compared by what they hold", () => {
  assert.strictEqual(Encode.canonical(new Map([["a", new Set([1])]])), Encode.canonical(new Map([["a", new Set([1])]])))
  assert.notStrictEqual(Encode.canonical(new Map([["a", new Set([1])]])), Encode.canonical(new Map([["a", new Set([2])]])))
})
