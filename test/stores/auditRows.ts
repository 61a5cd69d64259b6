/** One alert's way through the journal, as the export sees it. */
import { Schema } from "effect"
import { JournalEvent } from "#schemas/JournalEvent.ts"

const decode = Schema.decodeUnknownSync(Schema.toCodecJson(JournalEvent))

const instrument = {
  id: "MESZ6", version: 1, root: "MES", asset: "futures", exchange: "CME", tickSize: "0.25", tickValue: "1.25",
  currency: "USD", lotSize: "1", calendar: "cme"
}

const delivery = {
  lane: "main", receivedAtMs: 0, source: "127.0.0.1", contentType: "application/json", body: "{}", format: "canonical",
  repairs: [], notes: [], bodyHash: "hash"
}
const signal = { lane: "main", strategy: "trend", action: "buy", symbol: "MES1!", price: "5000", orderType: "market", scriptId: "script-7" }

const order = (id: string, leg: string, side: string, extra: object) => ({
  id, accountId: "acc-1", alertId: "alert-1", instrumentId: "MESZ6", instrumentVersion: 1, leg, generation: 1, side, lots: 2,
  type: "market", timeInForce: "day", reduceOnly: leg !== "entry", ...extra
})

export const accepted = decode({ _tag: "AlertAccepted", alertId: "alert-1", delivery, signal })

export const decided = decode({
  _tag: "EntryDecided", alertId: "alert-1", strategy: "trend", instrument, sizing: [], plan: { mode: "managed", stop: 19960 },
  quote: { instrumentId: "MESZ6", bid: 20000, ask: 20001, last: 20000, atMs: 0, source: "paper-1", isSimulated: true }, configHash: "c", decidedAtMs: 0
})

export const intended = decode({ _tag: "OrderIntended", alertId: "alert-1", order: order("o-entry", "entry", "buy", {}) })

/** Stop 10 points below the signal: 5000.50 to 4990 are 42 ticks, 2 lots, 1.25 each: 105 at risk. */
export const stopIntended = decode({ _tag: "OrderIntended", alertId: "alert-1", order: order("o-stop", "stop", "sell", { type: "stop", stop: 19960 }) })

/** 9.50 points won: 38 ticks, 2 lots: 95, less fees of 2.48. */
export const closed = decode({
  _tag: "TradeClosed", alertId: "alert-1", instrumentId: "MESZ6",
  trade: {
    tradeId: "trade-1", alertId: "alert-1", strategy: "trend", instrumentId: "MESZ6", side: "long", lots: 2, entryPrice: "5000.50",
    exitPrice: "5010", fees: "2.48", realizedPnl: "92.52", openedAtMs: 1_000, closedAtMs: 61_500, inferred: false
  }
})

export const outcome = decode({ _tag: "OutcomeReached", alertId: "alert-1", outcome: "filled", orderIds: ["o-entry"] })

export const blocked = decode({
  _tag: "GuardBlocked", alertId: "alert-1", atMs: 0,
  reason: { rule: "coolDown", message: "too soon", facts: { leftMs: "1000" }, clearsAtMs: 5_000 }
})

export const gated = decode({
  _tag: "AlertGated", alertId: "alert-1", strategy: "trend", verdicts: [], configHash: "c", accounts: [],
  blocked: { outcome: "expired", reason: { rule: "age", message: "too old", facts: {} } }
})
