/** The paper venue's own rows: books that can be recalled, or a venue that says what to do; never a crash. */
import { Effect, Layer, Schema } from "effect"
import { AccountId, LoginId } from "#schemas/Ids.ts"
import * as Book from "#src/matching/Book.ts"
import * as Snapshot from "#src/matching/Snapshot.ts"
import { PaperLedger } from "#src/ports/PaperLedger.ts"
import * as Books from "#src/venues/paper/Books.ts"
import * as Bytes from "../engine/Bytes.ts"
import type { Chance } from "../engine/Chance.ts"
import * as Samples from "../engine/Samples.ts"
import { fine, inputOf, type Target, wrong } from "../engine/Target.ts"
import * as Tree from "../engine/Tree.ts"

const samplesCount = 200
const rowsMax = 6
const saidMax = 4_000
const login = LoginId.make("paper-demo")
const utf8 = new TextDecoder()

const Row = Schema.toCodecJson(Schema.Struct({ account: AccountId, events: Schema.Array(Book.BookEvent) }))
const Kept = Schema.toCodecJson(Schema.Struct({ version: Schema.Literal(1), books: Schema.Array(Snapshot.Snapshot) }))

/** A line per row, the first one a snapshot or empty. */
const ledgerOf = (body: string) => {
  const [snapshot = "", ...rows] = body.split("\n")
  return Layer.mock(PaperLedger, { read: () => Effect.succeed({ snapshot: snapshot === "" ? undefined : snapshot, rows }) })
}

const judge = (body: string) =>
  Books.recall(login).pipe(
    Effect.map((books) => [...books.all()].length),
    Effect.as(fine("recalled")),
    Effect.catchTag("Unavailable", ({ reason }) =>
      Effect.succeed(reason.length > saidMax ? wrong("unreadable", `a reason of ${reason.length} characters`) : fine("unreadable"))),
    Effect.provide(ledgerOf(body))
  )

const lineOf = (chance: Chance, value: unknown): string =>
  chance.hits(0.5) ? JSON.stringify(value) : Tree.print(Tree.brokenOften(chance, Tree.of(value), chance.between(1, 2)))

const ledger = (chance: Chance, rows: ReadonlyArray<unknown>, snapshots: ReadonlyArray<unknown>): Uint8Array => {
  const lines = [chance.hits(0.4) ? lineOf(chance, chance.pick(snapshots)) : "", ...Array.from({ length: chance.between(0, rowsMax) }, () => lineOf(chance, chance.pick(rows)))]
  const bytes = Bytes.encode(lines.join("\n"))
  return chance.hits(0.2) ? Bytes.mutate(chance, bytes, Bytes.encode(lines.toReversed().join("\n"))) : bytes
}

export const target: Target = {
  name: "paper",
  share: 6,
  width: 1,
  open: Effect.fnUntraced(function*(seed) {
    const rows = yield* Samples.encoded(Row, `${seed}/rows`, samplesCount)
    const snapshots = yield* Samples.encoded(Kept, `${seed}/snapshots`, samplesCount)
    return {
      make: (chance) => inputOf(ledger(chance, rows, snapshots)),
      judge: ({ body }) => judge(utf8.decode(body))
    }
  })
}
