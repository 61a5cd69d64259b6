/** How an offline command ends: what it found on standard output, what went wrong in one line on standard error, and an exit code. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Effect, Logger, Option } from "effect"

/** As the command line's. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const

const line = (error: string, message: string, isJson: boolean): string => isJson ? JSON.stringify({ error, message }) : `interlock: ${message}`

interface Told {
  readonly _tag: string
  readonly message: string
}

/** Its failures have words of their own; a defect is shown whole. Gives the exit code. */
export const run = <E extends Told>(command: Effect.Effect<number, E>, isJson: boolean): void => {
  const ended = command.pipe(
    Effect.catchCause((cause) => Effect.sync(() => {
      const error = Option.getOrUndefined(Cause.findErrorOption(cause))
      const name = error === undefined ? "defect" : `${error._tag.charAt(0).toLowerCase()}${error._tag.slice(1)}`
      process.stderr.write(`${line(name, error?.message ?? Cause.pretty(cause), isJson)}\n`)
      return exitCodes.failed
    })),
    Effect.tap((code) => Effect.sync(() => { process.exitCode = code }))
  )
  NodeRuntime.runMain(Effect.provide(ended, Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)])))
}

/** Wrong usage: nothing was done. */
export const usage = (message: string, isJson: boolean): void => {
  process.stderr.write(`${line("usage", message, isJson)}\n`)
  process.exitCode = exitCodes.usage
}
