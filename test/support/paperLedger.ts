/** The paper venue's ledger in memory. It lives as long as its layer: an adapter made anew over it is the venue after a restart. */
import { Effect, Layer, Ref } from "effect"
import type { LoginId } from "#schemas/Ids.ts"
import { PaperLedger } from "#src/ports/PaperLedger.ts"

interface Kept {
  readonly snapshot: string | undefined
  readonly rows: ReadonlyArray<string>
}

const nothing: Kept = { snapshot: undefined, rows: [] }

export const layer = Layer.effect(PaperLedger, Effect.gen(function*() {
  const kept = yield* Ref.make(new Map<LoginId, Kept>())
  const of = (login: LoginId) => Effect.map(Ref.get(kept), (all) => all.get(login) ?? nothing)
  const put = (login: LoginId, value: Kept) => Ref.update(kept, (all) => new Map(all).set(login, value))
  return PaperLedger.of({
    append: (login, rows) => Effect.flatMap(of(login), (before) => put(login, { ...before, rows: [...before.rows, ...rows] })),
    read: of,
    compact: (login, snapshot) => put(login, { snapshot, rows: [] })
  })
}))
