import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Clocks } from "#config/Clocks.ts"
import { HouseConfig } from "#config/House.ts"
import type { StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import { AlertId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import { type GatedSignal, SenderPosition } from "#schemas/Signal.ts"
import { inMemory } from "#src/layers/Hosting.ts"
import { Journal, JournalUnavailable } from "#src/ports/Journal.ts"
import { type GuardAnswer, StrategyGuard } from "#actors/strategy-guard/Protocol.ts"
import { layer as guardLayer } from "#actors/strategy-guard/StrategyGuard.ts"
import { journalInMemory } from "#test/support/journal.ts"
import { lane, signal, strategy } from "#test/src/gates/alerts.ts"
import { catalogue, calendars, instrument, utc } from "#test/src/symbols/catalogue.ts"

const stream = "strategy-guard/breakout"
const startMs = utc("2026-01-15T15:00Z")
const position = Schema.decodeUnknownSync(SenderPosition)

const configured = (change: Partial<StrategyConfig>) => HouseConfig.layerOf({
  hash: "h", body: {},
  lanes: new Map([[lane.id, lane]]),
  strategies: new Map([[strategy.id, { ...strategy, ...change }]]),
  accounts: new Map(),
  logins: new Map(),
  instruments: catalogue,
  calendars
})

/** One life of the process: what is inside is forgotten with it, the journal outside is not. */
const life = (change: Partial<StrategyConfig>) =>
  guardLayer.pipe(Layer.provide([configured(change), Clocks.layerVirtual]), Layer.provideMerge(inMemory), Layer.provideMerge(Logger.layer([])))

const gated = (id: string, change: Record<string, unknown> = {}, sender?: SenderPosition): GatedSignal => ({
  _tag: "GatedSignal",
  alertId: AlertId.make(id),
  seq: 1,
  receivedAtMs: startMs,
  signal: { ...signal(change), ...(sender === undefined ? {} : { position: sender }) },
  instrument: instrument("MES1!"),
  verdicts: [],
  configHash: "h"
})

const shown = (answer: GuardAnswer): string =>
  answer._tag === "Blocked" ? `Blocked ${answer.reason.rule}` : answer._tag === "Approved" ? ["Approved", ...answer.notes.map(({ rule }) => rule)].join(" ") : "Unconfirmed"

const guard = Effect.gen(function*() {
  yield* TestClock.adjust("100 millis") // the runner takes its shards
  const self = (yield* StrategyGuard.client)(strategy.id)
  return {
    ask: (id: string, change?: Record<string, unknown>, sender?: SenderPosition) =>
      Effect.map(self.Consider({ gated: gated(id, change, sender) }), shown),
    settle: (id: string, sent: boolean) => self.Settle({ alertId: AlertId.make(id), sent }),
    wake: self.Wake()
  }
})

const written = Effect.gen(function*() {
  const rows = yield* (yield* Journal).readStream(stream, 0)
  return rows.map(({ event }) => event._tag)
})

/** The clock is set before the house is built: it would run through every timer since 1970. */
const started = TestClock.setTime(startMs)
const living = (change: Partial<StrategyConfig>) => <A, E, R>(story: Effect.Effect<A, E, R>) =>
  Effect.andThen(started, Effect.provide(story, life(change)))
const cap = (max: number): Partial<StrategyConfig> => ({ fires: { ...strategy.fires, max } })

describe("fires", () => {
  it.effect("are counted once per alert, reducing ones not, and asked again give the same answer", () =>
    Effect.gen(function*() {
      const { ask } = yield* guard
      assert.strictEqual(yield* ask("a"), "Approved")
      assert.strictEqual(yield* ask("a"), "Approved")
      assert.strictEqual(yield* ask("x", { action: "exit" }), "Approved")
      assert.strictEqual(yield* ask("b", { action: "sell" }), "Approved")
      assert.strictEqual(yield* ask("c"), "Blocked fires")
      assert.strictEqual(yield* ask("c"), "Blocked fires")
      assert.strictEqual(yield* ask("y", { action: "flatten" }), "Approved")
      assert.deepStrictEqual(yield* written, ["GuardApproved", "GuardApproved", "GuardApproved", "GuardBlocked", "GuardApproved"])
    }).pipe(living(cap(2)), Effect.provide(journalInMemory)))

  it.effect("are still counted after a restart, unsettled and settled ones", () =>
    Effect.gen(function*() {
      yield* Effect.gen(function*() {
        const { ask, settle } = yield* guard
        assert.strictEqual(yield* ask("a"), "Approved")
        assert.strictEqual(yield* ask("b"), "Approved")
        assert.isTrue(yield* settle("a", true))
      }).pipe(living(cap(2)))
      yield* Effect.gen(function*() {
        const { ask } = yield* guard
        assert.strictEqual(yield* ask("b"), "Approved")
        assert.strictEqual(yield* ask("c"), "Blocked fires")
      }).pipe(living(cap(2)))
    }).pipe(Effect.provide(journalInMemory)))

  it.effect("begin anew with the trading day", () =>
    Effect.gen(function*() {
      const { ask, settle } = yield* guard
      assert.strictEqual(yield* ask("a"), "Approved")
      yield* settle("a", true)
      yield* TestClock.setTime(utc("2026-01-15T22:59:59Z"))
      assert.strictEqual(yield* ask("b"), "Blocked fires")
      yield* TestClock.setTime(utc("2026-01-15T23:00:00Z"))
      assert.strictEqual(yield* ask("c"), "Approved")
      assert.strictEqual(yield* ask("d"), "Blocked fires")
    }).pipe(living(cap(1)), Effect.provide(journalInMemory)))

  it.effect("are given back when nothing was sent, once, also over a restart", () =>
    Effect.gen(function*() {
      yield* Effect.gen(function*() {
        const { ask, settle } = yield* guard
        assert.strictEqual(yield* ask("a"), "Approved")
        assert.isTrue(yield* settle("a", false))
        assert.isTrue(yield* settle("a", false))
        assert.isTrue(yield* settle("never-seen", false))
      }).pipe(living(cap(1)))
      assert.deepStrictEqual(yield* written, ["GuardApproved", "FireRefunded", "GuardSettled"])
      yield* Effect.gen(function*() {
        const { ask, settle } = yield* guard
        assert.strictEqual(yield* ask("b"), "Approved")
        yield* settle("b", true)
        assert.strictEqual(yield* ask("c"), "Blocked fires")
        yield* settle("c", false)
        assert.strictEqual(yield* ask("d"), "Blocked fires")
      }).pipe(living(cap(1)))
    }).pipe(Effect.provide(journalInMemory)))
})

describe("cool-down", () => {
  it.effect("holds entries back, not exits, and a refund ends it", () =>
    Effect.gen(function*() {
      const { ask, settle } = yield* guard
      assert.strictEqual(yield* ask("a"), "Approved")
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(yield* ask("b"), "Blocked coolDown")
      assert.strictEqual(yield* ask("x", { action: "exit" }), "Approved")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* ask("c"), "Approved")
      assert.strictEqual(yield* ask("d"), "Blocked coolDown")
      yield* settle("c", false)
      assert.strictEqual(yield* ask("e"), "Approved")
      yield* settle("e", true)
      assert.strictEqual(yield* ask("f"), "Blocked coolDown")
    }).pipe(living({ coolDownMs: 60_000 }), Effect.provide(journalInMemory)))
})

describe("session", () => {
  it.effect("blocks entries outside, never exits", () =>
    Effect.gen(function*() {
      const { ask } = yield* guard
      assert.strictEqual(yield* ask("a"), "Approved")
      yield* TestClock.setTime(utc("2026-01-15T21:00Z"))
      assert.strictEqual(yield* ask("b"), "Blocked session")
      assert.strictEqual(yield* ask("r", { action: "reverse" }), "Blocked session")
      assert.strictEqual(yield* ask("u", { action: "update" }), "Approved")
    }).pipe(
      living({ session: { zone: "America/New_York", windows: [{ days: ["thu"], from: "09:30", to: "16:00" }] } }),
      Effect.provide(journalInMemory)
    ))
})

describe("expectation", () => {
  const after = (now: "long" | "flat" | "short", previous?: "long" | "flat" | "short") => position({ now, ...(previous === undefined ? {} : { previous }) })
  const story = Effect.gen(function*() {
    const { ask } = yield* guard
    return [
      yield* ask("a", {}, after("long", "flat")),
      yield* ask("b", { action: "exit" }, after("flat", "long")),
      yield* ask("c", {}, after("long", "flat")),
      yield* ask("d", { action: "sell" }, after("short", "flat")), // the exit between was lost
      yield* ask("e", { action: "exit" }, after("flat", "long")), // and another
      yield* ask("f", {}, after("long", "flat"))
    ]
  })

  it.effect.each([
    ["ignore", ["Approved", "Approved", "Approved", "Approved", "Approved", "Approved"]],
    ["flag", ["Approved", "Approved", "Approved", "Approved expectation", "Approved expectation", "Approved"]],
    ["hold", ["Approved", "Approved", "Approved", "Blocked expectation", "Approved expectation", "Approved"]]
  ] as const)("%s", ([expectation, expected]) =>
    story.pipe(
      Effect.tap((answers) => Effect.sync(() => assert.deepStrictEqual<ReadonlyArray<string>>(answers, expected))),
      living({ expectation }),
      Effect.provide(journalInMemory)
    ))
})

/** A journal whose `stage` may be told to misbehave. */
const brokenJournal = (failure: () => "none" | "defect" | "full") =>
  Layer.effect(Journal, Effect.map(Journal, (journal) => Journal.of({
    ...journal,
    stage: (name, expected, events: ReadonlyArray<JournalEvent>) => {
      const kind = events.some(({ _tag }) => _tag === "GuardApproved") ? failure() : "none"
      if (kind === "defect") return Effect.die("boom")
      return kind === "full" ? Effect.fail(new JournalUnavailable({ reason: "diskFull" })) : journal.stage(name, expected, events)
    }
  }))).pipe(Layer.provideMerge(journalInMemory))

describe("when things break", () => {
  it.effect("a defect answers its caller, the guard recalls and goes on", () => {
    let failure: "none" | "defect" = "none"
    return Effect.gen(function*() {
      const { ask } = yield* guard
      assert.strictEqual(yield* ask("a"), "Approved")
      failure = "defect"
      assert.strictEqual(yield* ask("b"), "Unconfirmed")
      failure = "none"
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(yield* ask("b"), "Approved")
      assert.strictEqual(yield* ask("c"), "Blocked fires")
      assert.deepStrictEqual(yield* written, ["GuardApproved", "Restarted", "GuardApproved", "GuardBlocked"])
    }).pipe(living(cap(2)), Effect.provide(brokenJournal(() => failure)))
  })

  it.effect("past the restart limit entries wait, exits pass, and it clears by itself", () => {
    let failure: "none" | "defect" = "defect"
    return Effect.gen(function*() {
      const { ask } = yield* guard
      for (const id of ["a", "b", "c", "d"]) {
        assert.strictEqual(yield* ask(id), "Unconfirmed")
        yield* TestClock.adjust("5 seconds")
      }
      failure = "none"
      yield* TestClock.adjust("1 minute")
      assert.include(yield* written, "ReduceOnly")
      assert.strictEqual(yield* ask("e"), "Blocked guardReduceOnly")
      assert.strictEqual(yield* ask("x", { action: "exit" }), "Approved")
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(yield* ask("f"), "Approved")
    }).pipe(living({}), Effect.provide(brokenJournal(() => failure)))
  })

  it.effect("a full disk lets exits pass and no entry", () =>
    Effect.gen(function*() {
      const { ask } = yield* guard
      assert.strictEqual(yield* ask("a"), "Unconfirmed")
      assert.strictEqual(yield* ask("x", { action: "exit" }), "Approved")
      assert.deepStrictEqual(yield* written, [])
    }).pipe(living({}), Effect.provide(brokenJournal(() => "full"))))

  it.effect("a strategy that a reload took away opens nothing", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("100 millis")
      const other = (yield* StrategyGuard.client)("elsewhere")
      assert.strictEqual(shown(yield* other.Consider({ gated: gated("a") })), "Blocked disabledStrategy")
      assert.strictEqual(shown(yield* other.Consider({ gated: gated("x", { action: "flatten" }) })), "Approved")
    }).pipe(living({}), Effect.provide(journalInMemory)))
})
