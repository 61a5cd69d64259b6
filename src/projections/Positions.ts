/** What each account holds, at which average price, and what protects it. Counts only fills of our own orders. */
import { BigDecimal, HashMap, Option } from "effect"
import { type AccountId, ClientOrderId, type InstrumentId } from "#schemas/Ids.ts"
import type { Ticks } from "#schemas/Instrument.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import type { Side } from "#schemas/Order.ts"
import * as Catalog from "./Catalog.ts"
import { accountOf } from "./Streams.ts"
import * as Tally from "./Tally.ts"

/** Orders of closed positions whose inferred fills still wait for the venue's own. */
const awaitedMax = 100

/** One order's part in a position. `isPast`: of a position that was closed, kept until its inferred fills are replaced. */
interface Part {
  readonly orderId: ClientOrderId
  readonly side: Side
  readonly fills: Tally.Tally
  readonly isPast: boolean
  /** No order's: it was closed elsewhere. */
  readonly isElsewhere?: true
  /** No order's: it was taken over. */
  readonly isAdopted?: true
  /** Its lots counted as closed elsewhere, and its fill comes next. */
  readonly isExplained?: true
}

/** One account and instrument. */
export interface Holding {
  readonly accountId: AccountId
  readonly instrumentId: InstrumentId
  readonly parts: ReadonlyArray<Part>
  readonly isExternal: boolean
  /** All of it is on its way to flat. */
  readonly isClosing: boolean
  /** As planned or last moved: a target may be watched by us and rest nowhere. */
  readonly target: Ticks | undefined
}

/** By `account instrument`: as many as are configured. */
export interface State {
  readonly holdings: HashMap.HashMap<string, Holding>
  readonly catalog: Catalog.State
}

export const empty: State = { holdings: HashMap.empty(), catalog: Catalog.empty }

export const evolve = (state: State, row: JournalRow): State => {
  const { event } = row
  const accountId = accountOf(row)
  if (accountId === undefined) return state
  switch (event._tag) {
    case "EntryDecided": {
      const known = { ...state, catalog: Catalog.evolve(state.catalog, row) }
      return change(known, accountId, event.instrument.id, (holding) => ({
        ...holding,
        isExternal: event.plan.mode === "external",
        isClosing: false,
        target: event.plan.target
      }))
    }
    case "FillReceived": {
      const { evidence, fill, orderId } = event
      return change(state, accountId, fill.instrumentId, (holding) => whenFlat({ ...holding, parts: addFill(holding.parts, orderId, fill, evidence) }))
    }
    case "CloseDecided":
      return event.lots === undefined ? change(state, accountId, event.instrumentId, (holding) => ({ ...holding, isClosing: true })) : state
    case "ProtectionMoved":
      return change(state, accountId, event.instrumentId, (holding) => ({ ...holding, target: event.targetOff === true ? event.target : event.target ?? holding.target }))
    case "ClosedElsewhere":
      return change(state, accountId, event.instrumentId, (holding) => whenFlat({ ...holding, parts: [...holding.parts, elsewhere(holding, event, row.seq)] }))
    case "ElsewhereExplained":
      return change(state, accountId, event.instrumentId, (holding) => ({ ...holding, parts: explain(holding.parts, event, "isElsewhere") }))
    case "PositionAdopted": {
      const known = { ...state, catalog: Catalog.evolve(state.catalog, row) }
      return change(known, accountId, event.instrument.id, (holding) => ({
        ...holding,
        isExternal: netOf(holding) === 0 ? event.plan.mode === "external" : holding.isExternal,
        parts: [...holding.parts, adopted(event)]
      }))
    }
    case "AdoptionExplained":
      return change(state, accountId, event.instrumentId, (holding) => ({ ...holding, parts: explain(holding.parts, event, "isAdopted") }))
    case "AttestationOverruled":
      return { ...state, holdings: HashMap.map(state.holdings, (holding) => holding.accountId !== accountId ? holding : withoutWord(holding, event.orderId)) }
    case "CloseEnded":
      return change(state, accountId, event.instrumentId, (holding) => ({ ...holding, isClosing: false }))
    case "TradeClosed":
      return change(state, accountId, event.instrumentId, (holding) => ({ ...holding, isClosing: false, target: undefined }))
    default:
      return state
  }
}

