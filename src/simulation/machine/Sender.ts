/** Who sends the day's alerts. Owns: when they come, and what they ask for. */
import { BigDecimal } from "effect"
import { AlertId, type InstrumentId, LaneId, StrategyId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Action, Level, Signal } from "#schemas/Signal.ts"
import * as Units from "#src/orders/Units.ts"
import type { Ticks } from "#schemas/Instrument.ts"
import type { Chance } from "#src/simulation/Chance.ts"
import * as Setup from "#src/simulation/machine/Setup.ts"
import type { World } from "#src/simulation/machine/World.ts"

const { AlertAccepted } = JournalEvent.cases
const lane = LaneId.make("all")

const symbolsOf = [
  { strategy: StrategyId.make("trend"), symbols: ["MES1!", "PF_XBTUSD"] },
  { strategy: StrategyId.make("scale"), symbols: ["MNQ1!", "PF_XBTUSD"] },
  { strategy: StrategyId.make("fade"), symbols: ["PF_ETHUSD", "MES1!"] }
] as const

const actions: ReadonlyArray<{ readonly action: Action; readonly weight: number }> = [
  { action: "buy", weight: 28 }, { action: "sell", weight: 28 }, { action: "exit", weight: 20 }, { action: "reverse", weight: 5 },
  { action: "flatten", weight: 3 }, { action: "cancel", weight: 5 }, { action: "update", weight: 11 }
]

const distance = (ticks: number): Level => ({ _tag: "Distance", ticks })

/** One in four alerts follows another closely. */
export const times = (chance: Chance, alerts: number, startMs: number, endMs: number): ReadonlyArray<number> => {
  const all: Array<number> = []
  while (all.length < alerts) {
    const before = all.at(-1)
    all.push(before !== undefined && chance.hits(0.25) ? before + chance.below(3_000) : startMs + 60_000 + chance.below(endMs - startMs - 120_000))
  }
  return all.sort((one, other) => one - other)
}

export const draw = (world: World, chance: Chance, number: number): { readonly alertId: AlertId; readonly signal: Signal } => {
  const { strategy, symbols } = symbolsOf[chance.below(symbolsOf.length)] ?? symbolsOf[0]
  const symbol = symbols[chance.below(symbols.length)] ?? symbols[0]
  const action = chance.pick(actions, ({ weight }) => weight)?.action ?? "buy"
  const instrument = Setup.instrumentOf(world.settled, symbol, world.wallMs())
  const price = world.market.get(instrument.id as InstrumentId)?.prices.at(world.heap.nowMs()) ?? 1
  const isEntry = action === "buy" || action === "sell"
  const orderType = isEntry ? chance.pick(["market", "limit", "stop"] as const, (type) => type === "market" ? 8 : 1) ?? "market" : "market"
  const at = (ticks: number) => Units.priceOf(instrument, (price + ticks) as Ticks)
  const away = (2 + chance.below(12)) * (action === "buy" ? 1 : -1)
  const quantity = chance.hits(0.2) ? Units.quantityOf(instrument, 1 + chance.below(3)) : undefined
  return {
    alertId: AlertId.make(`alert-${number}`),
    signal: {
      lane, strategy, action, symbol, orderType,
      price: at(0),
      ...(orderType === "limit" ? { limitPrice: at(-away) } : {}),
      ...(orderType === "stop" ? { stopPrice: at(away) } : {}),
      ...(isEntry && chance.hits(0.3) ? { stopLoss: distance(15 + chance.below(60)), takeProfit: distance(10 + chance.below(60)) } : {}),
      ...(action === "update" ? { stopLoss: distance(10 + chance.below(60)), ...(chance.hits(0.4) ? { takeProfit: distance(20 + chance.below(60)) } : {}) } : {}),
      ...(quantity === undefined || action === "update" ? {} : { quantity: BigDecimal.normalize(quantity) }),
      ...(chance.hits(0.2) ? { sentAtMs: Math.floor((world.wallMs() - chance.below(3_000)) / 1_000) * 1_000 } : {})
    }
  }
}

export const accepted = ({ alertId, signal }: ReturnType<typeof draw>, receivedAtMs: number): JournalEvent => AlertAccepted.make({
  alertId,
  signal,
  delivery: {
    lane, receivedAtMs, source: "127.0.0.1", contentType: "application/json", body: "{}", format: "canonical", repairs: [], notes: [], bodyHash: alertId
  }
})
