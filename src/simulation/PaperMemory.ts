/** The paper venue's own books, kept apart from the house's disk: what a dead process had written before it died is there. */
import { Effect, Layer } from "effect"
import type { LoginId } from "#schemas/Ids.ts"
import { PaperLedger } from "#src/ports/PaperLedger.ts"

interface Kept {
  snapshot: string | undefined
  rows: Array<string>
}

export const make = (onRow: (login: LoginId, row: string) => void) => {
  const kept = new Map<LoginId, Kept>()
  const of = (login: LoginId): Kept => {
    const found = kept.get(login) ?? { snapshot: undefined, rows: [] }
    kept.set(login, found)
    return found
  }
  return {
    layer: (isDead: () => boolean) => Layer.succeed(PaperLedger, PaperLedger.of({
      append: (login, rows) => Effect.sync(() => {
        if (isDead()) return
        for (const row of rows) {
          of(login).rows.push(row)
          onRow(login, row)
        }
      }),
      read: (login) => Effect.sync(() => ({ ...of(login), rows: [...of(login).rows] })),
      compact: (login, snapshot) => Effect.sync(() => {
        if (!isDead()) kept.set(login, { snapshot, rows: [] })
      })
    }))
  }
}
export type PaperMemory = ReturnType<typeof make>
