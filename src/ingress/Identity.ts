/**
 * Which deliveries are the same alert. Owns: keys of explicit ids, and for bodies without one the ring of recent deliveries:
 * an equal body is the same alert only if the earlier answer was 5xx or never left. Never by its hash alone.
 */
import { Clock, Deferred, Effect, Random } from "effect"
import type { Refusal } from "#schemas/Alert.ts"
import type { LaneConfig } from "#schemas/config/LaneConfig.ts"
import { AlertId, type LaneId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"

export const windowMs = 30_000
const recentMax = 4_096
/** How long an equal body waits for what becomes of the one before it. */
const fateMax = "2 seconds"

/** What the first delivery of an alert came to, once durable. */
export interface First {
  readonly alertId: AlertId
  readonly refusal?: Refusal
}

export interface Recent {
  readonly hash: string
  /** Monotonic. */
  readonly atMs: number
  /** When the alert first came: a lane that takes equal bodies for resends does so for one window, not for ever. */
  firstAtMs: number
  /** Undefined: nothing became durable. */
  readonly fate: Deferred.Deferred<First | undefined>
  /** True: an answer below 500 left the house. */
  readonly answered: Deferred.Deferred<boolean>
}

export type Judgement =
  | { readonly _tag: "New"; readonly notes: ReadonlyArray<string> }
  | { readonly _tag: "Resend"; readonly first: First; readonly notes: ReadonlyArray<string> }
  /** The one before it hangs: what becomes of it becomes of this one too, and only a later delivery can tell. */
  | { readonly _tag: "Undecided"; readonly fate: Effect.Effect<First | undefined> }

/** A delivery that an earlier life of the process journaled. */
export interface Left {
  readonly hash: string
  readonly atMs: number
  readonly firstAtMs: number
  readonly first: First
  readonly wasAnswered: boolean
}

export type Repeat = "intent" | "resend"

export const repeatOf = (lane: LaneConfig): Repeat => lane.repeat ?? ((lane.trustedProxies?.length ?? 0) > 0 ? "resend" : "intent")

/** An id counts within its lane and strategy. The id stands last: whatever it holds, no two keys meet. */
export const keyOf = (lane: LaneId, strategy: string, explicitId: string): string => `id/${lane}/${encodeURIComponent(strategy)}/${explicitId}`

const base36 = (value: number, length: number): string => value.toString(36).padStart(length, "0")

/** Sorts by time; chance tells two of one millisecond apart. */
export const nextAlertId: Effect.Effect<AlertId> = Effect.gen(function*() {
  const atMs = yield* Clock.currentTimeMillis
  const chance = yield* Random.nextIntBetween(0, 36 ** 6)
  return AlertId.make(`a-${base36(atMs, 9)}${base36(chance, 6)}`)
})

export const firstOf = (event: JournalEvent): First | undefined => {
  if (event._tag === "AlertAccepted") return { alertId: event.alertId }
  return event._tag === "AlertRefused" ? { alertId: event.alertId, refusal: event.refusal } : undefined
}

const judge = Effect.fnUntraced(function*(previous: Recent | undefined, own: Recent, repeat: Repeat): Effect.fn.Return<Judgement> {
  if (previous === undefined || own.atMs - previous.atMs > windowMs) return { _tag: "New", notes: [] }
  const fate = yield* Effect.timeoutOption(Deferred.await(previous.fate), fateMax)
  if (fate._tag === "None") return { _tag: "Undecided", fate: Deferred.await(previous.fate) }
  const first = fate.value
  if (first === undefined) return { _tag: "New", notes: [] }
  const resend = (why: string): Judgement => {
    own.firstAtMs = previous.firstAtMs
    return { _tag: "Resend", first, notes: [`byte-equal resend of ${first.alertId}: ${why}`] }
  }
  if (repeat === "resend" && own.atMs - previous.firstAtMs <= windowMs) return resend("this lane takes repeats within 30 s for resends")
  const answered = yield* Effect.timeoutOption(Deferred.await(previous.answered), fateMax)
  if (answered._tag === "Some" && answered.value) return { _tag: "New", notes: [`byte-equal repeat of ${first.alertId}`] }
  return resend("its first delivery got no answer, or 5xx")
})

export const make = () => {
  const byHash = new Map<string, Recent>()

  const put = (recent: Recent): void => {
    byHash.delete(recent.hash)
    byHash.set(recent.hash, recent)
    const oldest = byHash.keys().next().value
    if (byHash.size > recentMax && oldest !== undefined) byHash.delete(oldest)
  }

  return {
    /** Takes its place in the ring at once: of two equal bodies in flight the second waits for the first's fate. */
    arrive: (hash: string, atMs: number, repeat: Repeat): { readonly own: Recent; readonly judgement: Effect.Effect<Judgement> } => {
      const previous = byHash.get(hash)
      const own: Recent = { hash, atMs, firstAtMs: atMs, fate: Deferred.makeUnsafe(), answered: Deferred.makeUnsafe() }
      put(own)
      return { own, judgement: judge(previous, own, repeat) }
    },
    /** What an earlier life of the process left behind. */
    restore: ({ hash, atMs, firstAtMs, first, wasAnswered }: Left): void => {
      const recent: Recent = { hash, atMs, firstAtMs, fate: Deferred.makeUnsafe(), answered: Deferred.makeUnsafe() }
      Deferred.doneUnsafe(recent.fate, Effect.succeed(first))
      Deferred.doneUnsafe(recent.answered, Effect.succeed(wasAnswered))
      put(recent)
    }
  }
}
export type Identity = ReturnType<typeof make>
