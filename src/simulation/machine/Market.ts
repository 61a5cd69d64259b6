/**
 * The machine's own market: where a symbol's price is at any instant of one day. Owns: a walk in whole ticks over three corners a minute (one
 * bar: open, first extreme, second extreme, close), with a jump now and then. The price is the bid, the ask one tick above.
 */
import type * as Chance from "#src/simulation/Chance.ts"
import type * as Market from "#src/simulation/venues/shared/Market.ts"

const slotMs = 20_000
/** One corner in so many is jumped to, not walked to. */
const gapOneIn = 600
const gapTicks = 12
const stepTicks = 3
/** How far it strays from where it began, in ticks. */
const strayTicks = 400

export interface Prices {
  readonly at: (atMs: number) => number
  /** Everything between two instants, as a script of the venue's. */
  readonly script: (fromMs: number, toMs: number) => ReadonlyArray<Market.Point>
  readonly low: (fromMs: number, toMs: number) => number
  readonly high: (fromMs: number, toMs: number) => number
}

export const make = (chance: Chance.Chance, startMs: number, endMs: number, startTicks: number): Prices => {
  const slots = Math.ceil((endMs - startMs) / slotMs) + 2
  const corners = new Int32Array(slots)
  const gaps = new Uint8Array(slots)
  let ticks = startTicks
  for (let slot = 0; slot < slots; slot++) {
    corners[slot] = ticks
    const drawn = chance.below(gapOneIn * (2 * stepTicks + 1))
    const isGap = slot + 1 < slots && drawn % gapOneIn === 0
    const step = Math.floor(drawn / gapOneIn) - stepTicks
    const back = Math.abs(ticks - startTicks) > strayTicks ? -Math.sign(ticks - startTicks) : 0
    ticks = Math.max(1, ticks + back + (isGap ? Math.sign(step) * gapTicks : step))
    if (isGap) gaps[slot + 1] = 1
  }
  const slotAt = (atMs: number): number => Math.min(slots - 2, Math.max(0, Math.floor((atMs - startMs) / slotMs)))
  const corner = (slot: number): number => corners[slot] ?? startTicks
  const at = (atMs: number): number => {
    const slot = slotAt(atMs)
    const [from, to] = [corner(slot), corner(slot + 1)]
    return gaps[slot + 1] === 1 ? from : from + Math.round((to - from) * ((atMs - startMs - slot * slotMs) / slotMs))
  }
  const extreme = (fromMs: number, toMs: number, pick: (one: number, other: number) => number): number => {
    let found = at(fromMs)
    for (let slot = slotAt(fromMs); slot <= slotAt(toMs) + 1; slot++) found = pick(found, corner(slot))
    return found
  }
  return {
    at,
    script: (fromMs, toMs) => {
      const points: Array<Market.Point> = []
      for (let slot = slotAt(fromMs); slot <= slotAt(toMs) + 1; slot++) {
        points.push({ atMs: startMs + slot * slotMs, ticks: corner(slot), isGap: gaps[slot] === 1 && points.length > 0 })
      }
      return points
    },
    low: (fromMs, toMs) => extreme(fromMs, toMs, Math.min),
    high: (fromMs, toMs) => extreme(fromMs, toMs, Math.max)
  }
}
