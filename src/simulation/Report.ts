/** What came of a run: as data, and as text for a person. */
import { Schema } from "effect"
import type { Disk } from "#src/simulation/Disk.ts"
import type { Witness } from "#src/simulation/Judging.ts"
import type { Violation } from "#src/simulation/oracle/Violation.ts"
import type * as Sender from "#src/simulation/Sender.ts"

export interface Report {
  readonly scenario: string
  readonly seed: number
  readonly days: number
  /** sha256 over all rows of the journal as written. */
  readonly hash: string
  readonly counts: Readonly<Record<string, number>>
  readonly answers: Readonly<Record<string, number>>
  readonly outcomes: Readonly<Record<string, number>>
  /** Outcomes that have a reason, by its rule. */
  readonly reasons: Readonly<Record<string, number>>
  readonly faults: Readonly<Record<string, number>>
  readonly violations: ReadonlyArray<Violation & { readonly story: string }>
  /** Those too that are more than are kept. */
  readonly violationsCount: number
  readonly statistics: unknown
  /** What the house logged as errors, once each. */
  readonly errors: ReadonlyArray<string>
}

interface Run {
  readonly scenario: string
  readonly seed: number
  readonly days: number
  readonly disk: Disk
  readonly errors: ReadonlyArray<string>
  readonly lives: number
  readonly ledgerRows: number
  readonly judge: Witness
  readonly sender: ReturnType<typeof Sender.make>["counts"]
  readonly faults: Readonly<Record<string, number>>
  readonly calls: number
  readonly time: { readonly wakes: number; readonly rounds: number }
}

const errorsShown = 20

const Outcome = Schema.fromJsonString(Schema.Struct({ outcome: Schema.String, reason: Schema.optionalKey(Schema.Struct({ rule: Schema.String })) }))
const outcomeOf = Schema.decodeUnknownSync(Outcome)

const count = (counts: Map<string, number>, name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
const byName = (counts: ReadonlyMap<string, number>) => Object.fromEntries([...counts].toSorted(([one], [other]) => one < other ? -1 : 1))

export const of = ({ calls, days, disk, errors, faults, judge, ledgerRows, lives, scenario, seed, sender, time }: Run): Report => {
  const rows = disk.rows()
  const types = new Map<string, number>()
  const outcomes = new Map<string, number>()
  const reasons = new Map<string, number>()
  for (const { body, type } of rows) {
    count(types, type)
    if (type !== "OutcomeReached") continue
    const { outcome, reason } = outcomeOf(body)
    count(outcomes, outcome)
    if (reason !== undefined) count(reasons, `${outcome} ${reason.rule}`)
  }
  const of = (type: string) => types.get(type) ?? 0
  return {
    scenario,
    seed,
    days,
    hash: disk.hash(),
    counts: {
      sent: sender.sent, answered: sender.answered, unanswered: sender.unanswered, alerts: of("AlertAccepted"), duplicates: of("AlertDuplicated"), refused: of("AlertRefused"),
      orders: of("OrderIntended"), fills: of("FillReceived"), trades: of("TradeClosed"), rows: rows.length, ledger: ledgerRows, lives, calls, ...time
    },
    answers: Object.fromEntries([...sender.byStatus].toSorted(([one], [other]) => one - other)),
    outcomes: byName(outcomes),
    reasons: byName(reasons),
    faults,
    violations: judge.violations().map((violation) => ({ ...violation, story: judge.told(violation) })),
    violationsCount: judge.violationsCount(),
    statistics: judge.statistics(),
    errors: [...new Set(errors)].slice(0, errorsShown)
  }
}
