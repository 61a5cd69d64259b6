/** One named case: a story told to the whole house, the judge at its side. */
import { assert } from "@effect/vitest"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Between } from "#src/simulation/Life.ts"
import type { Report } from "#src/simulation/Report.ts"
import * as Enumerate from "#test/simulation/calls/Enumerate.ts"
import { type Told, tell } from "#test/simulation/calls/Story.ts"

export interface Lived {
  readonly report: Report
  readonly calls: ReadonlyArray<Enumerate.Made>
  /** By the id that the sender gave, for each account: how it ended, and by which rule. */
  readonly ended: Readonly<Record<string, ReadonlyArray<string>>>
  readonly count: (tag: JournalEvent["_tag"]) => number
}

interface Row {
  readonly type: string
  readonly event: { readonly [key: string]: unknown }
}

interface Reached {
  readonly alertId: string
  readonly outcome: string
  readonly reason?: { readonly rule: string }
}

const said = ({ outcome, reason }: Reached): string => reason === undefined ? outcome : `${outcome}: ${reason.rule}`

const endedIn = (rows: ReadonlyArray<Row>): Lived["ended"] => {
  const names = new Map<string, string>()
  const found: Record<string, Array<string>> = {}
  const note = (alertId: unknown, text: string) => {
    const name = names.get(String(alertId)) ?? String(alertId)
    found[name] = [...found[name] ?? [], text]
  }
  for (const { event, type } of rows) {
    if (type === "AlertAccepted") {
      const { explicitId } = event["signal"] as { explicitId?: string }
      names.set(String(event["alertId"]), explicitId ?? "")
    }
    if (type === "AlertGated" && event["blocked"] !== undefined) note(event["alertId"], said(event["blocked"] as Reached))
    if (type === "OutcomeReached") note(event["alertId"], said(event as unknown as Reached))
  }
  return found
}

/** Everything the judge watches for holds; what came of it is handed back. */
export const live = async (told: Omit<Told, "name" | "about">, more: { readonly between?: Between; readonly strikes?: string } = {}): Promise<Lived> => {
  const rows: Array<Row> = []
  const story = { ...tell({ name: "named", about: "", ...told }), ...(more.between === undefined ? {} : { between: more.between }) }
  const { calls, report } = await Enumerate.attempt(story, Enumerate.strikesOf(more.strikes ?? ""), {
    keep: (all) => rows.push(...all.map(({ body, type }) => ({ type, event: JSON.parse(body) })))
  })
  assert.deepStrictEqual(report.violations.map(({ story }) => story), [])
  return { report, calls, ended: endedIn(rows), count: (tag) => rows.filter(({ type }) => type === tag).length }
}

export const buy = (id: string, fields: Readonly<Record<string, string>> = {}) => ({ action: "buy", id, ...fields })
export const exit = (id: string, fields: Readonly<Record<string, string>> = {}) => ({ action: "exit", id, ...fields })
