/** What is at a venue that this house did not make, as long as it lasts: positions and orders that no order of ours explains. */
import { HashMap, Option } from "effect"
import type { FindingView, OrderView, PositionView } from "#schemas/contracts/Views.ts"
import { AlertId, type AccountId, type InstrumentId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"
import * as Catalog from "./Catalog.ts"
import { priceText, quantityText } from "./Orders.ts"
import { accountOf } from "./Streams.ts"

type EventOf<Tag extends JournalEvent["_tag"]> = Extract<JournalEvent, { readonly _tag: Tag }>

interface Shared {
  readonly accountId: AccountId
  readonly instrumentId: InstrumentId
  readonly sinceMs: number
}

export type Finding =
  | Shared & { readonly _tag: "Position"; readonly lots: number; readonly note: string; readonly isClosing: boolean }
  | Shared & { readonly _tag: "Order"; readonly found: EventOf<"ForeignOrderFound">; readonly seq: number }

/** By `account instrument` and `account order`: as many as the venues show at one time. */
export type State = HashMap.HashMap<string, Finding>

export const empty: State = HashMap.empty()

const at = (state: State, key: string): Finding | undefined => Option.getOrUndefined(HashMap.get(state, key))

const withPosition = (state: State, row: JournalRow, accountId: AccountId, { instrumentId, note, ours, venue }: EventOf<"DriftFound">): State => {
  const key = `${accountId} ${instrumentId}`
  const lots = venue - ours
  if (lots === 0) return HashMap.remove(state, key)
  return HashMap.set(state, key, { _tag: "Position", accountId, instrumentId, lots, note, isClosing: false, sinceMs: at(state, key)?.sinceMs ?? row.atMs })
}

/** What is kept is ours by now; what is closed is a finding until the venue has said twice that it is gone. */
const adopted = (state: State, row: JournalRow, accountId: AccountId, { instrument: { id }, next, order: { lots, side }, resting }: EventOf<"PositionAdopted">): State => {
  const key = `${accountId} ${id}`
  const left = HashMap.removeMany(state, [key, ...resting.map((one) => `${accountId} ${one.order.id}`)])
  return next === "keep" ? left : HashMap.set(left, key, {
    _tag: "Position", accountId, instrumentId: id, lots: side === "buy" ? lots : -lots, note: "", isClosing: true, sinceMs: at(state, key)?.sinceMs ?? row.atMs
  })
}

export const evolve = (state: State, row: JournalRow): State => {
  const { event, seq } = row
  const accountId = accountOf(row)
  if (accountId === undefined) return state
  switch (event._tag) {
    case "DriftFound":
      return withPosition(state, row, accountId, event)
    case "DriftEnded":
      return HashMap.remove(state, `${accountId} ${event.instrumentId}`)
    case "ClosedElsewhere": {
      const key = `${accountId} ${event.instrumentId}`
      const finding = at(state, key)
      return finding?._tag === "Position" && finding.isClosing ? state : HashMap.remove(state, key)
    }
    case "PositionAdopted":
      return adopted(state, row, accountId, event)
    case "ForeignOrderFound": {
      const { clientOrderId, instrumentId } = event.report
      const key = `${accountId} ${clientOrderId}`
      return HashMap.set(state, key, { _tag: "Order", accountId, instrumentId, found: event, seq, sinceMs: at(state, key)?.sinceMs ?? row.atMs })
    }
    case "ForeignOrderEnded":
      return HashMap.remove(state, `${accountId} ${event.foreignId}`)
    default:
      return state
  }
}

/** The oldest first. */
export const all = (state: State, accountId?: AccountId): ReadonlyArray<Finding> =>
  HashMap.toValues(state).filter((finding) => accountId === undefined || finding.accountId === accountId)
    .sort((a, b) => a.sinceMs - b.sinceMs || (`${a.accountId} ${a.instrumentId}` < `${b.accountId} ${b.instrumentId}` ? -1 : 1))

const signed = (instrument: Instrument | undefined, lots: number): string => `${lots < 0 ? "-" : ""}${quantityText(instrument, Math.abs(lots))}`

const leftOf = ({ report: { filledLots, lots } }: EventOf<"ForeignOrderFound">): number => lots - filledLots

const text = (finding: Finding, instrument: Instrument | undefined): string => {
  if (finding._tag === "Position") {
    const what = `the venue holds ${signed(instrument, finding.lots)} of ${finding.instrumentId} that no order of ours explains`
    return finding.isClosing ? `${what}: they are being closed, until the venue has said twice that they are gone` : `${what}: ${finding.note}`
  }
  const { isOurShape, report: { clientOrderId, side } } = finding.found
  const order = `order ${clientOrderId}, ${side} ${quantityText(instrument, leftOf(finding.found))} ${finding.instrumentId}`
  return isOurShape
    ? `${order}, has a name as this house makes them and no intent in the journal: a second house trades this account, or the journal is an older copy. No entries`
    : `${order}, works at the venue and is not ours`
}

const levelOf = (finding: Finding): FindingView["level"] =>
  finding._tag === "Position" ? (finding.isClosing ? "amber" : "red") : finding.found.isOurShape ? "red" : "amber"

export const views = (state: State, catalog: Catalog.State, accountId?: AccountId): ReadonlyArray<FindingView> =>
  all(state, accountId).map((finding) => ({
    accountId: finding.accountId,
    kind: finding._tag === "Position" ? "position" : finding.found.isOurShape ? "secondWriter" : "order",
    level: levelOf(finding),
    symbol: finding.instrumentId,
    text: text(finding, Catalog.find(catalog, finding.instrumentId)),
    sinceMs: finding.sinceMs
  }))

/** Beside those that are ours. Nobody knows their price, and nothing of ours protects them. What is being closed is ours by now. */
export const positions = (state: State, catalog: Catalog.State, isSimulated: (accountId: AccountId) => boolean): ReadonlyArray<PositionView> =>
  all(state).flatMap((finding) => {
    if (finding._tag !== "Position" || finding.isClosing) return []
    const { accountId, instrumentId, lots } = finding
    const instrument = Catalog.find(catalog, instrumentId)
    return [{
      accountId,
      symbol: instrumentId,
      quantity: signed(instrument, lots),
      avgPrice: "unknown",
      unrealizedPnl: null,
      currency: instrument?.currency ?? "",
      protection: { state: "foreign" as const },
      isSimulated: isSimulated(accountId)
    }]
  })

/** After those that are ours; with `since`, those found later than this row. */
export const orders = (state: State, catalog: Catalog.State, since = 0): ReadonlyArray<OrderView> =>
  all(state).flatMap((finding) => {
    if (finding._tag !== "Order" || finding.seq <= since) return []
    const { isOurShape, mayOpen, report } = finding.found
    const instrument = Catalog.find(catalog, finding.instrumentId)
    return [{
      clientOrderId: report.clientOrderId,
      venueOrderId: report.venueOrderId,
      accountId: finding.accountId,
      alertId: AlertId.make("foreign"),
      leg: mayOpen ? "entry" as const : report.stop === undefined ? "target" as const : "stop" as const,
      symbol: finding.instrumentId,
      side: report.side,
      type: report.stop === undefined ? (report.limit === undefined ? "market" as const : "limit" as const) : report.limit === undefined ? "stop" as const : "stopLimit" as const,
      quantity: quantityText(instrument, report.lots),
      ...(report.limit === undefined ? {} : { limitPrice: priceText(instrument, report.limit) }),
      ...(report.stop === undefined ? {} : { stopPrice: priceText(instrument, report.stop) }),
      filled: quantityText(instrument, report.filledLots),
      avgPrice: null,
      status: report.status,
      reason: isOurShape ? "NOT OURS: second writer?" : "not ours",
      isForeign: true as const,
      createdAtMs: finding.sinceMs
    }]
  })
