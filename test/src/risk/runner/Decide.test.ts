import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Effect, Schema } from "effect"
import { RunnerConfig } from "#schemas/config/RunnerConfig.ts"
import { Ticks } from "#schemas/Instrument.ts"
import * as Bars from "#src/risk/runner/Bars.ts"
import * as Decide from "#src/risk/runner/Decide.ts"
import * as Levels from "#src/risk/runner/Levels.ts"
import * as State from "#src/risk/runner/State.ts"
import { instrument } from "#test/src/symbols/catalogue.ts"

const config = Schema.decodeUnknownSync(RunnerConfig)
const ticks = (n: number) => Ticks.make(n)
const entry = 28_000

const settings = {
  even: { breakEven: { afterTicks: 20, offsetTicks: 2 } },
  trail: { trail: { ticks: 15, stepTicks: 4 } },
  both: { breakEven: { afterTicks: 20, offsetTicks: 2 }, trail: { ticks: 15, stepTicks: 4 } },
  whole: { firstTarget: { ticks: 20, portion: "0.5" }, breakEven: { atFirstTarget: true, offsetTicks: 2 }, trail: { ticks: 15, stepTicks: 4 } },
  bars: { trail: { bars: 2, timeframe: "1m" } },
  time: { timeStop: { minutes: 30 } }
} as const
type Kind = keyof typeof settings

/** One position and its market. `to` is a price by what it wins: the same table serves long and short. */
const runner = (kind: Kind, isLong: boolean, { held = 2, isTargetWatched = false, stop = -40 } = {}) => {
  const at = (won: number) => ticks(isLong ? entry + won : entry - won)
  const won = (price: number | undefined) => price === undefined ? undefined : isLong ? price - entry : entry - price
  let state: State.State | undefined
  let nowMs = 1_199_999 // a minute begins with the next millisecond
  let touch: number | undefined = 0
  let heardAtMs = nowMs
  let bars = Bars.none
  let position: Decide.Position = {
    settings: config(settings[kind]), isLong, even: ticks(entry), opened: held, held, targetFilled: 0, stop: at(stop),
    target: kind === "whole" ? at(20) : undefined, isTargetWatched, isSettled: true, isMarketOpen: true
  }
  const sight = (): Decide.Sight => ({ nowMs, touch: touch === undefined ? undefined : at(touch), heardAtMs, best: undefined, bars })
  /** As the account does: all steps, then a move; the venue obeys at once. */
  const look = (): ReadonlyArray<string> => {
    const told: Array<string> = []
    for (let n = 0; n < 20; n++) {
      const step = Decide.step(state, position, sight())
      if (step === undefined) break
      state = State.evolve(state, step)
      told.push(step.stop === undefined ? step.step : `${step.step} ${won(step.stop)}`)
    }
    assert.isBelow(told.length, 20, "it comes to rest")
    const move = Decide.move(state, position, sight())
    if (move === undefined) return told
    assert.isAbove(won(move) ?? 0, won(position.stop) ?? 0, "never toward more risk")
    assert.isBelow(won(move) ?? 0, touch ?? -Infinity, "never to the market or past it")
    state = State.moved(state, { stop: move, runnerAtMs: nowMs }, { before: position.stop, isByHand: false, isLong })
    position = { ...position, stop: move }
    return [...told, `stop ${won(move)}`]
  }
  return {
    look,
    state: () => state,
    stop: () => won(position.stop),
    sees: (price: number | undefined, afterMs = 2_000) => {
      nowMs += afterMs
      touch = price
      if (price !== undefined) heardAtMs = nowMs
      return look()
    },
    minute: (...prices: ReadonlyArray<number>) => prices.flatMap((price) => {
      nowMs += 60_000 / prices.length
      touch = price
      heardAtMs = nowMs
      bars = Bars.add(bars, { atMs: nowMs, bid: at(price), ask: at(price) }, 60_000, 2)
      return look()
    }),
    is: (change: Partial<Decide.Position>) => {
      position = { ...position, ...change }
    },
    /** The venue would not have it: the plan goes back. */
    undo: (back: number) => {
      state = State.moved(state, { stop: at(back) }, { before: position.stop, isByHand: false, isLong })
      position = { ...position, stop: at(back) }
    },
    byHand: (move: State.Moved) => {
      state = State.moved(state, move, { before: position.stop, isByHand: true, isLong })
      position = { ...position, stop: move.stop ?? position.stop }
    },
    at,
    isTimeUp: () => Decide.isTimeUp(state, position, sight()),
    wakesAt: () => won(Decide.wakesAt(state, position, sight())),
    looksInMs: () => Decide.looksAtMs(state, position, sight()).filter((atMs) => atMs > nowMs && Number.isFinite(atMs)).map((atMs) => atMs - nowMs),
    lots: () => Decide.targetLots(state, position)
  }
}

