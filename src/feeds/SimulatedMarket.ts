/**
 * A market made of arithmetic. Owns: what a seed and an instant say about a price. It keeps no state, so prices go on over a restart as if
 * nobody had left, and it never closes.
 *
 * The price is the starting price times one plus a sum of noises: each octave draws a level per time bucket and glides between two of them.
 * Beside them lies a level that jumps without gliding: the gaps. Only `+ - * /`, `Math.floor` and 32-bit integer hashes are used, which
 * give the same bits on every machine.
 */
import { BigDecimal } from "effect"
import type { InstrumentConfig } from "#schemas/config/InstrumentConfig.ts"
import { type Instrument, Ticks } from "#schemas/Instrument.ts"
import type { Price } from "#src/ports/Market.ts"

/** Largest swing to each side, in day ranges, and how long one level takes to become the next. */
const octaves = [
  { salt: 1, bucketMs: 432_000_000, swing: 0.9 },
  { salt: 2, bucketMs: 21_600_000, swing: 0.15 },
  { salt: 3, bucketMs: 3_600_000, swing: 0.15 },
  { salt: 4, bucketMs: 900_000, swing: 0.14 },
  { salt: 5, bucketMs: 240_000, swing: 0.16 },
  { salt: 6, bucketMs: 60_000, swing: 0.05 },
  { salt: 7, bucketMs: 10_000, swing: 0.012 },
  { salt: 8, bucketMs: 1_000, swing: 0.004 }
] as const

/** Every so often a jump: at most one per bucket, in one bucket of three, to a new level that holds until the next. */
const gap = { salt: 20, bucketMs: 180_000, oneBucketOf: 3, swing: 0.05, bucketsBackMax: 24 } as const

const spreadSalt = 30
const lastSalt = 31
const quoteBucketMs = 250
const spreadTicksMax = 2

/** FNV-1a over the letters: a root becomes 32 bits. */
const hashOfText = (text: string): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash
}

/** MurmurHash3's finish: every bit of the input moves every bit of the result. */
const mix = (value: number): number => {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const draw = (base: number, salt: number, bucket: number): number => mix(mix(base ^ Math.imul(salt, 0x9e3779b1)) ^ (bucket | 0))

/** In [-1, 1). */
const level = (base: number, salt: number, bucket: number): number => draw(base, salt, bucket) / 0x80000000 - 1

const noise = (base: number, { salt, bucketMs }: (typeof octaves)[number], atMs: number): number => {
  const shifted = atMs + (draw(base, salt, -1) % bucketMs)
  const bucket = Math.floor(shifted / bucketMs)
  const part = (shifted - bucket * bucketMs) / bucketMs
  const from = level(base, salt, bucket)
  const to = level(base, salt, bucket + 1)
  return from + (to - from) * part * part * (3 - 2 * part)
}

const jumpLevel = (base: number, atMs: number): number => {
  const current = Math.floor(atMs / gap.bucketMs)
  for (let bucket = current; bucket > current - gap.bucketsBackMax; bucket--) {
    const drawn = draw(base, gap.salt, bucket)
    const jumpsAtMs = bucket * gap.bucketMs + (drawn % gap.bucketMs)
    if (drawn % gap.oneBucketOf === 0 && jumpsAtMs <= atMs) return level(base, gap.salt + 1, bucket)
  }
  return 0
}

/** One instrument's price at any instant; `quoteAt` for many instants. Delivery months of one root share their prices. */
export const curve = (seed: number, instrument: Instrument, simulation: InstrumentConfig["simulation"]): (atMs: number) => Price => {
  const base = mix(hashOfText(instrument.root) ^ mix(seed | 0))
  const start = BigDecimal.toNumberUnsafe(BigDecimal.divideUnsafe(simulation.price, instrument.tickSize))
  const dayRange = start * BigDecimal.toNumberUnsafe(simulation.dayRangePercent) / 100
  return (atMs) => {
    let offset = jumpLevel(base, atMs) * gap.swing
    for (const octave of octaves) offset += noise(base, octave, atMs) * octave.swing
    const bucket = Math.floor(atMs / quoteBucketMs)
    const spread = 1 + (draw(base, spreadSalt, bucket) % spreadTicksMax)
    const bid = Math.max(1, Math.floor(start + offset * dayRange))
    const ask = bid + spread
    return { bid: Ticks.make(bid), ask: Ticks.make(ask), last: Ticks.make(draw(base, lastSalt, bucket) % 2 === 0 ? bid : ask) }
  }
}

/** Whole ticks, `1 <= bid < ask`, a spread of one or two ticks. */
export const quoteAt = (seed: number, instrument: Instrument, simulation: InstrumentConfig["simulation"], atMs: number): Price =>
  curve(seed, instrument, simulation)(atMs)
