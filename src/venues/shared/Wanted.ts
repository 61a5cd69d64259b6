/** Which instruments logins without a market of their own need quotes of. Nothing else of theirs reaches the login that quotes. */
import { Effect } from "effect"
import type { InstrumentId, LoginId } from "#schemas/Ids.ts"

interface Wish {
  readonly source: LoginId
  readonly ids: () => Iterable<InstrumentId>
}

export const make = () => {
  const wishes = new Map<LoginId, Wish>()
  return {
    /** For as long as the connection of `reader` lives. */
    wish: (reader: LoginId, wish: Wish) =>
      Effect.acquireRelease(
        Effect.sync(() => { wishes.set(reader, wish) }),
        () => Effect.sync(() => { if (wishes.get(reader) === wish) wishes.delete(reader) })
      ),
    of: (source: LoginId): ReadonlyArray<InstrumentId> =>
      [...wishes.values()].flatMap((wish) => (wish.source === source ? [...wish.ids()] : []))
  }
}
export type Wanted = ReturnType<typeof make>
