/**
 * I4: no position of ours lacks a working stop of its size for longer than two seconds, from the first evidence of it, while the venue answers;
 * else it is on its way to flat. Judged on the venue's own book: each part of a position has its own time, the oldest is covered first.
 */
import * as Decimal from "./Decimal.ts"
import * as Counted from "./Counted.ts"
import type * as Statistics from "./Statistics.ts"
import * as Venues from "./Venues.ts"
import type { Rule, World } from "./World.ts"

const withinMs = 2_000
/** A position that the venue itself has put in doubt may wait this long before it is acted on. */
const doubtedWithinMs = 7_000
const lookAgainMs = 500
const ended: ReadonlySet<string> = new Set(["filled", "canceled", "expired", "rejected"])

interface Cause {
  readonly sinceMs: number
  readonly n: number
  /** What shows it to whoever hears of it. */
  readonly orderId: string | undefined
  readonly fillId: string | undefined
  /** The order ended: that it worked, said later, shows nothing. */
  readonly isEnd: boolean
}

interface Part extends Cause {
  readonly of: Watched
  upTo: Decimal.Decimal
  evidenceMs: number | undefined
  isOver: boolean
}

interface Watched {
  readonly book: Venues.Book
  readonly position: Venues.Position
  parts: Array<Part>
}

export const needOf = ({ net, ours }: Venues.Position): Decimal.Decimal =>
  net === 0n || ours === 0n || net > 0n !== ours > 0n ? 0n : Decimal.min(Decimal.abs(net), Decimal.abs(ours))

export const coverOf = ({ net, working }: Venues.Position): Decimal.Decimal => {
  let cover = 0n
  for (const order of working) {
    if (Venues.isStop(order) && Venues.isWorking(order) && (order.side === "sell") === net > 0n) cover += Venues.remaining(order)
  }
  return cover
}

/** Parts that are covered now or not held any more, those that are still bare, and what has just become so. */
const parted = (of: Watched, need: Decimal.Decimal, cause: Cause) => {
  const cover = coverOf(of.position)
  const kept: Array<Part> = []
  const gone: Array<Part> = []
  let below = cover
  for (const part of of.parts) {
    if (part.upTo <= cover || below >= need) {
      gone.push(part)
      continue
    }
    part.upTo = Decimal.min(part.upTo, need)
    below = part.upTo
    kept.push(part)
  }
  const made: Part | undefined = need <= below ? undefined : { ...cause, of, upTo: need, evidenceMs: undefined, isOver: false }
  if (made !== undefined) kept.push(made)
  return { gone, kept, made }
}

/** Whether it may be so, and the verdict when it may not. */
const judging = (world: World) => {
  const { calm, due, fold, report, slackMs } = world

  const heldOf = ({ book, position }: Watched) => fold.accounts.get(book.account)?.holdings.get(position.symbol)

  const isExternal = (of: Watched): boolean => heldOf(of)?.isExternal === true

  /** It is being closed, by decision or by an order at work. */
  const isLeaving = (of: Watched): boolean => {
    const held = heldOf(of)
    if (held?.closing !== undefined && held.closing.lots === undefined) return true
    for (const order of of.position.working) {
      if (!Venues.isStop(order) && order.role === "single" && order.type === "market" && (order.side === "sell") === of.position.net > 0n) return true
    }
    return false
  }

  const judge = (of: Watched, part: Part): void => {
    const start = part.evidenceMs
    if (start === undefined) return
    const limitMs = () => calm.isDoubtful(of.book.venue, world.nowMs()) ? doubtedWithinMs : withinMs
    const look = (atMs: number): void => {
      if (part.isOver || isLeaving(of) || isExternal(of)) return
      const ableMs = calm.ableSinceMs(of.book.venue, fold.accounts.get(of.book.account)?.reconciledSinceMs)
      if (ableMs === undefined || ableMs > atMs) return due.at(atMs + lookAgainMs, look)
      const fromMs = Math.max(start, ableMs)
      const untilMs = fromMs + limitMs() + slackMs
      if (atMs < untilMs) return due.at(untilMs, look)
      const { position } = of
      report({
        invariant: "I4", atMs, n: part.n, venue: of.book.venue, account: of.book.account, instrumentId: of.position.symbol, ...(part.orderId === undefined ? {} : { orderId: part.orderId }),
        message: `a position of ${position.symbol} has lacked its working stop for ${atMs - fromMs} ms while its venue answers, and is not on its way to flat`,
        expected: `stops for ${Decimal.text(needOf(position))} within ${withinMs} ms of the first evidence, or a close`,
        got: `stops for ${Decimal.text(coverOf(position))}, evidence at ${start}`
      })
    }
    due.at(start + limitMs() + slackMs, look)
  }

  return { isExternal, isLeaving, judge }
}

