/** What an account's caps still leave. All exposure counts at full size: positions, working entries, Unknown entries. */
import { BigDecimal, Option } from "effect"
import type { Caps } from "#schemas/config/AccountConfig.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as Units from "#src/orders/Units.ts"

/** One instrument of one account: |position| + working entries + Unknown entries, in lots. */
export interface Exposure {
  readonly instrument: Instrument
  readonly atRiskLots: number
}

export interface Room {
  readonly byAsset?: number
  readonly bySymbol?: number
}

const zero = BigDecimal.make(0n, 0)

const lotsLeft = (instrument: Instrument, cap: BigDecimal.BigDecimal, exposures: ReadonlyArray<Exposure>): number => {
  const used = BigDecimal.sumAll(exposures.map((exposure) => Units.quantityOf(exposure.instrument, exposure.atRiskLots)))
  const left = BigDecimal.subtract(cap, used)
  return Units.lotsOf(instrument, BigDecimal.max(left, zero))
}

/** Lots of this instrument that may still be added; never below 0. All months of a root share its cap. */
export const room = (caps: Caps, instrument: Instrument, exposures: ReadonlyArray<Exposure>): Room => {
  const assetCap = caps.maxContracts?.[instrument.asset]
  const symbolCap = caps.maxContractsBySymbol?.[instrument.root]
  return {
    ...(assetCap === undefined ? {} : {
      byAsset: lotsLeft(instrument, assetCap, exposures.filter((exposure) => exposure.instrument.asset === instrument.asset))
    }),
    ...(symbolCap === undefined ? {} : {
      bySymbol: lotsLeft(instrument, symbolCap, exposures.filter((exposure) => exposure.instrument.root === instrument.root))
    })
  }
}

/** Instruments at the same time: one more than allowed is a no; what is already held may grow as far as the other caps let it. */
export const positionsDenied = (caps: Caps, instrument: Instrument, exposures: ReadonlyArray<Exposure>): Option.Option<Reason> => {
  const others = new Set(exposures.flatMap((exposure) => exposure.atRiskLots > 0 && exposure.instrument.id !== instrument.id ? exposure.instrument.id : []))
  if (caps.maxPositions === undefined || others.size < caps.maxPositions) return Option.none()
  return Option.some({
    rule: "MaxPositions",
    message: `The account already holds or enters ${others.size} other instruments; at most ${caps.maxPositions} at the same time`,
    facts: { limit: String(caps.maxPositions), current: String(others.size), instruments: [...others].sort().join(" ") }
  })
}

/** Entries since the account's day began. */
export const tradesDenied = (caps: Caps, tradesToday: number, clearsAtMs: number): Option.Option<Reason> => {
  if (caps.maxTradesPerDay === undefined || tradesToday < caps.maxTradesPerDay) return Option.none()
  return Option.some({
    rule: "MaxTradesPerDay",
    message: `${tradesToday} trades since the account's day began; at most ${caps.maxTradesPerDay}`,
    facts: { limit: String(caps.maxTradesPerDay), current: String(tradesToday) },
    clearsAtMs
  })
}
