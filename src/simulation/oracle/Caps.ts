/** I5: never above the caps of the account, its asset class, its symbol, its strategy; what may still fill counts at full size. */
import * as Decimal from "./Decimal.ts"
import * as Fold from "./Fold.ts"
import * as Hours from "./Hours.ts"
import type { AccountSettings } from "./Settings.ts"
import type { Rule, World } from "./World.ts"

/** Lots that would be held if every entry that may fill did. */
export const atRisk = (held: Fold.Holding): number => {
  let lots = Math.abs(held.net)
  for (const order of held.live) if (order.row.leg === "entry") lots += Fold.remaining(order)
  return lots
}

const quantityAtRisk = (of: Fold.Account, isMeant: (held: Fold.Holding) => boolean): Decimal.Decimal => {
  let sum = 0n
  for (const held of of.holdings.values()) {
    if (held.instrument !== undefined && isMeant(held)) sum += Decimal.ofLots(atRisk(held), held.instrument.lotSize)
  }
  return sum
}

export const make = (world: World): Rule => {
  const { fold, report } = world
  /** What the entry in the next row was decided on. */
  let hash: string | undefined

  const broken = (of: Fold.Account, order: Fold.Order, { caps, ...settings }: AccountSettings, atMs: number): readonly [string, string] | undefined => {
    const { instrument } = order
    if (instrument === undefined) return undefined
    const byAsset = caps.maxContracts?.[instrument.asset]
    const ofAsset = quantityAtRisk(of, (held) => held.instrument?.asset === instrument.asset)
    if (byAsset !== undefined && ofAsset > Decimal.orZero(byAsset)) return [`at most ${byAsset} of ${instrument.asset}`, Decimal.text(ofAsset)]
    const bySymbol = caps.maxContractsBySymbol?.[instrument.root]
    const ofRoot = quantityAtRisk(of, (held) => held.instrument?.root === instrument.root)
    if (bySymbol !== undefined && ofRoot > Decimal.orZero(bySymbol)) return [`at most ${bySymbol} of ${instrument.root}`, Decimal.text(ofRoot)]
    const open = [...of.holdings.values()].filter((held) => atRisk(held) > 0).length
    if (caps.maxPositions !== undefined && open > caps.maxPositions) return [`at most ${caps.maxPositions} instruments at a time`, String(open)]
    const today = of.entriesAtMs.filter((at) => at >= Hours.dayStartMs({ caps, ...settings }, atMs)).length
    return caps.maxTradesPerDay !== undefined && today > caps.maxTradesPerDay ? [`at most ${caps.maxTradesPerDay} entries a day`, String(today)] : undefined
  }

  return {
    row: ({ atMs, event, seq }) => {
      if (event._tag === "EntryDecided") hash = event.configHash
      if (event._tag !== "OrderIntended" || event.order.leg !== "entry") return
      const order = fold.orders.get(event.order.id)
      const of = order === undefined ? undefined : fold.accounts.get(order.account)
      const settings = world.settings.of(hash)
      const account = settings?.accounts.get(order?.account ?? "")
      if (order === undefined || of === undefined || account === undefined) return
      const told = { invariant: "I5", atMs, seq, account: of.id, alertId: event.alertId, orderId: order.row.id } as const
      const over = broken(of, order, account, atMs)
      if (over !== undefined) report({ ...told, message: "an entry goes beyond a cap", expected: over[0], got: over[1] })
      const strategy = settings?.strategies.get(of.holdings.get(order.row.instrumentId)?.strategy ?? "")
      const size = order.instrument === undefined ? 0n : Decimal.ofLots(order.row.lots, order.instrument.lotSize)
      if (strategy?.maxQuantity !== undefined && size > Decimal.orZero(strategy.maxQuantity)) {
        report({ ...told, message: "an entry is larger than its strategy allows", expected: `at most ${strategy.maxQuantity}`, got: Decimal.text(size) })
      }
    }
  }
}
