/** Chance that can be had again: the same text gives the same run of numbers, on any machine. */

export interface Chance {
  /** From 0 up to but without `end`. */
  readonly below: (end: number) => number
  readonly between: (first: number, last: number) => number
  readonly hits: (probability: number) => boolean
  readonly pick: <A>(among: ReadonlyArray<A>) => A
}

/** FNV-1a, begun anew for each word of the state. */
const hashed = (text: string, salt: number): number => {
  let hash = (0x811c9dc5 ^ salt) >>> 0
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0
  return hash
}

/** sfc32. */
export const of = (seed: string): Chance => {
  let [a, b, c, counter] = [hashed(seed, 1), hashed(seed, 2), hashed(seed, 3), 1]
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum | 0
    return (sum >>> 0) / 4_294_967_296
  }
  for (let warm = 0; warm < 12; warm++) next()
  const below = (end: number): number => Math.floor(next() * end)
  return {
    below,
    between: (first, last) => first + below(last - first + 1),
    hits: (probability) => next() < probability,
    pick: (among) => {
      const picked = among[below(among.length)]
      if (picked === undefined) throw new Error("there is nothing to pick from")
      return picked
    }
  }
}
