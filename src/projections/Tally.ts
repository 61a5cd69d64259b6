/** What one order has filled. Owns: how an inferred fill gives way to the venue's own. */
import { BigDecimal } from "effect"
import type { Fill } from "#schemas/Fill.ts"

export type Evidence = "event" | "query" | "inferred" | "attested"

export const isProvisional = (evidence: Evidence): boolean => evidence === "inferred" || evidence === "attested"

/** Sums over fills: lots, price x lots, fees. */
export interface Sum {
  readonly lots: number
  readonly cost: BigDecimal.BigDecimal
  readonly fees: BigDecimal.BigDecimal
}

/** `inferred` (a person's word too) is provisional: each lot that the venue reports afterwards takes the place of an inferred one. */
export interface Tally {
  readonly reported: Sum
  readonly inferred: Sum
}

const zero = BigDecimal.fromBigInt(0n)
export const nothing: Sum = { lots: 0, cost: zero, fees: zero }
export const empty: Tally = { reported: nothing, inferred: nothing }

const ofFill = ({ fee, lots, price }: Fill): Sum => ({ lots, cost: times(price, lots), fees: fee })

export const plus = (a: Sum, b: Sum): Sum => ({
  lots: a.lots + b.lots,
  cost: BigDecimal.sum(a.cost, b.cost),
  fees: BigDecimal.sum(a.fees, b.fees)
})

export const times = (value: BigDecimal.BigDecimal, lots: number): BigDecimal.BigDecimal =>
  BigDecimal.multiply(value, BigDecimal.fromBigInt(BigInt(lots)))

/** The same average over fewer lots. */
export const shrink = (sum: Sum, lots: number): Sum => {
  if (lots <= 0) return nothing
  const part = (value: BigDecimal.BigDecimal) => over(times(value, lots), sum.lots)
  return { lots, cost: part(sum.cost), fees: part(sum.fees) }
}

const over = (value: BigDecimal.BigDecimal, lots: number) => BigDecimal.divideUnsafe(value, BigDecimal.fromBigInt(BigInt(lots)))

export const add = (tally: Tally, fill: Fill, evidence: Evidence): Tally => {
  const sum = ofFill(fill)
  return isProvisional(evidence)
    ? { ...tally, inferred: plus(tally.inferred, sum) }
    : { reported: plus(tally.reported, sum), inferred: shrink(tally.inferred, tally.inferred.lots - sum.lots) }
}

/** Without what is provisional: the venue says otherwise. */
export const withoutInferred = (tally: Tally): Tally => ({ ...tally, inferred: nothing })

export const total = (tally: Tally): Sum => plus(tally.reported, tally.inferred)

export const averageOf = (sum: Sum): BigDecimal.BigDecimal | undefined => (sum.lots === 0 ? undefined : over(sum.cost, sum.lots))