for (const isLong of [true, false]) {
  describe(isLong ? "long" : "short", () => {
    it("goes to break-even once, so many ticks ahead", () => {
      const run = runner("even", isLong)
      assert.deepStrictEqual(run.look(), ["started"])
      assert.strictEqual(run.wakesAt(), 20)
      assert.deepStrictEqual(run.sees(19), [])
      assert.deepStrictEqual(run.sees(20), ["breakEven 2", "stop 2"])
      assert.deepStrictEqual([run.sees(60), run.sees(3), run.wakesAt()], [[], [], undefined])
    })

    it("does not move a stop that is better already", () => {
      const run = runner("even", isLong, { stop: 5 })
      run.look()
      assert.deepStrictEqual(run.sees(30), ["breakEven 2"])
      assert.strictEqual(run.stop(), 5)
    })

    it("trails in steps behind the best price, and stays when the market comes back", () => {
      const run = runner("trail", isLong)
      assert.deepStrictEqual(run.look(), ["started", "trailed -15", "stop -15"])
      assert.strictEqual(run.wakesAt(), 4)
      assert.deepStrictEqual(run.sees(3), [])
      assert.deepStrictEqual(run.sees(4), ["trailed -11", "stop -11"])
      assert.deepStrictEqual([run.sees(-5), run.sees(7)], [[], []])
      assert.deepStrictEqual(run.sees(50), ["trailed 35", "stop 35"])
    })

    it("at most one move a second: the last price of many counts", () => {
      const run = runner("trail", isLong)
      run.look()
      assert.deepStrictEqual(run.sees(10, 100), ["trailed -5"])
      assert.deepStrictEqual(run.sees(20, 100), ["trailed 5"])
      assert.deepStrictEqual(run.looksInMs().toSorted((a, b) => a - b)[0], 800)
      assert.deepStrictEqual(run.sees(20, 800), ["stop 5"])
    })

    it("never to the market or past it: there it waits until the market is back", () => {
      const run = runner("even", isLong)
      run.look()
      run.is({ isSettled: false })
      assert.deepStrictEqual(run.sees(20), ["breakEven 2"])
      run.is({ isSettled: true })
      assert.deepStrictEqual([run.sees(2), run.sees(-10)], [[], []])
      assert.strictEqual(run.wakesAt(), 3)
      assert.deepStrictEqual(run.sees(3), ["stop 2"])
    })

    it("nothing moves without a fresh quote, it is told after a minute, and told when it sees again", () => {
      const run = runner("trail", isLong)
      run.look()
      assert.deepStrictEqual(run.sees(undefined, 59_000), [])
      assert.deepStrictEqual(run.sees(undefined, 1_000), ["blind"])
      assert.deepStrictEqual(run.sees(undefined, 600_000), [])
      assert.deepStrictEqual(run.sees(40), ["trailed 25", "sees", "stop 25"])
    })

    it("a closed market is no blindness", () => {
      const run = runner("trail", isLong)
      run.look()
      run.is({ isMarketOpen: false })
      assert.deepStrictEqual(run.sees(undefined, 600_000), [])
    })

    it("a change under way is waited for; a refused one is tried again later each time", () => {
      const run = runner("even", isLong)
      run.look()
      assert.deepStrictEqual(run.sees(20), ["breakEven 2", "stop 2"])
      run.undo(-40)
      assert.deepStrictEqual(run.sees(20, 9_999), [])
      assert.deepStrictEqual(run.sees(20, 1), ["stop 2"])
      run.undo(-40)
      assert.deepStrictEqual(run.sees(20, 19_999), [])
      assert.deepStrictEqual(run.sees(20, 1), ["stop 2"])
      for (let n = 0; n < 20; n++) { run.undo(-40); run.sees(20, 300_000) }
      assert.strictEqual(run.stop(), 2)
    })

    it("what a person moved is let go: nothing moves it back, and no time ends it", () => {
      const run = runner("both", isLong)
      run.look()
      run.byHand({ stop: run.at(-60) })
      assert.deepStrictEqual(run.sees(0), ["letGo"])
      assert.deepStrictEqual([run.sees(40), run.sees(90), run.wakesAt(), run.stop()], [[], [], undefined, -60])
    })

    it("the first target: its part by fills, then break-even, then the trail", () => {
      const run = runner("whole", isLong, { held: 5 })
      run.look()
      assert.strictEqual(run.lots(), 2)
      assert.deepStrictEqual(run.sees(30), [], "no order has filled yet")
      run.is({ targetFilled: 1, held: 4 })
      assert.deepStrictEqual([run.look(), run.lots()], [[], 1])
      run.is({ targetFilled: 2, held: 3 })
      assert.deepStrictEqual(run.look(), ["firstTarget", "breakEven 2", "trailed 15", "stop 15"])
      assert.strictEqual(run.lots(), 3)
    })

    it("the first target of one lot closes nothing; its price counts", () => {
      const run = runner("whole", isLong, { held: 1 })
      run.look()
      assert.deepStrictEqual([run.lots(), run.wakesAt()], [0, 20])
      assert.deepStrictEqual(run.sees(20), ["firstTarget", "breakEven 2", "stop 2"])
      assert.strictEqual(run.lots(), 1)
    })

    it("an addition has a first target of its own, of all lots less what was closed", () => {
      const run = runner("whole", isLong, { held: 4, isTargetWatched: true })
      run.look()
      run.sees(20)
      const before = run.state()
      assert.strictEqual(before?.takenLots, 2)
      const state = State.added(before)
      assert.strictEqual(Decide.targetLots(state, { settings: config(settings.whole), opened: 8, held: 6, targetFilled: 0 }), 2)
      assert.deepStrictEqual([state?.isTargetReached, state?.isEven, state?.stop], [false, false, before?.stop])
    })

    it("trails one tick beyond the extreme of the last whole bars", () => {
      const run = runner("bars", isLong)
      run.look()
      assert.deepStrictEqual(run.minute(5, 3, 8), [], "it was not seen from its beginning")
      assert.deepStrictEqual(run.minute(9, 6, 12), [])
      assert.deepStrictEqual(run.minute(14, 11, 20), [])
      assert.deepStrictEqual(run.minute(21, 18, 25), ["trailed 5", "stop 5"])
      assert.deepStrictEqual(run.minute(10), ["trailed 10"], "not to the market")
      assert.deepStrictEqual(run.minute(15), ["stop 10"])
    })

    it("its time is up so many minutes after it took over", () => {
      const run = runner("time", isLong)
      run.look()
      run.sees(0, 30 * 60_000 - 1)
      assert.isFalse(run.isTimeUp())
      assert.deepStrictEqual(run.looksInMs(), [1])
      run.sees(0, 1)
      assert.isTrue(run.isTimeUp())
    })

    it.effect.prop("on any path, with any refusal, the stop only comes closer and never reaches the market", {
      kind: Schema.Literals(["even", "trail", "both", "whole"]),
      path: Schema.Array(Schema.Struct({ by: Schema.Int.check(Schema.isBetween({ minimum: -30, maximum: 30 })), ms: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20_000 })), what: Schema.Literals(["sees", "sees", "blind", "undone", "busy"]) }))
    }, ({ kind, path }) => Effect.sync(() => {
      const run = runner(kind, isLong, { held: 1 })
      run.look()
      let price = 0
      for (const { by, ms, what } of path) {
        const before = run.stop() ?? 0
        price += by
        if ((run.stop() ?? 0) >= price) return // it was stopped out
        run.is({ isSettled: what !== "busy" })
        run.sees(what === "blind" ? undefined : price, ms)
        assert.isAtLeast(run.stop() ?? 0, before)
        if (what === "undone" && run.stop() !== before) run.undo(before)
      }
    }))
  })
}

