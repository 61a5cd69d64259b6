/** Counts and times of a run. Owns: what is counted; nothing here is a verdict. */

import type { LedgerRecord, Row } from "./Shapes.ts"

const bucketsMs = [0, 10, 50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 60_000] as const

export interface Figures {
  readonly alerts: number
  readonly refused: number
  readonly commands: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly orders: Readonly<Record<string, number>>
  readonly fills: number
  readonly venueOrders: number
  readonly venueFills: number
  readonly requests: number
  readonly faults: Readonly<Record<string, number>>
  readonly lives: number
  readonly rows: number
  readonly records: number
  readonly unknown: { readonly count: number; readonly settled: number; readonly slowestMs: number }
  /** Times without a stop at the venue, in buckets: at most so many milliseconds. */
  readonly nakedMs: Readonly<Record<string, number>>
  readonly slowestNakedMs: number
  /** From the fill at the venue to the first bytes that tell of it. */
  readonly slowestEvidenceMs: number
}

export type Statistics = ReturnType<typeof make>

const add = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

const bucketOf = (ms: number): string => {
  const bound = bucketsMs.find((most) => ms <= most)
  return bound === undefined ? `> ${bucketsMs.at(-1)}` : `<= ${bound}`
}

export const make = () => {
  const outcomes = new Map<string, number>()
  const orders = new Map<string, number>()
  const faults = new Map<string, number>()
  const naked = new Map<string, number>()
  const counts = { alerts: 0, refused: 0, commands: 0, fills: 0, venueOrders: 0, venueFills: 0, requests: 0, lives: 0, rows: 0, records: 0 }
  let slowestNakedMs = 0
  let slowestEvidenceMs = 0
  const unknown = { count: 0, settled: 0, slowestMs: 0 }
  return {
    counts,
    row: ({ event }: Row) => {
      counts.rows += 1
      if (event._tag === "AlertAccepted") counts.alerts += 1
      else if (event._tag === "AlertRefused") counts.refused += 1
      else if (event._tag === "CommandGiven") counts.commands += 1
      else if (event._tag === "OutcomeReached") add(outcomes, event.outcome)
      else if (event._tag === "OrderIntended") add(orders, event.order.leg)
      else if (event._tag === "FillReceived") counts.fills += 1
    },
    record: (record: LedgerRecord) => {
      counts.records += 1
      if (record.kind === "order") counts.venueOrders += 1
      else if (record.kind === "fill") counts.venueFills += 1
      else if (record.kind === "request") counts.requests += 1
      else if (record.kind === "fault") add(faults, record.name)
    },
    naked: (ms: number) => {
      add(naked, bucketOf(ms))
      slowestNakedMs = Math.max(slowestNakedMs, ms)
    },
    evidence: (ms: number) => {
      slowestEvidenceMs = Math.max(slowestEvidenceMs, ms)
    },
    unknown: () => {
      unknown.count += 1
    },
    settled: (ms: number) => {
      unknown.settled += 1
      unknown.slowestMs = Math.max(unknown.slowestMs, ms)
    },
    figures: (): Figures => ({
      ...counts,
      outcomes: Object.fromEntries(outcomes),
      orders: Object.fromEntries(orders),
      faults: Object.fromEntries(faults),
      unknown: { ...unknown },
      nakedMs: Object.fromEntries(naked),
      slowestNakedMs,
      slowestEvidenceMs
    })
  }
}
