/**
 * Positions that no order of ours explains, and what the account's configuration says to do about them. Nothing is done before two pictures
 * show the same, both younger than anything of ours on that instrument and not gainsaid by what the venue told since.
 */
import { Result } from "effect"
import { AlertId, type InstrumentId } from "#schemas/Ids.ts"
import { NetLots } from "#schemas/Instrument.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { AccountSnapshot } from "#schemas/VenueEvent.ts"
import * as Adopt from "./Adopt.ts"
import * as Book from "./Book.ts"
import * as Exposure from "./Exposure.ts"
import type { Facts } from "./Facts.ts"
import * as Picture from "./Picture.ts"

const { DriftEnded, DriftFound } = JournalEvent.cases

/** What earlier pictures have shown of one instrument. */
export interface Wait {
  readonly theirs: number
  readonly ours: number
  /** The first of those that count was asked for then. */
  readonly sinceMs: number | undefined
  /** Why it could not be taken over: told once. */
  readonly told: string | undefined
}

export interface Waits {
  readonly of: ReadonlyMap<InstrumentId, Wait>
  /** When the venue is to be asked again for them. */
  readonly againAtMs: number | undefined
}

export const noWaits: Waits = { of: new Map(), againAtMs: undefined }

/** The wall clock was stepped. */
export const shifted = ({ againAtMs, of }: Waits, byMs: number): Waits => ({
  of: new Map([...of].map(([id, wait]) => [id, { ...wait, sinceMs: wait.sinceMs === undefined ? undefined : wait.sinceMs + byMs }])),
  againAtMs: againAtMs === undefined ? undefined : againAtMs + byMs
})

/** An operator has stopped the account: what is not ours is his. */
export const isStopped = ({ account: { id, login }, isLeaving, latched }: Facts): boolean =>
  isLeaving || latched(["all", `account/${id}`, `login/${login}`]) !== undefined

const isOnItsWay = (known: Book.BookedOrder): boolean =>
  known.status === "Intended" || known.status === "Unknown" || known.cancelAsked || known.modifyAsked || Book.isTerminal(known.status)

/** No order of ours on this instrument is on its way, in doubt, or has fills to come. */
export const isStill = (book: Book.Book, id: InstrumentId): boolean =>
  ![...book.orders.live.values()].some((known) => known.order.instrumentId === id && isOnItsWay(known))

/** Where something of ours is open there, it only rests: no entry could fill to what is seen. */
const isAtRest = (book: Book.Book, id: InstrumentId): boolean => {
  const bracket = book.brackets.get(id)
  if (bracket === undefined) return true
  const { entries, held } = Exposure.of(book, bracket)
  return bracket.closing === undefined && held > 0 && entries.length === 0
}

export interface Look {
  readonly snapshot: AccountSnapshot
  readonly askedMs: number
  readonly before: Waits
  readonly facts: Facts
}

/** What the venue has told unasked since counts more than a picture that may be older. */
const gainsaidUntilMs = (id: InstrumentId, theirs: number, facts: Facts): number => {
  const heard = facts.heard?.(id)
  return heard !== undefined && heard.net !== theirs ? heard.atMs + Picture.staleMsMax : -Infinity
}

/** From when on a picture counts: what it shows may be as old as `staleMsMax`. */
export const countsFromMs = (id: InstrumentId, theirs: number, facts: Facts): number =>
  Math.max((facts.touchedMs?.(id) ?? -Infinity) + Picture.staleMsMax, gainsaidUntilMs(id, theirs, facts))

const drifted = (book: Book.Book, id: InstrumentId, theirs: number, note: string): JournalEvent =>
  DriftFound.make({ instrumentId: id, ours: NetLots.make(Picture.netOf(book, id)), venue: NetLots.make(theirs), note })

