/** Rows of the journal: one that cannot be read says so by its place and in bounds, one that can is written again as it was read. */
import { Effect, Schema } from "effect"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import * as JournalCodec from "#src/stores/JournalCodec.ts"
import * as Rows from "#test/projections/rows.ts"
import * as Bytes from "../engine/Bytes.ts"
import type { Chance } from "../engine/Chance.ts"
import * as Samples from "../engine/Samples.ts"
import { attempt, fine, inputOf, type Seen, type Target, wrong } from "../engine/Target.ts"
import * as Tree from "../engine/Tree.ts"

const samplesCount = 600
const detailMax = 6_000
const utf8 = new TextDecoder()
const encode = Schema.encodeSync(Schema.toCodecJson(JournalEvent))

const { entry, stop, target: targetOrder } = Rows.bracket
const real: ReadonlyArray<unknown> = [
  Rows.accepted("a1"), Rows.gated("a1", ["paper-1"]), Rows.decided("a1"), Rows.intended(entry), Rows.intended(stop), Rows.acknowledged(targetOrder, true), Rows.filled(entry, 2, "6000.25", "event", "1.24")
].map((event) => encode(event))

const judge = (body: string): Seen => {
  const { rows: [row], unreadable: [unreadable] } = JournalCodec.decodeAll([{ seq: 7, atMs: 1, stream: "s", version: 1, type: "t", body }])
  if (row === undefined) {
    if (unreadable === undefined) return wrong("nothing", "neither read nor refused")
    return unreadable.message.length > detailMax ? wrong("unreadable", `a message of ${unreadable.message.length} characters`) : fine("unreadable")
  }
  const written = JournalCodec.encode(row.event).body
  const again = JournalCodec.encode(JournalCodec.decode({ ...row, type: "t", body: written }).event).body
  return again === written ? fine("read") : wrong("read", `reads otherwise than it was written: ${again.slice(0, 200)}`)
}

const rowOf = (chance: Chance, sampled: ReadonlyArray<unknown>): Uint8Array => {
  const value = chance.pick(chance.hits(0.3) ? real : sampled)
  if (chance.hits(0.1)) return Bytes.encode(JSON.stringify(value))
  if (chance.hits(0.35)) return Bytes.mutate(chance, Bytes.encode(JSON.stringify(value)), Bytes.encode(JSON.stringify(chance.pick(real))))
  return Bytes.encode(Tree.print(Tree.brokenOften(chance, Tree.of(value), chance.between(1, 3))))
}

export const target: Target = {
  name: "journal",
  share: 12,
  width: 1,
  open: (seed) => Effect.map(Samples.encoded(Schema.toCodecJson(JournalEvent), seed, samplesCount), (sampled) => ({
    make: (chance: Chance) => inputOf(rowOf(chance, sampled)),
    judge: ({ body }) => attempt(() => judge(utf8.decode(body)))
  }))
}
