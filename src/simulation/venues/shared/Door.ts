/** What may go wrong between a request and its answer, in any protocol. The books are changed at once; only the answer may be late, damaged or lost. */
import { Effect } from "effect"
import type { Outage } from "./Core.ts"
import type { Dice } from "./Faults.ts"
import { Broken, type BrokenKind, type Response } from "./Venue.ts"

const hangMs = 60_000
const fillAheadMs = 20
const slowMsMin = 1_000
const slowMsMax = 30_000

export interface Lost {
  readonly _tag: "Broken"
  readonly delayMs: number
  readonly kind: BrokenKind
  readonly isDone: boolean
}

/** What will become of a request: an answer or none, after a while. `leave` is called when its bytes leave. */
export type Outcome = { readonly _tag: "Answer"; readonly delayMs: number; readonly response: Response; readonly leave: () => void } | Lost

export const broken = (kind: BrokenKind, isDone: boolean, delayMs = 0): Lost => ({ _tag: "Broken", delayMs, kind, isDone })

const leave = (outcome: Outcome): Effect.Effect<Response, Broken> => {
  if (outcome._tag === "Broken") return Effect.fail(new Broken({ kind: outcome.kind, isDone: outcome.isDone }))
  outcome.leave()
  return Effect.succeed(outcome.response)
}

/** The answer leaves once its time has come. */
export const handled = (take: () => Outcome): Effect.Effect<Response, Broken> =>
  Effect.suspend(() => {
    const outcome = take()
    return outcome.delayMs === 0 ? leave(outcome) : Effect.andThen(Effect.sleep(outcome.delayMs), Effect.suspend(() => leave(outcome)))
  })

/** Before the venue has heard anything. */
export const onTheWay = ({ dice, outage }: { readonly dice: Dice; readonly outage: Outage | undefined }, what: string): Lost | undefined => {
  if (outage === "refused") return broken("refused", false)
  if (dice.hit("F1", what) !== undefined) return broken("refused", false)
  if (dice.hit("F9", what) !== undefined) return broken(dice.draw("F9", 2) === 0 ? "dns" : "tls", false)
  if (dice.hit("F2", what) !== undefined) return broken("reset", false)
  const hangs = dice.hit("F4", what)
  return hangs === undefined ? undefined : broken("reset", false, hangs.ms ?? hangMs)
}

/** How late the answer to a write is that was done: F12 tells its fill first, F5 is slow by itself. */
export const lateness = (dice: Dice, what: string, { flush, hasFill, isDone }: { readonly hasFill: boolean; readonly isDone: boolean; readonly flush: () => void }): number => {
  const ahead = hasFill ? dice.hit("F12", what) : undefined
  if (ahead !== undefined) flush()
  const slow = isDone ? dice.hit("F5", what) : undefined
  return (slow === undefined ? 0 : slow.ms ?? slowMsMin + dice.draw("F5", slowMsMax - slowMsMin)) + (ahead === undefined ? 0 : ahead.ms ?? fillAheadMs)
}

const damage = (text: string, kind: number, prices: RegExp): string => {
  switch (kind) {
    case 0: return "<html><body>upstream error</body></html>"
    case 1: return text.replace(prices, '"$1":NaN')
    case 2: return text.replace(prices, '"$1":"NaN"')
    case 3: return text.replace(/:\s*"[^"]*"/g, ":{}").replace(/:\s*\d+/g, ':"x"')
    default: return text
  }
}

const kindsOfDamage = 6
const unknownField = '{"unknownField":{"a":[1,null]},'

/** Text that a careless reader would trip over; one kind leaves the sense as it was. What no kind fits is cut off. `prices` finds a number that matters, its name as $1. */
export const garble = (dice: Dice, text: string, prices: RegExp): { readonly text: string; readonly isReadable: boolean } => {
  const kind = dice.draw("F28", kindsOfDamage)
  if (kind === kindsOfDamage - 1 && text.startsWith("{") && text.length > 2) return { text: unknownField + text.slice(1), isReadable: true }
  const damaged = damage(text, kind, prices)
  return { text: damaged === text ? text.slice(0, Math.max(1, Math.floor(text.length / 2))) : damaged, isReadable: false }
}