/** One instrument: the wait that goes on, or what follows from two pictures. `earlier` is of the same figures. */
const judged = (book: Book.Book, id: InstrumentId, earlier: Wait | undefined, fromMs: number, { askedMs, snapshot }: Look, act: () => Acted) => {
  const [theirs, ours] = [Picture.theirsOf(snapshot, id), Picture.netOf(book, id)]
  const isSame = earlier?.theirs === theirs && earlier.ours === ours
  const told = isSame ? earlier.told : undefined
  if (askedMs < fromMs) return { wait: { theirs, ours, sinceMs: undefined, told }, againAtMs: fromMs, events: [] }
  const sinceMs = (isSame ? earlier.sinceMs : undefined) ?? askedMs
  const wait: Wait = { theirs, ours, sinceMs, told }
  if (askedMs - sinceMs < Picture.apartMs) return { wait, againAtMs: sinceMs + Picture.apartMs, events: [] }
  const { events, why } = act()
  const isNews = why !== undefined && why !== told
  return { wait: { ...wait, told: why ?? told }, againAtMs: undefined, events: isNews ? [...events, drifted(book, id, theirs, why)] : events }
}

interface Acted {
  readonly events: ReadonlyArray<JournalEvent>
  /** Why nothing can be done. */
  readonly why?: string
}

const taken = (book: Book.Book, id: InstrumentId, { askedMs, facts, snapshot }: Look, policy: "adopt" | "flatten"): Acted => {
  const lots = book.drift.get(id) ?? 0
  const result = Adopt.adopt(book, {
    instrumentId: id,
    lots,
    cause: AlertId.make(`reconcile-${facts.account.id}-${id}-${askedMs}`),
    next: policy === "adopt" ? "keep" : "close",
    reason: "drift",
    fills: snapshot.fills,
    asOfMs: askedMs
  }, facts)
  return Result.isSuccess(result) ? { events: result.success } : { events: [], why: `${policy} is configured and cannot be done: ${result.failure}` }
}

/** Shown long enough; what holds it up is looked at with every picture. */
const mayTake = (book: Book.Book, id: InstrumentId, lots: number, { snapshot }: Look): boolean =>
  lots !== 0 && isAtRest(book, id) && Picture.theirsOf(snapshot, id) - Picture.netOf(book, id) === lots && isStill(book, id)

const isClosed = (book: Book.Book, id: InstrumentId): boolean => book.brackets.get(id)?.closing === undefined && isStill(book, id)

/** Only the venue's word is missing: it is asked. */
export const awaitsProof = (book: Book.Book): boolean => book.proving.size > 0 && [...book.proving].some((id) => isClosed(book, id) && (book.drift.get(id) ?? 0) === 0)

/** Closed as configured: over once the venue has said so twice. */
const mayBeProven = (book: Book.Book, id: InstrumentId, { snapshot }: Look): boolean =>
  isClosed(book, id) && Picture.theirsOf(snapshot, id) === Picture.netOf(book, id)

const proven = (book: Book.Book, id: InstrumentId): Acted => {
  const net = Picture.netOf(book, id)
  const note = net === 0 ? "flat, and the venue says so twice" : "only ours is left, and the venue says so twice"
  return { events: [DriftEnded.make({ instrumentId: id, net: NetLots.make(net), note })] }
}

export const look = (book: Book.Book, of: Look): { readonly events: ReadonlyArray<JournalEvent>; readonly waits: Waits } => {
  if (book.drift.size + book.proving.size === 0) return { events: [], waits: noWaits }
  const { before, facts } = of
  const policy = facts.account.reconciliation ?? "alarm"
  const mayAct = book.isReconciled && facts.powers !== undefined && !isStopped(facts)
  const events: Array<JournalEvent> = []
  const waits = new Map<InstrumentId, Wait>()
  let againAtMs: number | undefined
  const judge = (id: InstrumentId, from: typeof countsFromMs, act: () => Acted) => {
    const news = judged(book, id, before.of.get(id), from(id, Picture.theirsOf(of.snapshot, id), facts), of, act)
    events.push(...news.events)
    if (news.events.length === 0 || news.wait.told !== undefined) waits.set(id, news.wait)
    if (news.againAtMs !== undefined) againAtMs = Math.min(news.againAtMs, againAtMs ?? Infinity)
  }
  if (policy !== "alarm" && mayAct) {
    for (const [id, lots] of book.drift) if (mayTake(book, id, lots, of)) judge(id, countsFromMs, () => taken(book, id, of, policy))
  }
  for (const id of book.proving) if (mayBeProven(book, id, of)) judge(id, gainsaidUntilMs, () => proven(book, id))
  return { events, waits: { of: waits, againAtMs } }
}
