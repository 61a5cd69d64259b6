/** One account on its way to flat: cancel, close, ask the venue until it says flat twice. Unknown is never flat. */
import { Clock, DateTime, Effect, Option } from "effect"
import { type House, HouseConfig } from "#config/House.ts"
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import type { FlattenReceipt } from "#schemas/contracts/Views.ts"
import type { AlertId } from "#schemas/Ids.ts"
import * as Judge from "./Judge.ts"
import * as Moves from "./Moves.ts"
import * as Shut from "./Shut.ts"

const askEvery = "250 millis"
/** A venue that says flat once may have a fill on its way. */
const flatAnswersNeeded = 2
/** An account that is there answers at once; one that does not for so long is judged by the venue alone. */
const silentMsMax = 2_500
const holdsWithinMs = 1_000
const holdsWithinMsWhenSilent = 100
/** A venue that answered so shortly before time was over does not count as silent. */
const freshMs = 2_000

export type Ended = Pick<FlattenReceipt, "state" | "reason">

const opens = (waits: Judge.Judged["waits"]): string => waits.map(({ instrumentId, opensAtMs }) =>
  `${instrumentId} ${opensAtMs === undefined ? "does not open within 30 days" : `opens at ${DateTime.formatIso(DateTime.makeUnsafe(opensAtMs))}`}`).join(", ")

export const waitsText = (waits: Judge.Judged["waits"]): string => {
  const ours = waits.filter(({ isOurs }) => isOurs)
  const others = waits.filter(({ isOurs }) => !isOurs)
  return [
    ...(ours.length === 0 ? [] : [`the exchange is shut: ${opens(ours)}; the close goes first then, the stop stays until it has filled`]),
    ...(others.length === 0 ? [] : [`the exchange is shut: ${opens(others)}; that position is not ours: flatten again then`])
  ].join("; ")
}

/** What was known when time was over. */
interface Last {
  readonly unreachable: string | undefined
  readonly left: ReadonlyArray<string>
  readonly isReconciled: boolean
}

const overtime = ({ isReconciled, left, unreachable }: Last): Ended => {
  if (unreachable !== undefined) return { state: "unknown", reason: `${unreachable}; what is ours is closed as soon as it can be: ask again` }
  const rest = left.length === 0 ? "nothing, but the venue has not said so twice" : left.join(", ")
  const book = isReconciled ? "" : "; the account is still being reconciled with its venue"
  return { state: "notFlat", reason: `after ${Moves.flatWithinMs / 1_000} s there is left: ${rest}${book}: it goes on, ask again` }
}

/** Steps are told as they are taken; the end with its reason. */
const make = (house: House, moves: Moves.Moves, account: AccountConfig) => Effect.gen(function*() {
  let heardMs = yield* Moves.monotonicMs
  let seenMs = -Infinity
  let flatAnswers = 0
  let hasReconnected = false
  let last: Last = { unreachable: `neither account ${account.id} nor login ${account.login} answers`, left: [], isReconciled: false }

  const unreachable = Effect.fnUntraced(function*(reason: string) {
    if ((yield* moves.leftMs) <= 0 && (yield* Moves.monotonicMs) - seenMs < freshMs) return
    last = { unreachable: reason, left: [], isReconciled: false }
    flatAnswers = 0
    yield* moves.note(`${reason}: nobody can say what it holds`)
    if (hasReconnected) return
    hasReconnected = true
    yield* moves.reconnect
  })

  /** Its book is asked before the venue is: what the venue shows then and the book no longer knows is not ours. */
  const round = Effect.gen(function*() {
    const isSilent = (yield* Moves.monotonicMs) - heardMs >= silentMsMax
    const held = yield* moves.holds(isSilent ? holdsWithinMsWhenSilent : holdsWithinMs)
    const nowMs = yield* Moves.monotonicMs
    if (Option.isSome(held)) heardMs = nowMs
    const look = yield* moves.look
    if (look._tag === "Unreachable") return yield* unreachable(look.reason)
    seenMs = yield* Moves.monotonicMs
    if (Option.isNone(held) && nowMs - heardMs < silentMsMax) return
    if (Option.isNone(held)) yield* moves.note("the account does not answer: the venue's word alone counts")
    const book = Option.getOrUndefined(held)
    const judged = Judge.judge(look, book, { ownIds: moves.ownIds, shutUntil: Shut.until(house, yield* Clock.currentTimeMillis) })
    last = { unreachable: undefined, left: judged.left, isReconciled: book?.isReconciled ?? true }
    flatAnswers = judged.isFlat ? flatAnswers + 1 : 0
    if (judged.isFlat) yield* moves.note(flatAnswers === 1 ? "the venue says flat, no order working" : "the venue says so again")
    if (flatAnswers >= flatAnswersNeeded) return { state: "flat" } satisfies Ended
    if (judged.waits.length > 0) return { state: "notFlat", reason: waitsText(judged.waits) } satisfies Ended
    yield* moves.act(judged)
  })

  const ended = Effect.gen(function*() {
    yield* moves.begin
    while ((yield* moves.leftMs) > 0) {
      const end: Ended | void = yield* round
      if (end !== undefined) return end
      yield* Effect.sleep(askEvery)
    }
    return overtime(last)
  })
  return yield* ended
})

export const maker = Effect.gen(function*() {
  const config = yield* HouseConfig
  const movesFor = yield* Moves.maker
  return Effect.fnUntraced(function*(commandId: AlertId, account: AccountConfig, told: (step: Moves.Step) => Effect.Effect<void>) {
    const moves = yield* movesFor(commandId, account, told)
    return { ended: make(yield* config.current, moves, account), note: moves.note, steps: moves.steps }
  })
})
