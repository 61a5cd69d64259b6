/** What senders send: a day's alerts, as bytes with their instants, with what goes wrong on the senders' side. Pure but for chance. */
import { DateTime, type Schema } from "effect"
import type { Chance } from "#src/simulation/Chance.ts"
import * as ChanceOf from "#src/simulation/Chance.ts"
import type { Faults } from "#src/simulation/Faults.ts"
import { offsetMs, type Scenario } from "#src/simulation/Scenario.ts"

export interface Delivery {
  readonly atMs: number
  readonly lane: string
  readonly body: Uint8Array | "tooLarge"
  readonly contentType: string
  /** However it is answered, it is sent again so often. */
  readonly repeats: number
}

type Fields = Readonly<Record<string, Schema.Json>>

const dayMs = 86_400_000
const json = "application/json"
const repeatsOfF38 = 4
const lateMsMax = 20_000
const burst = 50
const burstMs = 1_000
/** Of alerts that somebody generates, so many carry an id of their own. */
const withId = 0.8

interface Alert {
  readonly atMs: number
  readonly lane: string
  readonly fields: Fields
}

const isoOf = (atMs: number): string => DateTime.formatIso(DateTime.makeUnsafe(atMs))

const drawn = (chance: Chance, { alerts }: Scenario, name: string, atMs: number): Alert | undefined => {
  const line = chance.pick(alerts.generate?.mix ?? [], ({ weight = 1 }) => weight)
  if (line === undefined) return undefined
  const action = chance.pick(Object.entries(line.actions), ([, weight]) => weight)?.[0] ?? "buy"
  const symbol = chance.pick(line.symbols) ?? line.symbols[0]
  const { fields = {}, lane, strategy } = line
  const isEntry = action === "buy" || action === "sell" || action === "reverse" || action === "update"
  const id = chance.hits(withId) ? { id: name } : {}
  return { atMs, lane, fields: { strategy, action, symbol, ...id, timenow: isoOf(atMs), ...(isEntry ? fields : {}) } }
}

const generated = (chance: Chance, scenario: Scenario, day: number, dayStartMs: number, sessionMs: number): ReadonlyArray<Alert> =>
  Array.from({ length: scenario.alerts.generate?.perDay ?? 0 }, () => dayStartMs + 1_000 + chance.below(Math.max(1, sessionMs - 2_000)))
    .toSorted((one, other) => one - other)
    .flatMap((atMs, n) => drawn(chance, scenario, `d${day}-${n}`, atMs) ?? [])

const encode = (fields: Fields): Uint8Array => new TextEncoder().encode(JSON.stringify(fields))

/** In turn: no JSON, too large, a field of a wrong type, text that is no JSON object. */
const malformed = (chance: Chance, secret: string, { fields }: Alert): Pick<Delivery, "body" | "contentType"> => {
  const text = JSON.stringify({ secret, ...fields })
  switch (chance.below(4)) {
    case 0:
      return { body: new TextEncoder().encode(text.slice(0, -1)), contentType: json }
    case 1:
      return { body: "tooLarge", contentType: json }
    case 2:
      return { body: encode({ secret, ...fields, action: 7, symbol: ["MES1!"] }), contentType: json }
    default:
      return { body: new TextEncoder().encode(`${chance.hits(0.5) ? "" : "alert: "}${text}`), contentType: "text/plain; charset=utf-8" }
  }
}

export interface Senders {
  readonly scenario: Scenario
  readonly seed: number
  readonly faults: Faults
  readonly secretOf: (lane: string) => string
}

/** All deliveries of one day, in the order of their instants. */
export const ofDay = ({ faults, scenario, secretOf, seed }: Senders, day: number, dayStartMs: number, sessionMs: number): ReadonlyArray<Delivery> => {
  const chance = ChanceOf.make(seed, "alerts", day)
  const scripted = (scenario.alerts.list ?? []).filter(({ at }) => Math.floor(offsetMs(at) / dayMs) === day)
    .map(({ at, body, lane }): Alert => ({ atMs: dayStartMs + offsetMs(at) % dayMs, lane, fields: body }))
  const alerts = [...scripted, ...generated(chance, scenario, day, dayStartMs, sessionMs)]
  const wrong = ChanceOf.make(seed, "senders", day)

  const sent = (alert: Alert): Delivery => {
    const { atMs, fields, lane } = alert
    const secret = secretOf(lane)
    const late = faults.hit("F39") === undefined ? 0 : 1 + wrong.below(lateMsMax)
    const repeats = faults.hit("F38") !== undefined ? repeatsOfF38 : faults.hit("F38b") !== undefined ? 1 : 0
    const base = { atMs: atMs + late, lane, contentType: json, repeats }
    if (faults.hit("F41") !== undefined) return { ...base, ...malformed(wrong, secret, alert) }
    if (faults.hit("F42") !== undefined) return { ...base, body: encode({ ...fields, secret: `${secret}x` }) }
    if (faults.hit("F43") !== undefined) return { ...base, body: encode({ secret, ...fields, timenow: isoOf(atMs - dayMs) }) }
    return { ...base, body: encode({ secret, ...fields }) }
  }
  const bursts = (alert: Alert): ReadonlyArray<Alert> => faults.hit("F40") === undefined ? [] : Array.from({ length: burst }, (_, n) =>
    drawn(wrong, scenario, `d${day}-burst-${alert.atMs}-${n}`, alert.atMs + wrong.below(burstMs)) ?? alert)
  return alerts.flatMap((alert) => [alert, ...bursts(alert)]).map(sent).toSorted((one, other) => one.atMs - other.atMs)
}