const change = (state: State, accountId: AccountId, instrumentId: InstrumentId, f: (holding: Holding) => Holding): State => {
  const key = `${accountId} ${instrumentId}`
  const before = Option.getOrElse(HashMap.get(state.holdings, key), (): Holding =>
    ({ accountId, instrumentId, parts: [], isExternal: false, isClosing: false, target: undefined }))
  return { ...state, holdings: HashMap.set(state.holdings, key, f(before)) }
}

type EventOf<Tag extends JournalRow["event"]["_tag"]> = Extract<JournalRow["event"], { readonly _tag: Tag }>

/** By fills that were seen: nothing will take its place. */
const elsewhere = (holding: Holding, { evidence, lots, price }: EventOf<"ClosedElsewhere">, seq: number): Part => {
  const sum = { ...Tally.nothing, lots, cost: Tally.times(price ?? bookOf(holding).average, lots) }
  return {
    orderId: ClientOrderId.make(`elsewhere-${seq}`),
    side: netOf(holding) > 0 ? "sell" : "buy",
    fills: evidence === "fills" ? { ...Tally.empty, reported: sum } : { ...Tally.empty, inferred: sum },
    isPast: false,
    isElsewhere: true
  }
}

/** As if an order had filled there; by fills that were seen, nothing will take its place. */
const adopted = ({ evidence, order: { id, lots, side }, price }: EventOf<"PositionAdopted">): Part => {
  const sum = { ...Tally.nothing, lots, cost: Tally.times(price, lots) }
  return {
    orderId: id,
    side,
    fills: evidence === "fills" ? { ...Tally.empty, reported: sum } : { ...Tally.empty, inferred: sum },
    isPast: false,
    isAdopted: true
  }
}

/** Of an open position it gives way to the fill; of a closed one the fill is no news. */
const explain = (
  parts: ReadonlyArray<Part>,
  { lots, orderId }: EventOf<"ElsewhereExplained"> | EventOf<"AdoptionExplained">,
  as: "isAdopted" | "isElsewhere"
): ReadonlyArray<Part> => {
  const isOpen = parts.some((part) => part.orderId === orderId && !part.isPast)
  const found = parts.filter((part) => part[as] === true && part.fills.inferred.lots > 0)
  const part = found.find(({ isPast }) => isPast !== isOpen) ?? found[0]
  if (part === undefined) return parts
  const { inferred } = part.fills
  const left = { ...part, fills: { ...part.fills, inferred: Tally.shrink(inferred, inferred.lots - lots) } }
  const rest = parts.flatMap((one) => one !== part ? [one] : left.fills.inferred.lots > 0 ? [left] : [])
  if (!part.isPast) return rest
  return [...rest.filter((one) => one.orderId !== orderId), {
    orderId, side: part.side, fills: { ...Tally.empty, inferred: Tally.shrink(inferred, lots) }, isPast: true, isExplained: true
  }]
}

