/** Where no new risk may leave. One per process, in memory: no mailbox, actor or disk holds up a kill. Folded at start. */
import { Array, Context, Effect, HashSet, Layer, Option, Ref } from "effect"
import type { RiskScope } from "#schemas/RiskScope.ts"

/** A kill and the block of a flatten stop all new risk and call working entries back; a pause skips what comes and leaves these. */
export type LatchKind = "pause" | "kill" | "block"

export interface Latched {
  readonly kind: LatchKind
  readonly scope: RiskScope
}

export type Scopes = HashSet.HashSet<RiskScope>

/** Each kind holds for itself: lifting one on a scope leaves the others there. */
export class RiskLatch extends Context.Service<RiskLatch, {
  /** `kind` absent: a kill. */
  set(scope: RiskScope, kind?: LatchKind): Effect.Effect<void>
  clear(scope: RiskScope, kind?: LatchKind): Effect.Effect<void>
  /** Of what is killed or blocked. */
  firstOf(scopes: ReadonlyArray<RiskScope>): Effect.Effect<Option.Option<RiskScope>>
  /** Killed or blocked. */
  readonly held: Effect.Effect<Scopes>
  readonly paused: Effect.Effect<Scopes>
  /** All that is set, by kind. */
  readonly all: Effect.Effect<ReadonlyArray<Latched>>
}>()("src/ports/RiskLatch") {
  static readonly layer = Layer.effect(RiskLatch, Effect.gen(function*() {
    const none = HashSet.empty<RiskScope>()
    const state = yield* Ref.make({ pause: none, kill: none, block: none, held: none })
    const change = (kind: LatchKind, f: (scopes: Scopes) => Scopes) => Ref.update(state, (before) => {
      const next = { ...before, [kind]: f(before[kind]) }
      return { ...next, held: HashSet.union(next.kill, next.block) }
    })
    const held = Effect.map(Ref.get(state), (now) => now.held)
    const kinds: ReadonlyArray<LatchKind> = ["kill", "block", "pause"]
    return RiskLatch.of({
      set: (scope, kind = "kill") => change(kind, HashSet.add(scope)),
      clear: (scope, kind = "kill") => change(kind, HashSet.remove(scope)),
      firstOf: (scopes) => Effect.map(held, (set) => Array.findFirst(scopes, (scope) => HashSet.has(set, scope))),
      held,
      paused: Effect.map(Ref.get(state), ({ pause }) => pause),
      all: Effect.map(Ref.get(state), (now) => kinds.flatMap((kind) => Array.fromIterable(now[kind]).map((scope) => ({ kind, scope }))))
    })
  }))
}
