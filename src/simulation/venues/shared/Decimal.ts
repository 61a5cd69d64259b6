/** Exact decimals as a whole number and a scale: what this venue counts prices, sizes and money in. Pure. */

export interface Decimal {
  readonly value: bigint
  readonly scale: number
}

const shape = /^-?\d{1,18}(\.\d{1,12})?$/

export const zero: Decimal = { value: 0n, scale: 0 }

export const parse = (text: string): Decimal | undefined => {
  if (!shape.test(text)) return undefined
  const dot = text.indexOf(".")
  if (dot < 0) return { value: BigInt(text), scale: 0 }
  return { value: BigInt(text.slice(0, dot) + text.slice(dot + 1)), scale: text.length - dot - 1 }
}

/** For what the venue itself was made with: a wrong text is a defect of its owner. */
export const of = (text: string): Decimal => {
  const parsed = parse(text)
  if (parsed === undefined) throw new RangeError(`not a decimal: ${text}`)
  return parsed
}

/** Shortest form: no zeros at the end of the fraction. */
export const format = ({ scale, value }: Decimal): string => {
  if (scale === 0) return value.toString()
  const isNegative = value < 0n
  const digits = (isNegative ? -value : value).toString().padStart(scale + 1, "0")
  const whole = digits.slice(0, -scale)
  const fraction = digits.slice(-scale).replace(/0+$/, "")
  const text = fraction === "" ? whole : `${whole}.${fraction}`
  return isNegative && value !== 0n ? `-${text}` : text
}

const power = (exponent: number): bigint => 10n ** BigInt(exponent)

export const add = (left: Decimal, right: Decimal): Decimal => {
  if (left.scale === right.scale) return { value: left.value + right.value, scale: left.scale }
  return left.scale > right.scale
    ? { value: left.value + right.value * power(left.scale - right.scale), scale: left.scale }
    : { value: left.value * power(right.scale - left.scale) + right.value, scale: right.scale }
}

export const multiply = (left: Decimal, right: Decimal): Decimal => ({ value: left.value * right.value, scale: left.scale + right.scale })

export const times = (unit: Decimal, count: number): Decimal => ({ value: unit.value * BigInt(count), scale: unit.scale })

/** How many units a text is; undefined when it is no decimal, or no whole number of them. */
export const countOf = (text: string, unit: Decimal): number | undefined => {
  const parsed = parse(text)
  if (parsed === undefined) return undefined
  const scale = Math.max(parsed.scale, unit.scale)
  const value = parsed.value * power(scale - parsed.scale)
  const size = unit.value * power(scale - unit.scale)
  if (value % size !== 0n) return undefined
  const count = Number(value / size)
  return Number.isSafeInteger(count) ? count : undefined
}
