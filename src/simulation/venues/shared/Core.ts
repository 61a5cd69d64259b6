/** What every simulated venue is made of: books, dice, streams, and one timer. Owns: when the venue next has something to do of itself, and what happens then. */
import * as Desk from "./Desk.ts"
import type { Dice } from "./Faults.ts"
import * as Ledger from "./Ledger.ts"
import * as Matching from "./Matching.ts"

/** Why nobody answers: the machine is gone, or it says so itself. */
export type Outage = "refused" | "maintenance"

export interface Core {
  readonly ledger: Ledger.Ledger
  readonly dice: Dice
  readonly nowMs: () => number
  /** Calls `run` at that instant or soon after. */
  readonly wakeAt: (atMs: number) => void
  readonly settings: {
    /** How often resting orders and quotes are looked at; the price moves on in between. */
    readonly everyMs: number
    readonly answerMs: number
    /** From a change in the books to its frame on the stream. */
    readonly streamMs: number
    readonly heartbeatMs: number
  }
  readonly connections: ReadonlySet<{ readonly subscribed: { readonly size: number }; readonly charts?: { readonly size: number } }>
  /** Whether something waits to be told. */
  readonly hasNews: () => boolean
  outage: Outage | undefined
  flushAtMs: number
  beatAtMs: number
  /** When resting orders and quotes are looked at next. */
  stepAtMs: number
}

/** How this venue speaks. */
export interface Voice {
  readonly quotes: () => void
  /** Everything that waits is told now. */
  readonly flush: () => void
  readonly beat: () => void
}

/** As it is before anything happened. */
export const asleep = { outage: undefined, flushAtMs: Infinity, beatAtMs: Infinity, stepAtMs: Infinity } as const

const isWatched = ({ connections, ledger: { books } }: Core): boolean => {
  for (const { working } of books.values()) if (working.length > 0) return true
  for (const { charts, subscribed } of connections) if (subscribed.size > 0 || (charts?.size ?? 0) > 0) return true
  return false
}

/** The market is looked at in steps as long as orders rest or somebody has asked for quotes. */
const watch = (core: Core): void => {
  if (core.stepAtMs !== Infinity || !isWatched(core)) return
  const { everyMs } = core.settings
  const nowMs = core.nowMs()
  core.stepAtMs = nowMs - nowMs % everyMs + everyMs
  core.wakeAt(core.stepAtMs)
}

/** What the books have to tell leaves a moment later. */
const flushSoon = (core: Core): void => {
  if (!core.hasNews() || core.flushAtMs !== Infinity) return
  core.flushAtMs = core.nowMs() + core.settings.streamMs
  core.wakeAt(core.flushAtMs)
}

/** Called after anything that may have changed the books. */
export const after = (core: Core): void => {
  flushSoon(core)
  const next = core.ledger.agenda[0]
  if (next !== undefined) core.wakeAt(next.atMs)
  watch(core)
}

/** Called with the first stream. */
export const beatSoon = (core: Core): void => {
  if (core.beatAtMs !== Infinity) return
  core.beatAtMs = core.nowMs() + core.settings.heartbeatMs
  core.wakeAt(core.beatAtMs)
}

export const tick = (core: Core, { quotes }: Voice): void => {
  for (const book of core.ledger.books.values()) {
    if (book.cursorMs < core.nowMs() && book.working.length > 0) Matching.advance(core.ledger, core.nowMs(), book)
  }
  quotes()
}

/** Everything that is due by now. Gives the instant of the next. */
export const ring = (core: Core, voice: Voice): number => {
  const nowMs = core.nowMs()
  const { agenda } = core.ledger
  for (let next = agenda[0]; next !== undefined && next.atMs <= nowMs; next = agenda[0]) {
    agenda.shift()
    next.run(nowMs)
  }
  if (core.stepAtMs <= nowMs) {
    core.stepAtMs = Infinity
    tick(core, voice)
  }
  if (core.beatAtMs <= nowMs) {
    core.beatAtMs = core.connections.size === 0 ? Infinity : nowMs + core.settings.heartbeatMs
    voice.beat()
  }
  if (core.flushAtMs <= nowMs) voice.flush()
  else flushSoon(core)
  watch(core)
  return Math.min(agenda[0]?.atMs ?? Infinity, core.beatAtMs, core.flushAtMs, core.stepAtMs)
}

/** Nobody is answered and all streams end, or all is well again. */
export const setOutage = (core: Core, outage: Outage | undefined, hangUp: (outage: Outage) => void): void => {
  if (core.outage === outage) return
  const wasUp = core.outage === undefined
  core.outage = outage
  if (wasUp !== (outage === undefined)) Ledger.write(core.ledger, core.nowMs(), { kind: "reach", up: outage === undefined })
  if (outage !== undefined) hangUp(outage)
}

/** Halts begin and end for many at once. */
const setMarkets = (core: Core, books: ReadonlyArray<Ledger.Book>, isOpen: boolean): void => {
  for (const book of books) Desk.setOpen(core.ledger, core.nowMs(), book, isOpen)
}

/** With maintenance the markets shut too. */
export const maintain = (core: Core, ms: number, hangUp: (outage: Outage) => void): void => {
  const open = [...core.ledger.books.values()].filter(({ isOpen }) => isOpen)
  setOutage(core, "maintenance", hangUp)
  setMarkets(core, open, false)
  Ledger.schedule(core.ledger, core.nowMs() + ms, () => {
    if (core.outage === "maintenance") setOutage(core, undefined, hangUp)
    setMarkets(core, open, true)
  })
}
