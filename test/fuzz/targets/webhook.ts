/**
 * Deliveries at the webhook's receiver: an answer of the contract, a durable row behind every 2xx, one row behind a refused alert and none
 * behind a stranger, no secret in answer or journal, and never a 503 while the disk is well: a crash in there would be told as one.
 */
import { Effect, Layer, Ref, Schema } from "effect"
import * as NodePath from "node:path"
import { JournalEvent, type JournalRow } from "#schemas/JournalEvent.ts"
import { type Answer, type Incoming, Receive } from "#src/ingress/Receive.ts"
import type { Installation } from "#src/ports/Installation.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as SqliteJournal from "#src/stores/SqliteJournal.ts"
import { faultyJournal, groundOf, makeDisk, otherSecret, secret, testHouse } from "#test/ingress/support.ts"
import { folder } from "#test/support/folder.ts"
import { installationId } from "#test/support/journal.ts"
import * as Bytes from "../engine/Bytes.ts"
import type { Chance } from "../engine/Chance.ts"
import * as Hostile from "../engine/Hostile.ts"
import { fine, type Input, inputOf, type Seen, type Target, wrong } from "../engine/Target.ts"
import * as Alerts from "./alerts.ts"

const answerMax = 1_500
/** Beside the body itself. */
const rowMax = 8_000
const lanes = ["futures", "futures", "crypto", "patient", "guarded", "proxied", "closed", "none", "__proto__", "constructor", ""]
const peers = ["192.0.2.7", "52.89.214.238", "::1", "127.0.0.1", "::ffff:10.1.2.3", "", "fe80::1%eth0", "1.2.3.4:99"]
const silent = new Set(["tooLarge", "sourceNotAllowed", "unknownLane", "undecodable", "badSecret", "tooManyFailures"])

/** A journal on disk: what is kept of a long run must not count as memory. */
export const journalOnDisk = Layer.unwrap(Effect.map(folder, (path) =>
  SqliteJournal.layer({ path: NodePath.join(path, "journal.sqlite"), installationId: () => installationId, onFatal: Effect.die }).pipe(Layer.orDie)))

const around = (chance: Chance): Input["around"] => ({
  lane: chance.hits(0.8) ? chance.pick(lanes.slice(0, 4)) : chance.pick([...lanes, ...Hostile.texts]),
  ...(chance.hits(0.3) ? { token: chance.hits(0.8) ? secret : chance.pick([otherSecret, ...Hostile.texts]) } : {}),
  peer: chance.hits(0.4) ? `198.51.100.${chance.below(256)}` : chance.pick([...peers, ...Hostile.texts]),
  ...(chance.hits(0.15) ? { forwardedFor: Array.from({ length: chance.between(1, 40) }, () => chance.pick([...peers, ...Hostile.texts])).join(",") } : {}),
  ...(chance.hits(0.8) ? { contentType: chance.pick(["application/json", "text/plain; charset=utf-8", secret, ...Hostile.texts]) } : {}),
  written: chance.hits(0.9) ? "yes" : "no",
  disk: chance.hits(0.02) ? "full" : "well"
})

/** Some bodies come again, as they came: with and without an answer to the first. */
const bodyOf = (chance: Chance): Uint8Array => {
  if (chance.hits(0.05)) return Bytes.encode(JSON.stringify({ secret, strategy: "demo-futures", action: "buy", symbol: "MES1!", quantity: chance.below(3), id: chance.hits(0.5) ? "again" : undefined }))
  return Alerts.body(chance, secret)
}

const incomingOf = ({ around: { contentType, forwardedFor, lane = "", peer = "", token, written }, body }: Input): Incoming => ({
  lane, token, body: body.length > 65_536 ? "tooLarge" : body, peer, forwardedFor, contentType, written: Effect.succeed(written === "yes")
})

const encode = Schema.encodeSync(Schema.toCodecJson(JournalEvent))

const isLeak = (text: string): boolean => text.includes(secret) || text.includes(otherSecret)

