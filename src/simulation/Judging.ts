/** What the judge is handed, as it happens. Absent one, nobody looks. */
import type { Answer } from "#src/ingress/Receive.ts"
import type { Encoded, EncodedRecord } from "#src/simulation/oracle/Shapes.ts"
import type { Violation } from "#src/simulation/oracle/Violation.ts"
import type { Placed } from "#src/stores/JournalFile.ts"

/** One row as it stands in the journal, its event encoded. */
export type Row = Encoded

export interface Witness {
  readonly row: (row: Row) => void
  readonly ledger: (record: EncodedRecord, venue: string) => void
  readonly answered: (answered: { readonly atMs: number; readonly status: number; readonly body: Answer["body"] }) => void
  readonly life: (life: { readonly atMs: number; readonly kind: "start" | "stop" | "kill" }) => void
  readonly disturbed: (told: { readonly atMs: number; readonly untilMs?: number; readonly what: string }) => void
  readonly disk: (told: { readonly atMs: number; readonly full: boolean }) => void
  readonly time: (atMs: number) => void
  readonly reread: (rows: ReadonlyArray<Row>) => void
  readonly end: (told: { readonly atMs: number; readonly settled: boolean }) => void
  readonly violations: () => ReadonlyArray<Violation>
  readonly violationsCount: () => number
  readonly statistics: () => unknown
  readonly told: (violation: Violation) => string
}

export const rowOf = ({ atMs, body, seq, stream, version }: Placed): Row => ({ seq, atMs, stream, version, event: JSON.parse(body) })

const nothing = () => {}
export const nobody: Witness = {
  row: nothing,
  ledger: nothing,
  answered: nothing,
  life: nothing,
  disturbed: nothing,
  disk: nothing,
  time: nothing,
  reread: nothing,
  end: nothing,
  violations: () => [],
  violationsCount: () => 0,
  statistics: () => ({}),
  told: () => ""
}

/** `first` before anything is handed over: what happened elsewhere meanwhile is told in its order. */
export const after = (first: () => void, witness: Witness): Witness => {
  const then = <A extends ReadonlyArray<unknown>, B>(hand: (...told: A) => B) => (...told: A): B => {
    first()
    return hand(...told)
  }
  return {
    row: then(witness.row),
    ledger: then(witness.ledger),
    answered: then(witness.answered),
    life: then(witness.life),
    disturbed: then(witness.disturbed),
    disk: then(witness.disk),
    time: then(witness.time),
    reread: then(witness.reread),
    end: then(witness.end),
    violations: witness.violations,
    violationsCount: witness.violationsCount,
    statistics: witness.statistics,
    told: witness.told
  }
}
