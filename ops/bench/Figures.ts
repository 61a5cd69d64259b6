/** What a run found: a value, what it is compared with, and whether that is good enough. Pure. */
import { median, rounded } from "./Stats.ts"

export interface Figure {
  readonly name: string
  readonly what: string
  readonly unit: string
  /** Median over the rounds; null: not measured. */
  readonly value: number | null
  /** Of the baseline beside it in the same run. */
  readonly baseline?: number | null
  /** Value by baseline. */
  readonly ratio?: number | null
  readonly goal?: string
  /** Absent: no goal, or not measured. */
  readonly isMet?: boolean
  readonly rounds?: ReadonlyArray<number>
  readonly note?: string
}

/** Values of all rounds, by name. */
export type Rounds = Map<string, Array<number>>

export const add = (rounds: Rounds, name: string, value: number): void => {
  const values = rounds.get(name) ?? []
  rounds.set(name, values)
  values.push(value)
}

const mid = (values: ReadonlyArray<number> | undefined): number | null => {
  if (values === undefined || values.length === 0) return null
  const value = median(values)
  return Number.isFinite(value) ? rounded(value) : null
}

/** A goal of none at all is not about speed: missed, the run has failed. */
export const isFailed = ({ goal, isMet }: Figure): boolean => goal === "<= 0" && isMet === false

export interface Wanted {
  readonly name: string
  readonly what: string
  readonly unit: string
  /** Name of the rounds it comes from; default: its own. */
  readonly from?: string
  readonly baseline?: string
  /** Of the rounds: not their median but what they come to together. */
  readonly isSum?: boolean
  /** Bounds of the ratio to the baseline. */
  readonly ratioMin?: number
  readonly ratioMax?: number
  readonly atMost?: number
  readonly atLeast?: number
  readonly note?: string
}

const verdict = ({ atLeast, atMost, ratioMax, ratioMin }: Wanted, value: number | null, ratio: number | null): Pick<Figure, "goal" | "isMet"> => {
  const [goal, isMet] = ratioMin !== undefined ? [`>= ${ratioMin}x`, ratio === null ? undefined : ratio >= ratioMin]
    : ratioMax !== undefined ? [`<= ${ratioMax}x`, ratio === null ? undefined : ratio <= ratioMax]
    : atMost !== undefined ? [`<= ${atMost}`, value === null ? undefined : value <= atMost]
    : atLeast !== undefined ? [`>= ${atLeast}`, value === null ? undefined : value >= atLeast]
    : [undefined, undefined]
  return { ...(goal === undefined ? {} : { goal }), ...(isMet === undefined ? {} : { isMet }) }
}

export const figure = (rounds: Rounds, wanted: Wanted): Figure => {
  const values = rounds.get(wanted.from ?? wanted.name)
  const value = wanted.isSum && values !== undefined ? values.reduce((one, other) => one + other, 0) : mid(values)
  const baseline = wanted.baseline === undefined ? null : mid(rounds.get(wanted.baseline))
  const ratio = value === null || baseline === null ? null : rounded(value / baseline)
  return {
    name: wanted.name, what: wanted.what, unit: wanted.unit, value,
    ...(wanted.baseline === undefined ? {} : { baseline, ratio }),
    ...verdict(wanted, value, ratio),
    ...(values === undefined ? {} : { rounds: values.map(rounded) }),
    ...(wanted.note === undefined ? {} : { note: wanted.note })
  }
}
