/** Chance from a seed. Each use draws from a sequence of its own, by name: one more draw here moves nothing there. */
import { createHash } from "node:crypto"
import { Context, Random } from "effect"

export interface Chance {
  /** In [0, 1). */
  readonly next: () => number
  /** Whole, from 0 to below `n`. */
  readonly below: (n: number) => number
  /** Whether it happens, with this probability. */
  readonly hits: (p: number) => boolean
  /** One of them, each as likely as its weight says. */
  readonly pick: <A>(all: ReadonlyArray<A>, weightOf?: (one: A) => number) => A | undefined
}

const range = 0x1_0000_0000

/** sfc32: small, fast, and good enough for drawing lots. */
const generator = (a0: number, b0: number, c0: number, d0: number) => {
  let [a, b, c, d] = [a0 | 0, b0 | 0, c0 | 0, d0 | 0]
  return (): number => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return sum >>> 0
  }
}

export const digest = (...parts: ReadonlyArray<string | number>): Buffer => createHash("sha256").update(parts.join("\n")).digest()

const bitsOf = (...parts: ReadonlyArray<string | number>) => {
  const hash = digest(...parts)
  return generator(hash.readInt32LE(0), hash.readInt32LE(4), hash.readInt32LE(8), hash.readInt32LE(12))
}

export const make = (seed: number, ...names: ReadonlyArray<string | number>): Chance => {
  const bits = bitsOf(seed, ...names)
  const next = () => bits() / range
  return {
    next,
    below: (n) => Math.floor(next() * n),
    hits: (p) => next() < p,
    pick: (all, weightOf = () => 1) => {
      let left = next() * all.reduce((sum, one) => sum + weightOf(one), 0)
      return all.find((one) => {
        left -= weightOf(one)
        return left < 0
      }) ?? all.at(-1)
    }
  }
}

/** What `Random` draws from, for a process that was started as the nth. */
export const context = (seed: number, ...names: ReadonlyArray<string | number>): Context.Context<never> => {
  const bits = bitsOf(seed, "random", ...names)
  const double = () => (bits() * 0x20_0000 + (bits() >>> 11)) / 2 ** 53
  return Context.make(Random.Random, {
    nextDoubleUnsafe: double,
    nextIntUnsafe: () => Math.floor((double() * 2 - 1) * Number.MAX_SAFE_INTEGER)
  })
}
