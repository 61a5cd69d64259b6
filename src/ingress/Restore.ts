/** The ring of recent deliveries after a restart, from the journal's last rows: an alert without an `AlertAnswered` may come again. */
import { Effect } from "effect"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import * as Identity from "#src/ingress/Identity.ts"
import type { Journal } from "#src/ports/Journal.ts"

const pageRows = 1_000
const pagesMax = 50

/** The rows of the last window, oldest first; at most fifty pages back. */
const lastRows = Effect.fnUntraced(function*(journal: Journal["Service"], nowMs: number) {
  let rows: ReadonlyArray<JournalRow> = []
  let before = (yield* journal.status).seq
  for (let page = 0; page < pagesMax && before > 0; page++) {
    const from = Math.max(0, before - pageRows)
    const older = yield* journal.readAfter(from, before - from)
    rows = [...older, ...rows]
    before = from
    if ((rows[0]?.atMs ?? 0) < nowMs - Identity.windowMs) break
  }
  return rows
})

type Seen = { -readonly [K in keyof Identity.Left]: Identity.Left[K] }

/** Instants here are of the wall clock. */
const seenIn = Effect.fnUntraced(function*(journal: Journal["Service"], rows: ReadonlyArray<JournalRow>) {
  const byAlert = new Map<string, Seen>()
  for (const { event } of rows) {
    if (event._tag === "AlertAccepted" || event._tag === "AlertRefused") {
      const first = Identity.firstOf(event)
      if (first === undefined || event.signal?.explicitId !== undefined) continue
      const atMs = event.delivery.receivedAtMs
      byAlert.set(event.alertId, { hash: event.delivery.bodyHash, atMs, firstAtMs: atMs, first, wasAnswered: false })
    } else if (event._tag === "AlertDuplicated" && event.by === "resend") {
      const earlier = byAlert.get(event.alertId)
      const firstRow = earlier === undefined ? (yield* journal.readAlert(event.alertId))[0] : undefined
      const first = earlier?.first ?? (firstRow === undefined ? undefined : Identity.firstOf(firstRow.event))
      if (first === undefined) continue
      const atMs = event.delivery.receivedAtMs
      const firstAtMs = earlier?.firstAtMs ?? firstRow?.atMs ?? atMs
      byAlert.set(event.alertId, { hash: event.delivery.bodyHash, atMs, firstAtMs, first, wasAnswered: false })
    } else if (event._tag === "AlertAnswered" && event.status < 500) {
      const answered = byAlert.get(event.alertId)
      if (answered !== undefined) answered.wasAnswered = true
    }
  }
  return Array.from(byAlert.values()).toSorted((a, b) => a.atMs - b.atMs)
})

/** `wallMs` and `monotonicMs` of the same moment. */
export const restore = Effect.fnUntraced(function*(
  journal: Journal["Service"],
  identity: Identity.Identity,
  now: { readonly wallMs: number; readonly monotonicMs: number }
) {
  const onOurClock = (atMs: number) => now.monotonicMs - Math.max(0, now.wallMs - atMs)
  for (const left of yield* seenIn(journal, yield* lastRows(journal, now.wallMs))) {
    identity.restore({ ...left, atMs: onOurClock(left.atMs), firstAtMs: onOurClock(left.firstAtMs) })
  }
})
