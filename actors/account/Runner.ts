/** Positions that are run on: what this life sees of their market. The account is woken when a price is there at which its runner has something to do. */
import { Effect, FiberHandle, Stream } from "effect"
import { Clocks } from "#config/Clocks.ts"
import type { AlertId, InstrumentId } from "#schemas/Ids.ts"
import type { Quote } from "#schemas/Quote.ts"
import type { Book, Bracket } from "#src/lifecycle/Book.ts"
import * as Exposure from "#src/lifecycle/Exposure.ts"
import { type Facts, quoteAgeMsMax, type Seen } from "#src/lifecycle/Facts.ts"
import * as Plan from "#src/lifecycle/Plan.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"
import * as Bars from "#src/risk/runner/Bars.ts"
import * as Decide from "#src/risk/runner/Decide.ts"
import * as Levels from "#src/risk/runner/Levels.ts"

interface Followed extends Seen {
  readonly alertId: AlertId
  readonly isLong: boolean
  readonly barMs: number | undefined
  readonly barsMax: number
  readonly wakesAt: number | undefined
}

const followed = (bracket: Bracket, before: Followed | undefined, wakesAt: number | undefined, nowMs: number): Followed => {
  const trail = bracket.plan.runner?.settings.trail
  const bars = trail !== undefined && "bars" in trail ? { barMs: Bars.msOf(trail.timeframe), barsMax: trail.bars } : { barMs: undefined, barsMax: 0 }
  return before?.alertId === bracket.alertId && before.barMs === bars.barMs
    ? { ...before, ...bars, wakesAt }
    : { ...bars, wakesAt, alertId: bracket.alertId, isLong: bracket.isLong, sinceMs: nowMs, best: undefined, bars: Bars.none }
}

const heard = (one: Followed, { ask, atMs, bid }: Quote): Followed => ({
  ...one,
  best: Levels.better(one.isLong, one.best, one.isLong ? bid : ask),
  bars: one.barMs === undefined ? one.bars : Bars.add(one.bars, { ask, atMs, bid }, one.barMs, one.barsMax)
})

const isDue = (before: Followed, now: Followed, { ask, bid }: Quote): boolean =>
  (now.wakesAt !== undefined && Levels.gain(now.isLong, now.wakesAt, now.isLong ? bid : ask) >= 0) || now.bars.closed !== before.bars.closed

export const make = Effect.fnUntraced(function*(ring: Effect.Effect<void>) {
  const clocks = yield* Clocks
  const quotes = yield* QuoteBook
  const following = yield* FiberHandle.make()
  const all = new Map<InstrumentId, Followed>()
  let login = ""
  let isRung = false

  /** As the account itself looks at its market: its own login's word where that has one. */
  const hear = Effect.fnUntraced(function*(quote: Quote) {
    const before = all.get(quote.instrumentId)
    if (before === undefined || (yield* clocks.wallMs) - quote.atMs > quoteAgeMsMax) return
    const latest = yield* quotes.latest(quote.instrumentId, login)
    if (latest._tag === "Some" && latest.value.source !== quote.source) return
    const now = heard(before, quote)
    all.set(quote.instrumentId, now)
    if (isRung || !isDue(before, now, quote)) return
    isRung = true
    yield* ring
  })

  return {
    seen: (id: InstrumentId): Seen | undefined => all.get(id),
    /** The wall clock was stepped. */
    shift: (byMs: number) => {
      for (const [id, one] of all) all.set(id, { ...one, sinceMs: one.sinceMs + byMs })
    },
    /** After each commit. Who runs nothing hears nothing. */
    look: Effect.fnUntraced(function*(book: Book, facts: Facts) {
      isRung = false
      login = facts.account.login
      const before = all.size
      const run = new Set<InstrumentId>()
      for (const [id, bracket] of book.brackets) {
        if (bracket.closing !== undefined && bracket.closing.lots === undefined) continue
        const observed = Plan.runs(bracket, Exposure.of(book, bracket), facts)
        if (observed === undefined) continue
        run.add(id)
        all.set(id, followed(bracket, all.get(id), Decide.wakesAt(bracket.runner, observed.position, observed.sight), facts.nowMs))
      }
      for (const id of all.keys()) if (!run.has(id)) all.delete(id)
      if (all.size > 0 && before === 0) yield* FiberHandle.run(following, Stream.runForEach(quotes.changes, hear))
      if (all.size === 0 && before > 0) yield* FiberHandle.clear(following)
    })
  }
})
