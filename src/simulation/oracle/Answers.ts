/** I3: an alert is answered 2xx only when it is in the journal, and what was in the journal is there in every later life (I6, I15). */
import type { Encoded } from "./Shapes.ts"
import type { World } from "./World.ts"

export interface Answered {
  readonly atMs: number
  readonly status: number
  readonly body?: unknown
  readonly alertId?: string
}

const parsed = (body: unknown): unknown => {
  if (typeof body !== "string") return body
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** The id that the answer names. */
export const alertIdOf = ({ alertId, body }: Answered): string | undefined => {
  if (alertId !== undefined) return alertId
  const value = parsed(body)
  return typeof value === "object" && value !== null && "alertId" in value && typeof value.alertId === "string" ? value.alertId : undefined
}

export const isAccepted = ({ status }: Answered): boolean => status >= 200 && status < 300

export const judge = (world: World, answer: Answered): void => {
  if (!isAccepted(answer)) return
  const { atMs } = answer
  const alertId = alertIdOf(answer)
  if (alertId === undefined) {
    world.report({ invariant: "I3", atMs, message: "a sender was told 2xx without an alert id", expected: "the id of a durable alert", got: `${answer.status}` })
    return
  }
  if (world.fold.alerts.has(alertId)) return
  world.report({ invariant: "I3", atMs, alertId, message: "an alert was answered 2xx before it was durable", expected: "its row on disk", got: "no row of it" })
}

/** The journal as a later life reads it: everything that counted, as it was. `kept` of a row: as it was handed over; undefined: never. */
export const reread = (world: World, rows: ReadonlyArray<Encoded>, last: number, kept: (seq: number) => Encoded | undefined): void => {
  const found = new Map(rows.map((row) => [row.seq, row]))
  for (let seq = rows[0]?.seq ?? 1; seq <= last; seq++) {
    const before = kept(seq)
    const now = found.get(seq)
    if (before === undefined) continue
    if (now !== undefined && JSON.stringify(now) === JSON.stringify(before)) continue
    world.report({
      invariant: "I3", atMs: world.nowMs(), seq, message: now === undefined ? "a row that was durable is gone" : "a row that was durable has changed",
      expected: `${before.stream} ${before.event._tag}`, got: now === undefined ? "no row" : `${now.stream} ${now.event._tag}`
    })
    return
  }
}
