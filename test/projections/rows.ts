/** Journal rows made by hand, in sequence, as the journal would number them. */
import { BigDecimal, DateTime, Schema } from "effect"
import { AccountId, AlertId, ClientOrderId, FillId, LaneId, StrategyId, VenueOrderId } from "#schemas/Ids.ts"
import { Instrument, Lots, Ticks } from "#schemas/Instrument.ts"
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"
import type { Leg, Order, Side } from "#schemas/Order.ts"
import { Signal } from "#schemas/Signal.ts"

export const startMs = DateTime.toEpochMillis(DateTime.makeUnsafe("2026-11-20T15:00:00Z"))

export const decimal = (text: string): BigDecimal.BigDecimal => BigDecimal.fromStringUnsafe(text)
export const account = AccountId.make
export const alert = AlertId.make
export const orderId = ClientOrderId.make

export const mes: Instrument = Schema.decodeUnknownSync(Instrument)({
  id: "MESZ6", version: 1, root: "MES", asset: "futures", exchange: "CME", tickSize: "0.25", tickValue: "1.25", currency: "USD",
  lotSize: "1", calendar: "cme-equity"
})

export const xbt: Instrument = Schema.decodeUnknownSync(Instrument)({
  id: "PF_XBTUSD", version: 1, root: "PF_XBTUSD", asset: "crypto", exchange: "KRAKEN", tickSize: "0.5", tickValue: "0.00005", currency: "USD",
  lotSize: "0.0001", calendar: "always"
})

/** Numbers rows; each comes 10 ms after the one before. */
export const sequence = () => {
  let seq = 0
  const versions = new Map<string, number>()
  return (stream: string, ...events: ReadonlyArray<JournalEvent>): ReadonlyArray<JournalRow> => events.map((event) => {
    seq += 1
    const version = (versions.get(stream) ?? 0) + 1
    versions.set(stream, version)
    return { seq, atMs: startMs + seq * 10, stream, version, event }
  })
}

export const delivery = (body = "{\"action\":\"buy\",\"secret\":\"***\"}") => ({
  lane: LaneId.make("futures"), receivedAtMs: startMs + 5, source: "127.0.0.1", contentType: "application/json", body, format: "canonical",
  repairs: [], notes: [], bodyHash: "hash"
})

export const signal = (changes: Readonly<Record<string, unknown>> = {}): Signal =>
  Schema.decodeUnknownSync(Signal)({
    lane: "futures", strategy: "demo-futures", action: "buy", symbol: "MES1!", orderType: "market", price: "6000",
    stopLoss: { _tag: "Distance", ticks: 40 }, ...changes
  })

export const accepted = (alertId: string, changes?: Readonly<Record<string, unknown>>): JournalEvent =>
  ({ _tag: "AlertAccepted", alertId: alert(alertId), delivery: delivery(), signal: signal(changes) })

type Gated = Extract<JournalEvent, { readonly _tag: "AlertGated" }>

export const gated = (alertId: string, accounts: ReadonlyArray<string>, blocked?: Gated["blocked"]): JournalEvent => ({
  ...(blocked === undefined ? {} : { blocked }),
  _tag: "AlertGated", alertId: alert(alertId), strategy: StrategyId.make("demo-futures"), configHash: "config", accounts: accounts.map((id) => account(id)),
  verdicts: [{ gate: "paused", passed: true, message: "nothing is paused", inputs: { scope: "all" } }]
})

export const order = (id: string, leg: Leg, side: Side, lots: number, more: Partial<Order> = {}): Order => ({
  id: orderId(id), accountId: account("paper-1"), alertId: alert("a1"), instrumentId: mes.id, instrumentVersion: 1, leg, generation: 1, side,
  lots: Lots.make(lots), type: leg === "stop" ? "stop" : leg === "target" ? "limit" : "market", timeInForce: "gtc", reduceOnly: leg !== "entry", ...more
})

export const intended = (one: Order): JournalEvent => ({ _tag: "OrderIntended", alertId: one.alertId, order: one })

export const acknowledged = (one: Order, held = false): JournalEvent =>
  ({ _tag: "OrderAccepted", alertId: one.alertId, orderId: one.id, venueOrderId: VenueOrderId.make(`v-${one.id}`), held })

let fills = 0
export const filled = (one: Order, lots: number, price: string, evidence: "event" | "query" | "inferred" = "event", fee = "0"): JournalEvent => ({
  _tag: "FillReceived", alertId: one.alertId, orderId: one.id, evidence, seenAtMs: startMs,
  fill: {
    id: FillId.make(`f${fills += 1}`), clientOrderId: one.id, venueOrderId: VenueOrderId.make(`v-${one.id}`), instrumentId: one.instrumentId,
    side: one.side, lots: Lots.make(lots), price: decimal(price), fee: decimal(fee), atMs: startMs
  }
})

export const ticks = Ticks.make

export const decided = (
  alertId: string,
  instrument: Instrument = mes,
  plan: Extract<JournalEvent, { readonly _tag: "EntryDecided" }>["plan"] = { mode: "native", stop: ticks(23960), target: ticks(24060) },
  decidedAtMs = startMs
): JournalEvent => ({
  _tag: "EntryDecided", alertId: alert(alertId), decidedAtMs, strategy: StrategyId.make("demo-futures"), instrument, configHash: "config", plan,
  sizing: [{ rule: "fixed", lots: 3, detail: "the account's own size" }, { rule: "maxContracts", lots: 2, detail: "at most 2, none open" }],
  quote: { instrumentId: instrument.id, bid: ticks(23999), ask: ticks(24000), last: ticks(24000), atMs: startMs, source: "paper-demo", isSimulated: true }
})

/** Entry, stop and target of one bracket of two lots. */
export const bracket = {
  entry: order("e1", "entry", "buy", 2),
  stop: order("s1", "stop", "sell", 2, { stop: ticks(23960) }),
  target: order("t1", "target", "sell", 2, { limit: ticks(24060) }),
  exit: order("x1", "exit", "sell", 2)
}