export const make = (world: World, statistics: Statistics.Statistics): Rule => {
  const { report } = world
  const watched = new Map<Venues.Position, Watched>()
  /** Those that nobody has heard of yet. */
  const unheard = new Map<Venues.Book, Set<Part>>()

  const { isExternal, isLeaving, judge } = judging(world)

  const over = (part: Part, book: Venues.Book, atMs: number): void => {
    part.isOver = true
    unheard.get(book)?.delete(part)
    statistics.naked(atMs - part.sinceMs)
  }

  const heard = (part: Part, atMs: number): void => {
    unheard.get(part.of.book)?.delete(part)
    part.evidenceMs = atMs
    statistics.evidence(atMs - part.sinceMs)
    judge(part.of, part)
  }

  const look = (of: Watched, cause: Cause): void => {
    const { gone, kept, made } = parted(of, isExternal(of) ? 0n : needOf(of.position), cause)
    for (const part of gone) over(part, of.book, cause.sinceMs)
    of.parts = kept
    if (made === undefined) return
    const waiting = unheard.get(of.book) ?? new Set()
    unheard.set(of.book, waiting.add(made))
  }

  const watchedOf = (book: Venues.Book, position: Venues.Position): Watched => {
    const known = watched.get(position)
    if (known !== undefined) return known
    const made: Watched = { book, position, parts: [] }
    watched.set(position, made)
    return made
  }

  const adjusted = Counted.make(world, (book, position, sinceMs) => look(watchedOf(book, position), { sinceMs, n: 0, orderId: undefined, fillId: undefined, isEnd: false }))

  return {
    ...adjusted,
    record: (record, touched) => {
      if (touched === undefined) return
      const { book, order, position } = touched
      if (position !== undefined) {
        const { atMs: sinceMs, n } = record
        look(watchedOf(book, position), { sinceMs, n, orderId: order?.orderId, fillId: record.kind === "fill" ? record.fillId : undefined, isEnd: record.kind === "state" && ended.has(record.status) })
      }
      const waiting = record.kind === "told" ? unheard.get(book) : undefined
      if (record.kind !== "told" || waiting === undefined) return
      for (const part of waiting) {
        // That an order works, or that another part of it filled, tells nothing of this one.
        const isNews = (part.fillId === undefined && !part.isEnd) || (record.fillId === undefined && record.status !== undefined && ended.has(record.status))
        const isIt = part.orderId === undefined || (part.orderId === record.orderId && isNews) || (part.fillId !== undefined && part.fillId === record.fillId)
        if (isIt) heard(part, record.atMs)
      }
    },
    end: (atMs, isSettled) => {
      if (!isSettled) return
      for (const of of watched.values()) {
        const need = isExternal(of) ? 0n : needOf(of.position)
        if (need <= coverOf(of.position)) continue
        const isWaiting = isLeaving(of) && !of.position.isOpen
        if (isWaiting) continue
        report({
          invariant: "I4", atMs, venue: of.book.venue, account: of.book.account, instrumentId: of.position.symbol,
          message: `after all has settled a position of ${of.position.symbol} is without its stop`,
          expected: `stops for ${Decimal.text(need)}, or flat`, got: `stops for ${Decimal.text(coverOf(of.position))}`
        })
      }
    }
  }
}
