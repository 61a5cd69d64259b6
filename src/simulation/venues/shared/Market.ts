/**
 * A market made of arithmetic. Owns: the price of a symbol at any instant, as a function of the seed alone, and the moves between two
 * instants. One-minute bars whose path inside the minute is fixed too: open, first extreme, second extreme, close, in equal thirds. Pure.
 * Only whole numbers, `+ - * /`, `Math.floor` and 32-bit hashes: the same on every machine. The price is the bid; the ask is one tick above.
 */
const minuteMs = 60_000
const thirdMs = minuteMs / 3

export interface Bar {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly isHighFirst: boolean
  readonly volume: number
}

/** The price goes to `to`, over everything between or, with a gap, past it. */
export interface Move {
  readonly to: number
  readonly isGap: boolean
}

export interface Walk {
  readonly base: number
  readonly start: number
  /** Half of the widest swing, in ticks. */
  readonly swing: number
}

/** A point of a script: where the price is at that instant, walking there from the point before or jumping there. */
export interface Point {
  readonly atMs: number
  readonly ticks: number
  readonly isGap: boolean
}

const hashOf = (text: string): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash
}

const mix = (value: number): number => {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

export const walkOf = (seed: number, symbol: string, start: number, swing: number): Walk =>
  ({ base: mix(hashOf(symbol) ^ mix(seed | 0)), start, swing })

const draw = (base: number, salt: number, bucket: number): number => mix(mix(base ^ Math.imul(salt, 0x9e3779b1)) ^ (bucket | 0))
const level = (base: number, salt: number, bucket: number): number => draw(base, salt, bucket) / 0x80000000 - 1

/** Each glides from one drawn level to the next. */
const octaves = [
  { salt: 1, minutes: 7_200, weight: 0.7 },
  { salt: 2, minutes: 360, weight: 0.15 },
  { salt: 3, minutes: 60, weight: 0.12 },
  { salt: 4, minutes: 15, weight: 0.09 },
  { salt: 5, minutes: 4, weight: 0.06 },
  { salt: 6, minutes: 1, weight: 0.02 }
] as const

/** A level that jumps without gliding: at most once per bucket, in one bucket of three. */
const gap = { salt: 20, minutes: 180, oneOf: 3, weight: 0.05 } as const
const wick = { salt: 30, part: 0.012 } as const
const volume = { salt: 40, most: 900 } as const

const jumpAt = (base: number, minute: number): number => {
  const bucket = Math.floor(minute / gap.minutes)
  return draw(base, gap.salt, bucket) % gap.oneOf === 0 ? level(base, gap.salt + 1, bucket) * gap.weight : 0
}

const boundary = ({ base, start, swing }: Walk, minute: number, jump: number): number => {
  let offset = jump
  for (const { minutes, salt, weight } of octaves) {
    const bucket = Math.floor(minute / minutes)
    const part = (minute - bucket * minutes) / minutes
    const from = level(base, salt, bucket)
    offset += (from + (level(base, salt, bucket + 1) - from) * part) * weight
  }
  return Math.max(1, Math.floor(start + offset * swing))
}

export const barAt = (walk: Walk, minute: number): Bar => {
  const jump = jumpAt(walk.base, minute)
  const open = boundary(walk, minute, jump)
  const close = boundary(walk, minute + 1, jump)
  const reach = 1 + Math.floor(walk.swing * wick.part)
  const drawn = draw(walk.base, wick.salt, minute)
  return {
    open,
    high: Math.max(open, close) + (drawn % reach),
    low: Math.max(1, Math.min(open, close) - ((drawn >>> 8) % reach)),
    close,
    isHighFirst: (drawn >>> 20) % 2 === 0,
    volume: 1 + draw(walk.base, volume.salt, minute) % volume.most
  }
}

const cornersOf = ({ close, high, isHighFirst, low, open }: Bar): readonly [number, number, number, number] =>
  isHighFirst ? [open, high, low, close] : [open, low, high, close]

const between = (from: number, to: number, part: number): number => from + Math.round((to - from) * part)

const walkPrice = (walk: Walk, atMs: number): number => {
  const minute = Math.floor(atMs / minuteMs)
  const corners = cornersOf(barAt(walk, minute))
  const inMinute = atMs - minute * minuteMs
  const third = inMinute < thirdMs ? 0 : inMinute < 2 * thirdMs ? 1 : 2
  const [from, to] = third === 0 ? [corners[0], corners[1]] : third === 1 ? [corners[1], corners[2]] : [corners[2], corners[3]]
  return between(from, to, (inMinute - third * thirdMs) / thirdMs)
}

const walkMoves = (walk: Walk, fromMs: number, toMs: number): ReadonlyArray<Move> => {
  const moves: Array<Move> = []
  const last = Math.floor(toMs / minuteMs)
  for (let minute = Math.floor(fromMs / minuteMs); minute <= last; minute++) {
    const startMs = minute * minuteMs
    const [open, first, second, close] = cornersOf(barAt(walk, minute))
    if (startMs > fromMs) moves.push({ to: open, isGap: true })
    if (startMs + thirdMs > fromMs && startMs + thirdMs <= toMs) moves.push({ to: first, isGap: false })
    if (startMs + 2 * thirdMs > fromMs && startMs + 2 * thirdMs <= toMs) moves.push({ to: second, isGap: false })
    if (startMs + minuteMs > fromMs && startMs + minuteMs <= toMs) moves.push({ to: close, isGap: false })
  }
  moves.push({ to: walkPrice(walk, toMs), isGap: false })
  return moves
}

const scriptPrice = (points: ReadonlyArray<Point>, atMs: number): number => {
  let before = points[0]
  if (before === undefined) return 0
  for (const point of points) {
    if (point.atMs > atMs) return point.isGap ? before.ticks : between(before.ticks, point.ticks, (atMs - before.atMs) / (point.atMs - before.atMs))
    before = point
  }
  return before.ticks
}

const scriptMoves = (points: ReadonlyArray<Point>, fromMs: number, toMs: number): ReadonlyArray<Move> => {
  const moves: Array<Move> = []
  for (const { atMs, isGap, ticks } of points) {
    if (atMs > fromMs && atMs <= toMs) {
      if (isGap) moves.push({ to: scriptPrice(points, atMs - 1), isGap: false })
      moves.push({ to: ticks, isGap })
    }
  }
  moves.push({ to: scriptPrice(points, toMs), isGap: false })
  return moves
}

/** A script's first point lies at its beginning; before it, and without one, the seed decides. */
export const priceAt = (walk: Walk, script: ReadonlyArray<Point>, atMs: number): number =>
  script.length === 0 ? walkPrice(walk, atMs) : scriptPrice(script, atMs)

/** Everything the price does after `fromMs`, up to and with `toMs`, in order. */
export const moves = (walk: Walk, script: ReadonlyArray<Point>, fromMs: number, toMs: number): ReadonlyArray<Move> =>
  script.length === 0 ? walkMoves(walk, fromMs, toMs) : scriptMoves(script, fromMs, toMs)

/** What the price did in a span of time, as one bar. */
export const span = (walk: Walk, script: ReadonlyArray<Point>, atMs: number, lengthMs: number): Bar => {
  const open = priceAt(walk, script, atMs)
  const close = priceAt(walk, script, atMs + lengthMs - 1)
  const seen = [open, close, ...moves(walk, script, atMs, atMs + lengthMs - 1).map(({ to }) => to)]
  const minute = Math.floor(atMs / minuteMs)
  const { volume: drawn } = barAt(walk, minute)
  return { open, close, high: Math.max(...seen), low: Math.min(...seen), isHighFirst: true, volume: drawn * Math.floor(lengthMs / minuteMs) }
}