describe("lots", () => {
  it("of a portion are whole ones, rounded down, and never all", () => {
    const of = (portion: string, opened: number) => Levels.firstLots(config({ firstTarget: { ticks: 1, portion } }), opened)
    assert.deepStrictEqual([1, 2, 3, 4, 5].map((opened) => of("0.5", opened)), [0, 1, 1, 2, 2])
    assert.deepStrictEqual([1, 2, 3, 10].map((opened) => of("0.33", opened)), [0, 0, 0, 3])
    assert.deepStrictEqual([1, 2, 3, 10].map((opened) => of("0.999", opened)), [0, 1, 2, 9])
    assert.deepStrictEqual(of("0.1", 30), 3, "exact: no binary floats")
    for (const portion of ["0", "1", "1.5", "-0.5"]) assert.throws(() => config({ firstTarget: { ticks: 1, portion } }))
  })

  it("break-even is the average entry, rounded against us", () => {
    const mes = instrument("MES1!")
    const average = BigDecimal.fromStringUnsafe("7000.1")
    assert.deepStrictEqual([Levels.even(mes, true, average), Levels.even(mes, false, average)], [28_000, 28_001])
  })
})

describe("the plan of an entry", () => {
  const plan = (runnerOf: unknown, target?: number, before?: Parameters<typeof Levels.planned>[4]) => Levels.planned(
    { mode: "managed", stop: ticks(entry - 40), ...(target === undefined ? {} : { target: ticks(target) }) }, config(runnerOf), true, ticks(entry), before
  )

  it("has the first target as its target, the other for what is left", () => {
    const { runner: of, target } = plan(settings.whole, entry + 60)
    assert.deepStrictEqual([target, of?.lastTarget], [entry + 20, entry + 60])
    assert.deepStrictEqual(plan(settings.whole).runner?.lastTarget, undefined)
    assert.deepStrictEqual(plan(settings.whole, undefined, plan(settings.whole, entry + 60)).runner?.lastTarget, entry + 60)
  })

  it("has no first target at or beyond its own target, and no runner where protection is kept elsewhere", () => {
    for (const target of [entry + 20, entry + 10]) assert.deepStrictEqual([plan(settings.whole, target).target, plan(settings.whole, target).runner?.settings.firstTarget], [target, undefined])
    assert.deepStrictEqual(Levels.planned({ mode: "external" }, config(settings.whole), true, ticks(entry), undefined), { mode: "external" })
  })
})
