/** Exact amounts, never without their currency. */
import { Schema } from "effect"
import { Decimal } from "./Decimal.ts"

export const Currency = Schema.Literals(["USD", "EUR", "USDT"])
export type Currency = typeof Currency.Type

export const Money = Schema.Struct({ amount: Decimal, currency: Currency })
export type Money = typeof Money.Type
