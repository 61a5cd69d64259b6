/** Bars of the simulated market, made by asking it at even steps. */
import { Effect, Option } from "effect"
import type { InstrumentId } from "#schemas/Ids.ts"
import type { Bar } from "#schemas/Quote.ts"
import type { Price } from "#src/ports/Market.ts"

/** Of a longer span the latest are given. */
export const barsMax = 5_000
const samplesPerBar = 12
export const barMsMin = 1_000

/** Whole bars that have closed by `nowMs`, on multiples of `barMs`. */
export const sample = Effect.fnUntraced(function*(
  instrumentId: InstrumentId,
  span: { readonly fromMs: number; readonly toMs: number; readonly barMs: number; readonly nowMs: number },
  priceAt: (atMs: number) => Effect.Effect<Option.Option<Price>>
) {
  const { barMs, fromMs, nowMs, toMs } = span
  const last = Math.floor(Math.min(toMs, nowMs) / barMs)
  const first = Math.max(Math.ceil(fromMs / barMs), last - barsMax)
  const bars: Array<Bar> = []
  for (let index = first; index < last; index++) {
    const openAtMs = index * barMs
    const closeAtMs = openAtMs + barMs
    const steps = Array.from({ length: samplesPerBar }, (_, step) => openAtMs + Math.floor((step * (barMs - 1)) / (samplesPerBar - 1)))
    const asked = yield* Effect.forEach(steps, priceAt)
    const ticks = asked.flatMap((price) => Option.toArray(price)).map((price) => price.last)
    const [open] = ticks
    const close = ticks.at(-1)
    if (open === undefined || close === undefined) continue
    const high = ticks.reduce((highest, tick) => (tick > highest ? tick : highest))
    const low = ticks.reduce((lowest, tick) => (tick < lowest ? tick : lowest))
    bars.push({ instrumentId, openAtMs, closeAtMs, open, high, low, close, volume: samplesPerBar + high - low })
  }
  return bars
})
