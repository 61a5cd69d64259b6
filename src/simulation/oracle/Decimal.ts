/** Exact decimals of the judge's own: whole numbers of 10^-18. Owns: reading, adding, comparing. No binary fraction comes near them. */

export type Decimal = bigint

const digits = 18
const shape = /^-?\d+(\.\d+)?$/
const one = 10n ** BigInt(digits)

/** Texts that come again and again: prices, sizes, fees. */
const knownMax = 20_000
const known = new Map<string, Decimal>()

const read = (text: string): Decimal | undefined => {
  if (!shape.test(text)) return undefined
  const [whole = "0", fraction = ""] = text.split(".")
  const isNegative = whole.startsWith("-")
  const rest = fraction.slice(digits)
  if (/[1-9]/.test(rest)) return undefined
  const size = BigInt(whole.replace("-", "")) * one + BigInt(fraction.slice(0, digits).padEnd(digits, "0"))
  return isNegative ? -size : size
}

/** Undefined: no plain decimal, or one with more than 18 digits behind the point. */
export const parse = (text: string): Decimal | undefined => {
  const before = known.get(text)
  if (before !== undefined) return before
  const value = read(text)
  if (value === undefined) return undefined
  if (known.size >= knownMax) known.clear()
  known.set(text, value)
  return value
}

/** What cannot be read counts as nothing: for figures, never for a verdict. */
export const orZero = (text: string | undefined): Decimal => (text === undefined ? undefined : parse(text)) ?? 0n

export const ofLots = (lots: number, lotSize: string): Decimal => BigInt(lots) * orZero(lotSize)

/** Undefined: not a whole number of steps. */
export const steps = (value: Decimal, step: Decimal): number | undefined =>
  step === 0n || value % step !== 0n ? undefined : Number(value / step)

export const times = (left: Decimal, right: Decimal): Decimal => left * right / one

export const abs = (value: Decimal): Decimal => (value < 0n ? -value : value)
export const min = (left: Decimal, right: Decimal): Decimal => (left < right ? left : right)

export const text = (value: Decimal): string => {
  const size = abs(value)
  const fraction = (size % one).toString().padStart(digits, "0").replace(/0+$/, "")
  return `${value < 0n ? "-" : ""}${size / one}${fraction === "" ? "" : `.${fraction}`}`
}
