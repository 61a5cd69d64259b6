/**
 * Where the house's log goes: to the terminal at once, and as JSON lines to `data/logs` as soon as the data folder is ours. Secrets are
 * covered by value in both, from the moment they are known.
 */
import { join } from "node:path"
import { Context, Effect, Layer, Logger, References } from "effect"
import { Secrets } from "#config/Secrets.ts"
import { Settings } from "#config/Settings.ts"
import * as LogEntry from "#src/observe/LogEntry.ts"
import * as LogFile from "#src/observe/LogFile.ts"

/** Entries kept for the file before there is one; later ones are on the terminal only. */
const earlyMax = 256

/** The log's own state: it begins before anything else is known and ends after it. */
export class Log extends Context.Service<Log, {
  readonly toTerminal: Logger.Logger<unknown, void>
  readonly toFile: Logger.Logger<unknown, void>
  /** From now on, in everything that is written. */
  readonly cover: (mask: LogEntry.Mask) => void
  /** What waited goes first. Undefined: entries wait again. */
  readonly into: (file: LogFile.LogFile | undefined) => void
}>()("src/layers/Log") {}

export const make = (): Log["Service"] => {
  let mask: LogEntry.Mask = (text) => text
  let file: LogFile.LogFile | undefined
  let early: ReadonlyArray<{ readonly line: string; readonly atMs: number }> = []
  const write = (line: string, atMs: number) => {
    if (file !== undefined) file.write(line, atMs)
    else if (early.length < earlyMax) early = [...early, { line, atMs }]
  }
  return Log.of({
    toTerminal: Logger.withConsoleError(Logger.make((entry) => LogEntry.lineOf(LogEntry.coveredOf(entry, mask)))),
    toFile: Logger.make((entry) => write(LogEntry.jsonOf(LogEntry.coveredOf(entry, mask)), entry.date.getTime())),
    cover: (next) => {
      mask = next
    },
    into: (next) => {
      file = next
      if (next === undefined) return
      for (const { atMs, line } of early) next.write(mask(line), atMs)
      early = []
    }
  })
}

/** For the whole process: standard output belongs to what people and programs read; the log goes beside it. */
export const layer = Layer.unwrap(Effect.map(Settings, ({ logLevel }) => {
  const log = make()
  return Layer.mergeAll(
    Layer.succeed(Log, log),
    Logger.layer([log.toTerminal, log.toFile]),
    Layer.succeed(References.MinimumLogLevel, logLevel)
  )
})).pipe(Layer.provide(Settings.layer))

/** From the moment the secrets are known. */
export const covered = Layer.effectDiscard(Effect.gen(function*() {
  const { cover } = yield* Log
  const { mask } = yield* Secrets
  cover(mask)
}))

/** Over a data folder that no other process writes to: after its lock. */
export const inFiles = Layer.effectDiscard(Effect.gen(function*() {
  const { into } = yield* Log
  const { dataFolder } = yield* Settings
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      const file = LogFile.open({ folder: join(dataFolder, "logs") })
      into(file)
      return file
    }),
    (file) => Effect.sync(() => {
      into(undefined)
      file.close()
    })
  )
}))
