/**
 * I1, at the door: an id that came before is the same alert for ever, and an equal body without one is the same alert while the first got no
 * answer, or as long as its lane takes repeats for resends.
 */
import * as Answers from "./Answers.ts"
import type { EventOf, Row } from "./Shapes.ts"
import type { Rule, World } from "./World.ts"

const windowMs = 30_000
/** Bodies that are remembered. */
const bodiesMax = 10_000
/** An answer given in the same instant counts. */
const answerMs = 1

interface Earlier {
  readonly alertId: string
  readonly receivedAtMs: number
  answeredAtMs: number | undefined
}

export const make = (world: World): Rule & { readonly answered: (answer: Answers.Answered) => void } => {
  const { due, report, settings } = world
  const byId = new Map<string, string>()
  const byBody = new Map<string, Earlier>()
  const byAlert = new Map<string, Earlier>()

  const accuse = ({ atMs, seq }: Row, alertId: string, first: string, what: string) => report({
    invariant: "I1", atMs, seq, alertId, message: `${what} was taken in as another alert`, expected: `a duplicate of ${first}`, got: alertId
  })

  const named = (row: Row, { alertId, signal: { lane, strategy } }: EventOf<"AlertAccepted">, explicitId: string): void => {
    const key = JSON.stringify([lane, strategy, explicitId])
    const first = byId.get(key)
    if (first === undefined) byId.set(key, alertId)
    else accuse(row, alertId, first, `an alert whose id came before (${explicitId})`)
  }

  const repeated = (row: Row, alertId: string, lane: string, receivedAtMs: number, before: Earlier): void => {
    const { repeat, trustedProxies = [] } = settings.current()?.lanes.get(lane) ?? {}
    const takesRepeats = (repeat ?? (trustedProxies.length > 0 ? "resend" : "intent")) === "resend"
    if (takesRepeats) return accuse(row, alertId, before.alertId, "an equal body on a lane that takes repeats for resends")
    due.at(row.atMs + answerMs, () => {
      if ((before.answeredAtMs ?? Infinity) > row.atMs) accuse(row, alertId, before.alertId, `an equal body ${receivedAtMs - before.receivedAtMs} ms after one that got no answer`)
    })
  }

  const nameless = (row: Row, { alertId, delivery: { bodyHash, receivedAtMs }, signal: { lane } }: EventOf<"AlertAccepted">): void => {
    const before = byBody.get(bodyHash)
    if (before !== undefined && world.isOneClock && receivedAtMs - before.receivedAtMs < windowMs) repeated(row, alertId, lane, receivedAtMs, before)
    const own: Earlier = { alertId, receivedAtMs, answeredAtMs: undefined }
    byBody.delete(bodyHash)
    byBody.set(bodyHash, own)
    byAlert.set(alertId, own)
    const [hash, oldest] = byBody.entries().next().value ?? []
    if (byBody.size <= bodiesMax || hash === undefined || oldest === undefined) return
    byBody.delete(hash)
    byAlert.delete(oldest.alertId)
  }

  return {
    answered: (answer) => {
      const alertId = Answers.isAccepted(answer) ? Answers.alertIdOf(answer) : undefined
      const first = alertId === undefined ? undefined : byAlert.get(alertId)
      if (first !== undefined) first.answeredAtMs ??= answer.atMs
    },
    row: (row) => {
      if (row.event._tag !== "AlertAccepted") return
      const { explicitId } = row.event.signal
      if (explicitId === undefined) nameless(row, row.event)
      else named(row, row.event, explicitId)
    }
  }
}
