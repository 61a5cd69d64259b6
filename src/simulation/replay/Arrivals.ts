/** Deliveries decoded again, alerts through gates and guard again: each a pure function of what the journal holds. */
import * as Guard from "#actors/strategy-guard/State.ts"
import { Option, Result, Schema } from "effect"
import type { Delivery } from "#schemas/Alert.ts"
import type { House } from "#config/House.ts"
import type { AlertId } from "#schemas/Ids.ts"
import { JournalEvent, type JournalRow } from "#schemas/JournalEvent.ts"
import { GatedSignal, Signal } from "#schemas/Signal.ts"
import * as Gates from "#src/gates/Gates.ts"
import * as Body from "#src/ingress/Body.ts"
import * as Formats from "#src/ingress/formats/Formats.ts"
import { nameless } from "#src/ingress/Receive.ts"
import type { Scene } from "#src/simulation/replay/Scene.ts"
import type { Tally } from "#src/simulation/replay/Tally.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

const encodeSignal = Schema.encodeSync(Schema.toCodecJson(Signal))
const encodeEvent = Schema.encodeSync(Schema.toCodecJson(JournalEvent))

type Decoded = { readonly signal: unknown } | { readonly refusal: string }

const isFormat = (name: string): name is keyof typeof Formats.formats => Object.hasOwn(Formats.formats, name)

const decoded = (house: House, delivery: Delivery): Decoded => {
  const body = Body.decode(new TextEncoder().encode(delivery.body))
  if (Result.isFailure(body)) return { refusal: "undecodable" }
  if (!isFormat(delivery.format)) return { refusal: "written in a format that is gone" }
  const understood = Formats.formats[delivery.format].decode(body.success.json, {
    lane: delivery.lane,
    strategies: () => Array.from(house.strategies.values()).flatMap(({ id, lanes }) => lanes.includes(delivery.lane) ? [id] : [])
  })
  if (Result.isFailure(understood)) return { refusal: "invalid" }
  const refused = nameless(house, understood.success.signal)
  return refused === undefined ? { signal: encodeSignal(understood.success.signal) } : { refusal: refused.error }
}

export const delivery = (scene: Scene, tally: Tally, row: JournalRow): void => {
  const { event } = row
  if (event._tag !== "AlertAccepted" && event._tag !== "AlertRefused") return
  const house = scene.house()
  if (house === undefined) return tally.leave("delivery: no configuration is journaled before it")
  if (event.delivery.body === "") return tally.leave("delivery: its body is not kept any more")
  const was: Decoded = event._tag === "AlertAccepted" ? { signal: encodeSignal(event.signal) } : { refusal: event.refusal.error }
  tally.compare("delivery", row, was, decoded(house, event.delivery))
}

/** The row was written in the step that judged: its time is that of the judgement. */
export const gates = (scene: Scene, tally: Tally, row: JournalRow): void => {
  const { event } = row
  if (event._tag !== "AlertGated") return
  const known = scene.alert(event.alertId)
  const house = scene.houseBy(event.configHash)
  if (known === undefined || house === undefined) return tally.leave("gates: the alert or its configuration is not in this journal")
  const { receivedAtMs, signal } = known
  const strategy = house.strategies.get(signal.strategy)
  const lane = house.lanes.get(signal.lane)
  if (strategy === undefined || lane === undefined) return tally.leave("gates: its strategy or lane is not configured any more")
  const { accounts, calendars, instruments } = house
  const judged = Gates.run({ signal, receivedAtMs, nowMs: row.atMs, strategy, lane, house: { accounts, calendars, instruments }, isPaused: scene.paused })
  const shown = (verdicts: typeof judged.verdicts) => verdicts.map(({ gate, passed }) => `${gate}: ${passed ? "passed" : "blocked"}`)
  const isOfGates = event.blocked === undefined || event.verdicts.some(({ gate }) => gate === event.blocked?.reason.rule)
  tally.compare("gates", row,
    { verdicts: shown(event.verdicts), blocked: isOfGates ? event.blocked?.reason.rule : undefined },
    { verdicts: shown(judged.verdicts), blocked: judged.blocked?.reason.rule })
}

/** As the guard was asked: the alert as it passed the gates. */
export const gatedOf = (scene: Scene, house: House, alertId: AlertId): GatedSignal | undefined => {
  const known = scene.alert(alertId)
  if (known === undefined) return undefined
  const instrument = Option.getOrUndefined(Resolve.resolve(house.instruments, known.signal.symbol, known.receivedAtMs, house.calendars))
  return instrument === undefined ? undefined : GatedSignal.make({ ...known, alertId, instrument, verdicts: [], configHash: house.hash })
}

export const guard = (scene: Scene, tally: Tally, row: JournalRow): void => {
  const { event, stream } = row
  if (event._tag !== "GuardApproved" && event._tag !== "GuardBlocked") return
  const house = scene.house()
  const gated = house === undefined ? undefined : gatedOf(scene, house, event.alertId)
  if (house === undefined || gated === undefined) return tally.leave("guard: an order by hand, or its alert is not in this journal")
  const strategy = stream.slice("strategy-guard/".length)
  const [now] = Guard.consider(scene.guard(strategy), { gated, strategy: house.strategies.get(gated.signal.strategy), nowMs: event.atMs })
  tally.compare("guard", row, encodeEvent(event), now === undefined ? "nothing: it was known" : encodeEvent(now))
}
