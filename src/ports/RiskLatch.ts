/** Where no new risk may leave. One per process, in memory: no mailbox, actor or disk holds up a kill. Folded at start. */
import { Array, Context, Effect, HashSet, Layer, Option, Ref } from "effect"
import type { RiskScope } from "#schemas/RiskScope.ts"

export class RiskLatch extends Context.Service<RiskLatch, {
  set(scope: RiskScope): Effect.Effect<void>
  clear(scope: RiskScope): Effect.Effect<void>
  firstOf(scopes: ReadonlyArray<RiskScope>): Effect.Effect<Option.Option<RiskScope>>
  readonly held: Effect.Effect<HashSet.HashSet<RiskScope>>
}>()("src/ports/RiskLatch") {
  static readonly layer = Layer.effect(RiskLatch, Effect.gen(function*() {
    const held = yield* Ref.make(HashSet.empty<RiskScope>())
    return RiskLatch.of({
      set: (scope) => Ref.update(held, HashSet.add(scope)),
      clear: (scope) => Ref.update(held, HashSet.remove(scope)),
      firstOf: (scopes) => Effect.map(Ref.get(held), (set) => Array.findFirst(scopes, (scope) => HashSet.has(set, scope))),
      held: Ref.get(held)
    })
  }))
}