/** A report on an order of a closed position first replaces what was inferred then; only what is beyond that is new. */
const addFill = (parts: ReadonlyArray<Part>, orderId: ClientOrderId, fill: EventOf<"FillReceived">["fill"], evidence: Tally.Evidence): ReadonlyArray<Part> => {
  const part = parts.find((one) => one.orderId === orderId)
  if (part === undefined) return [...parts, { orderId, side: fill.side, fills: Tally.add(Tally.empty, fill, evidence), isPast: false }]
  if (!part.isPast) return parts.map((one) => (one === part ? { ...one, fills: Tally.add(one.fills, fill, evidence) } : one))
  const isProvisional = Tally.isProvisional(evidence)
  const awaited = isProvisional && part.isExplained !== true ? 0 : part.fills.inferred.lots
  const beyond = fill.lots - awaited
  const left = parts.filter((one) => one !== part)
  if (isProvisional && part.isExplained === true && beyond <= 0) return [...left, { orderId, side: part.side, fills: part.fills, isPast: true }]
  if (beyond < 0) return [...left, { ...part, fills: Tally.add(part.fills, fill, evidence) }]
  if (beyond === 0) return left
  const sum = Tally.shrink({ lots: fill.lots, cost: Tally.times(fill.price, fill.lots), fees: fill.fee }, beyond)
  const fills = Tally.isProvisional(evidence) ? { ...Tally.empty, inferred: sum } : { ...Tally.empty, reported: sum }
  return [...left, { orderId, side: fill.side, fills, isPast: false }]
}

/** The venue's word against a person's: only what it reported itself counts. */
const withoutWord = (holding: Holding, orderId: ClientOrderId): Holding =>
  holding.parts.some((part) => part.orderId === orderId)
    ? whenFlat({ ...holding, parts: holding.parts.map((part) => (part.orderId === orderId ? { ...part, fills: Tally.withoutInferred(part.fills) } : part)) })
    : holding

const whenFlat = (holding: Holding): Holding => {
  if (netOf(holding) !== 0) return holding
  const awaited = holding.parts.filter(({ fills }) => fills.inferred.lots > 0).map((part) => ({ ...part, isPast: true }))
  return { ...holding, parts: awaited.slice(-awaitedMax), isClosing: false, target: undefined }
}

const live = (holding: Holding): ReadonlyArray<Part> => holding.parts.filter(({ isPast }) => !isPast)

/** Signed lots: long > 0. */
export const netOf = (holding: Holding): number =>
  live(holding).reduce((net, { fills, side }) => net + (side === "buy" ? 1 : -1) * Tally.total(fills).lots, 0)

/** The open part at its average price; what the closed part won or lost, in price x lots; fees of both. */
export interface Book {
  readonly net: number
  readonly average: BigDecimal.BigDecimal
  /** Closed lots with the average they were opened and closed at. */
  readonly closed: ReadonlyArray<{ readonly side: Side; readonly lots: number; readonly entry: BigDecimal.BigDecimal; readonly exit: BigDecimal.BigDecimal }>
  readonly fees: BigDecimal.BigDecimal
}

const zero = BigDecimal.fromBigInt(0n)

/** Orders in the sequence of their first fills; average cost. */
export const bookOf = (holding: Holding): Book => live(holding).reduce(fold, { net: 0, average: zero, closed: [], fees: zero })

const fold = (book: Book, part: Part): Book => {
  const sum = Tally.total(part.fills)
  const price = Tally.averageOf(sum)
  if (price === undefined) return book
  const fees = BigDecimal.sum(book.fees, sum.fees)
  const held = Math.abs(book.net)
  const signed = part.side === "buy" ? sum.lots : -sum.lots
  const isOpposite = book.net !== 0 && book.net > 0 !== signed > 0
  if (!isOpposite) {
    const cost = BigDecimal.sum(Tally.times(book.average, held), Tally.times(price, sum.lots))
    const average = BigDecimal.divideUnsafe(cost, BigDecimal.fromBigInt(BigInt(held + sum.lots)))
    return { ...book, net: book.net + signed, average, fees }
  }
  const lots = Math.min(held, sum.lots)
  const closed = [...book.closed, { side: book.net > 0 ? "buy" as const : "sell" as const, lots, entry: book.average, exit: price }]
  return { net: book.net + signed, average: sum.lots > held ? price : book.average, closed, fees }
}

/** Those that hold something. */
export const open = (state: State): ReadonlyArray<Holding> =>
  Array.from(HashMap.values(state.holdings))
    .filter((holding) => netOf(holding) !== 0)
    .sort((a, b) => (`${a.accountId} ${a.instrumentId}` < `${b.accountId} ${b.instrumentId}` ? -1 : 1))
