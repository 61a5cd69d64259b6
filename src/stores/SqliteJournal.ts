/** The `Journal` on one SQLite file, in this thread; with it, which installation this is. */
import { statfsSync } from "node:fs"
import { dirname } from "node:path"
import { Context, Effect, Layer } from "effect"
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"
import { Installation } from "#src/ports/Installation.ts"
import { type Expected, Journal, JournalConflict, JournalKeyTaken, type Place } from "#src/ports/Journal.ts"
import * as JournalCodec from "./JournalCodec.ts"
import * as JournalFile from "./JournalFile.ts"
import * as JournalTail from "./JournalTail.ts"
import * as JournalWriter from "./JournalWriter.ts"
import { JournalOpenError, openErrorOf, type StoreFatal } from "./SqliteFault.ts"

export interface Options extends JournalFile.Options {
  /** What ends the process after an I/O error. Default: exit with code 74. */
  readonly onFatal?: (error: StoreFatal) => Effect.Effect<never>
  /** Default: asks the file system; in memory there is always room. */
  readonly freeBytes?: () => number | undefined
  /** What stands in for the file, with everything above it as it is. Default: opens the one at `path`. */
  readonly open?: () => JournalFile.JournalFile
}

/** EX_IOERR of sysexits.h: starting again is all it takes. */
const exitCode = 74

const exitProcess = (error: StoreFatal): Effect.Effect<never> =>
  Effect.andThen(Effect.logFatal(error.message), Effect.sync(() => process.exit(exitCode)))

const freeBytesBeside = (path: string) => (): number | undefined => {
  if (path === JournalFile.inMemory) return undefined
  try {
    const { bavail, bsize } = statfsSync(dirname(path))
    return bavail * bsize
  } catch {
    return undefined
  }
}

/** Rows take their places; whoever wants them on disk waits. */
const placing = (writer: JournalWriter.JournalWriter) => {
  const place = (stream: string, expected: Expected, key: string | undefined, events: ReadonlyArray<JournalEvent>, keyAfterSeq = 0) =>
    Effect.suspend(() => writer.place({ stream, expected, key, keyAfterSeq, events, entries: events.map(JournalCodec.encode) }))
  const stage: Journal["Service"]["stage"] = (stream, expected, events) =>
    Effect.flatMap(place(stream, expected, undefined, events), (answer) => {
      if (answer._tag === "Placed") return Effect.succeed(answer.place)
      if (answer._tag === "Conflict") return Effect.fail(new JournalConflict({ stream, expected: Number(expected), found: answer.found }))
      return Effect.die(answer)
    })
  const stageOnce: Journal["Service"]["stageOnce"] = (stream, key, events, afterSeq) =>
    Effect.flatMap(place(stream, "any", key, events, afterSeq), (answer) => {
      if (answer._tag === "Placed") return Effect.succeed(answer.place)
      if (answer._tag === "KeyTaken") return Effect.fail(new JournalKeyTaken({ key, seq: answer.seq }))
      return Effect.die(answer)
    })
  const whenDurable = (at: Place) => Effect.as(writer.durable(at.seq), at)
  const append: Journal["Service"]["append"] = (stream, expected, events) => Effect.flatMap(stage(stream, expected, events), whenDurable)
  const appendOnce: Journal["Service"]["appendOnce"] = (stream, key, events) => Effect.flatMap(stageOnce(stream, key, events), whenDurable)
  return { append, appendOnce, stage, stageOnce }
}

const make = Effect.fnUntraced(function*({ onFatal = exitProcess, freeBytes, open = () => JournalFile.open(options), ...options }: Options) {
  const file = yield* Effect.acquireRelease(
    Effect.try({
      try: open,
      catch: (error) => {
        const { detail, path, reason, remedy } = openErrorOf(options.path, error)
        return new JournalOpenError({ path, reason, remedy, detail })
      }
    }),
    (opened) => Effect.sync(opened.close)
  )
  const read = <A>(work: () => A): Effect.Effect<A> =>
    Effect.suspend(() => {
      try {
        return Effect.succeed(work())
      } catch (error) {
        if (error instanceof JournalCodec.RowUndecodable) return Effect.die(error)
        return writer.giveUp("read", error)
      }
    })
  const reported = new Set<number>()
  /** For those who read everybody's rows: one that cannot be read costs its own story, and a person is told once. */
  const legible = (stored: ReadonlyArray<JournalCodec.Stored>) =>
    Effect.suspend(() => {
      const { rows, unreadable } = JournalCodec.decodeAll(stored)
      const news = unreadable.filter(({ seq }) => !reported.has(seq))
      for (const { seq } of news) reported.add(seq)
      return Effect.as(Effect.forEach(news, ({ message }) => Effect.logError(`${message}; it is left out`)), rows)
    })
  /** `among`: what is staged counts in, seen in the same step: what is written between two steps would be in neither. */
  const reading = (among: "written" | "placed") => {
    const readFrom = (seq: number, limit: number): Effect.Effect<ReadonlyArray<JournalRow>> =>
      Effect.flatMap(read(() => {
        const stored = file.readAfter(seq, limit)
        const staged = among === "written" || stored.length >= limit ? [] : writer.stage.after(Math.max(seq, file.lastSeq()))
        return { stored, staged: staged.slice(0, limit - stored.length) }
      }), ({ staged, stored }) =>
        Effect.flatMap(legible(stored), (rows) => {
          const last = stored.at(-1)
          return rows.length + staged.length > 0 || last === undefined ? Effect.succeed([...rows, ...staged]) : readFrom(last.seq, limit)
        }))
    return readFrom
  }
  const readAfter = reading("placed")

  const written = JournalTail.make(file.lastSeq(), reading("written"))
  const staged = JournalTail.make(file.lastSeq(), readAfter)
  yield* Effect.addFinalizer(() => Effect.sync(() => [written, staged].forEach(({ close }) => close())))
  const writer = yield* JournalWriter.make(file, {
    onFatal,
    freeBytes: freeBytes ?? freeBytesBeside(options.path),
    onStaged: staged.add,
    onRows: written.add
  })

  const { append, appendOnce, stage, stageOnce } = placing(writer)
  const journal = Journal.of({
    stage,
    stageOnce,
    durable: writer.durable,
    flush: writer.flush,
    append,
    appendOnce,
    readStream: (stream, afterVersion) =>
      read(() => [...file.readStream(stream, afterVersion).map(JournalCodec.decode), ...writer.stage.inStream(stream, afterVersion)]),
    readAfter,
    readAlert: (alertId, beside) =>
      Effect.flatMap(read(() => ({
        stored: beside === undefined ? file.readAlert(alertId) : file.readAlertBeside(alertId, beside),
        staged: writer.stage.ofAlert(alertId, beside)
      })), ({ staged, stored }) => Effect.map(legible(stored), (rows) => [...rows, ...staged])),
    rowAt: (seq) => read(() => {
      const row = file.rowAt(seq)
      return row === undefined ? writer.stage.at(seq) : JournalCodec.decode(row)
    }),
    follow: written.follow,
    followStaged: staged.follow,
    status: Effect.sync(() => ({ seq: file.lastSeq(), ...writer.health() }))
  })
  return Context.make(Journal, journal).pipe(Context.add(Installation, Installation.of({ id: file.installationId })))
})

/** Fails with `JournalOpenError`. The port dies with `StoreFatal` (the process is ending) or `RowUndecodable`. */
export const layer = (options: Options) => Layer.effectContext(make(options))
