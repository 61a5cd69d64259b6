/** A violation as a person reads it: the rule, a sentence, and what journal and venue wrote of that alert or order. Bounded. */
import type { Encoded, EncodedRecord } from "./Shapes.ts"
import type { Violation } from "./Violation.ts"

const sentences: Readonly<Record<string, string>> = {
  I1: "at most one entry order per alert and account, nothing at the venue before its intent is durable",
  I2: "every acknowledged alert ends once for every account",
  I3: "no alert is acknowledged before it is durable",
  I4: "no position without its stop, or on its way to flat",
  I5: "never above the caps",
  I6: "journal and venue agree",
  I7: "each fill counts once, exactly",
  I8: "exits never turn a position; an excess is closed",
  I9: "no entry where none may be; what reduces risk passes",
  I10: "a kill lets no new risk leave; a flatten leaves nothing open",
  I11: "the rate budget holds",
  I12: "nothing stale opens",
  I15: "what was durable is there in the next life",
  I17: "no secret in the journal",
  I19: "everything goes back to a cause",
  I20: "what is shown is what is journaled"
}

const linesMax = 60
const lengthMax = 400
/** Records of the same account so near to the moment tell its story too. */
const nearMs = 5_000

const cut = (text: string): string => (text.length <= lengthMax ? text : `${text.slice(0, lengthMax)}...`)
const mentions = (text: string, names: ReadonlyArray<string>): boolean => names.some((name) => text.includes(name))

const newest = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length <= linesMax ? lines : [`  ... ${lines.length - linesMax} earlier ones`, ...lines.slice(-linesMax)]

export interface Kept {
  readonly rows: () => Iterable<Encoded>
  readonly records: () => Iterable<{ readonly venue: string; readonly record: EncodedRecord }>
  /** The venue's name of an account of ours. */
  readonly nameOf: (account: string) => string | undefined
}

/** Of what has no order and no alert, its instrument. */
const namesOf = ({ alertId, instrumentId, orderId }: Violation): ReadonlyArray<string> => {
  const names = [alertId, orderId].filter((name) => name !== undefined)
  return names.length > 0 || instrumentId === undefined ? names : [instrumentId]
}

export const text = (violation: Violation, kept: Kept): string => {
  const { account, atMs, expected, got, invariant, message, n, seq, venue } = violation
  const names = namesOf(violation)
  const rows: Array<string> = []
  const clientIds = new Set<string>()
  for (const row of kept.rows()) {
    const body = JSON.stringify(row.event)
    if (!(row.seq === seq || mentions(body, names))) continue
    if (account !== undefined && row.stream.startsWith("account/") && row.stream !== `account/${account}`) continue
    for (const [id] of body.matchAll(/il-[a-z0-9]+/g)) clientIds.add(id)
    rows.push(cut(`  ${row.seq} ${row.atMs} ${row.stream} ${body}`))
  }
  const records: Array<string> = []
  for (const { record, venue: name } of kept.records()) {
    const body = JSON.stringify(record)
    const isNear = names.length === 0 && Math.abs(record.atMs - atMs) <= nearMs
    const isOther = account !== undefined && names.includes(violation.instrumentId ?? "") && "account" in record && record.account !== kept.nameOf(account)
    const isIt = (record.n === n && name === venue) || (mentions(body, [...names, ...clientIds]) && !isOther) || isNear
    if (isIt) records.push(cut(`  ${name} ${body}`))
  }
  return [
    `${invariant} broken (${sentences[invariant] ?? invariant}) at ${atMs}${seq === undefined ? "" : `, row ${seq}`}${n === undefined ? "" : `, record ${n}`}`,
    message,
    `  expected: ${expected}`,
    `  got:      ${got}`,
    ...Object.entries({ venue, account, alert: violation.alertId, order: violation.orderId }).flatMap(([name, value]) => value === undefined ? [] : [`  ${name}: ${value}`]),
    "journal:", ...newest(rows),
    "venue:", ...newest(records)
  ].join("\n")
}

export const all = (violations: ReadonlyArray<Violation>, kept: Kept): string => violations.map((violation) => text(violation, kept)).join("\n\n")
