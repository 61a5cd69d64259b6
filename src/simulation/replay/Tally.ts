/** What was compared and what differs. Owns: that a difference names its row, its alert, what it was and what it is now. */
import type { JournalRow } from "#schemas/JournalEvent.ts"
import { alertIdOf } from "#schemas/JournalEvent.ts"

export type Kind = "configuration" | "delivery" | "gates" | "guard" | "entry" | "close" | "outcome" | "view"

export interface Difference {
  readonly kind: Kind
  readonly seq: number
  readonly alertId: string | undefined
  readonly stream: string
  readonly was: string
  readonly now: string
}

/** More are counted, not kept. */
const differencesMax = 200
const lengthMax = 2_000

export const text = (value: unknown): string => {
  const whole = typeof value === "string" ? value : JSON.stringify(value) ?? "nothing"
  return whole.length <= lengthMax ? whole : `${whole.slice(0, lengthMax)}...`
}

export const make = () => {
  const compared = new Map<Kind, number>()
  const left = new Map<string, number>()
  const differences: Array<Difference> = []
  let count = 0
  return {
    compare: (kind: Kind, row: JournalRow, was: unknown, now: unknown): void => {
      compared.set(kind, (compared.get(kind) ?? 0) + 1)
      const [before, after] = [JSON.stringify(was), JSON.stringify(now)]
      if (before === after) return
      count += 1
      if (differences.length < differencesMax) {
        differences.push({ kind, seq: row.seq, alertId: alertIdOf(row.event), stream: row.stream, was: text(was), now: text(now) })
      }
    },
    /** Why a decision was not made again. */
    leave: (why: string): void => void left.set(why, (left.get(why) ?? 0) + 1),
    result: () => ({ compared: Object.fromEntries(compared), notCompared: Object.fromEntries(left), differencesCount: count, differences })
  }
}
export type Tally = ReturnType<typeof make>
