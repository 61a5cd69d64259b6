/**
 * One question for all who ask it: a list of the venue's holds the rows of every account. Owns: that nobody gets an answer to a question
 * which was asked before his own. Whoever asks while an answer is awaited shares the next; each waits a moment for those who ask at the same time.
 */
import { Deferred, Effect, Exit, type Scope } from "effect"

/** The accounts of a login ask one after the other, not at once: their questions count against one limit. */
const lingerFor = "25 millis"

export const make = Effect.fnUntraced(function*<A, E>(question: Effect.Effect<A, E>): Effect.fn.Return<Effect.Effect<A, E>, never, Scope.Scope> {
  const scope = yield* Effect.scope
  let next: Deferred.Deferred<A, E> | undefined
  let isAsking = false

  const askAll = Effect.gen(function*() {
    while (next !== undefined) {
      yield* Effect.sleep(lingerFor)
      const answered = next
      next = undefined
      yield* Deferred.done(answered, yield* Effect.exit(question))
    }
  }).pipe(Effect.ensuring(Effect.suspend(() => {
    isAsking = false
    return next === undefined ? Effect.void : Deferred.done(next, Exit.interrupt())
  })))

  return Effect.suspend(() => {
    const mine = next ??= Deferred.makeUnsafe<A, E>()
    if (isAsking) return Deferred.await(mine)
    isAsking = true
    return Effect.andThen(Effect.forkIn(askAll, scope), Deferred.await(mine))
  })
})