/** Said plainly, or as an escaped text that says it once it is read. */
const leaksIn = (value: unknown): boolean => {
  if (typeof value === "string") return isLeak(value) || [...value.matchAll(/"(?:[^"\\]|\\.)*\\(?:[^"\\]|\\.)*"/g)].some(([token]) => isLeak(readOf(token)))
  return typeof value === "object" && value !== null && Object.entries(value).some(([name, inner]) => isLeak(name) || leaksIn(inner))
}

const readOf = (token: string): string => {
  try {
    return String(JSON.parse(token))
  } catch {
    return ""
  }
}

const rowsWrong = ({ body, status }: Answer, isDiskWell: boolean, rows: ReadonlyArray<JournalRow>): string | undefined => {
  const tags = rows.map(({ event }) => event._tag).join(" ")
  if ("error" in body) {
    if (body.error === "notDurable") return isDiskWell ? "not durable on a disk that is well" : tags === "" ? undefined : `not durable, with ${tags}`
    if (silent.has(body.error)) return tags === "" ? undefined : `${body.error} left ${tags}`
    return tags === "AlertRefused" || tags === "AlertDuplicated" ? undefined : `${body.error} left ${tags}`
  }
  const [row] = rows
  const expected = body.status === "accepted" ? "AlertAccepted" : "AlertDuplicated"
  if (tags !== expected || row === undefined) return `${status} ${body.status} with ${tags}`
  return "alertId" in row.event && row.event.alertId === body.alertId ? undefined : `${status} for ${body.alertId}, which is not the row's`
}

const judged = (input: Input, answer: Answer, rows: ReadonlyArray<JournalRow>): Seen => {
  const label = `${answer.status} ${"error" in answer.body ? answer.body.error : answer.body.status}`
  const text = JSON.stringify(answer.body)
  if (text.length > answerMax) return wrong(label, `an answer of ${text.length} characters`)
  if (leaksIn(answer.body)) return wrong(label, "a secret in the answer")
  const what = rowsWrong(answer, input.around["disk"] === "well", rows)
  if (what !== undefined) return wrong(label, what)
  for (const { event } of rows) {
    const written = encode(event)
    if (leaksIn(written)) return wrong(label, "a secret in the journal")
    const size = JSON.stringify(written).length
    if (size > input.body.length * 7 + rowMax) return wrong(label, `a row of ${size} characters for ${input.body.length} bytes`)
  }
  return fine(label)
}

/** What stands in the journal's stage but is not on disk is no row here: an answer may not count on it. */
const rowsAfter = Effect.fnUntraced(function*(journal: Journal["Service"], seq: number) {
  const { seq: last } = yield* journal.status
  const rows = yield* journal.readAfter(seq, last - seq)
  return rows.filter((row) => row.seq <= last && row.event._tag !== "AlertAnswered")
})

/** Over a journal, which may be one that lies. */
export const openOver = Effect.fnUntraced(function*(journal: Layer.Layer<Journal | Installation>) {
  const disk = yield* makeDisk
  const services = yield* Layer.build(Receive.layer.pipe(
    Layer.provideMerge(groundOf(testHouse)), Layer.provideMerge(faultyJournal(disk)), Layer.provideMerge(journal)
  ))
  const judge = Effect.fnUntraced(function*(input: Input) {
    const { receive } = yield* Receive
    const journal = yield* Journal
    const before = (yield* journal.status).seq
    yield* Ref.set(disk.down, input.around["disk"] === "full")
    const answer = yield* receive(incomingOf(input))
    yield* Ref.set(disk.down, false)
    return judged(input, answer, yield* rowsAfter(journal, before))
  })
  return {
    make: (chance: Chance) => inputOf(bodyOf(chance), around(chance)),
    judge: (input: Input) => Effect.provideContext(judge(input), services)
  }
})

export const target: Target = { name: "webhook", warm: 40_000, share: 25, width: 1, open: () => openOver(journalOnDisk) }
