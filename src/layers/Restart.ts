/** After a disk fault what was written is unknown: this process image ends and a new one finds out. */
import { Clock, Effect } from "effect"

/** EX_IOERR of sysexits.h. */
const exitCode = 74
/** How many times in a row; kept in the environment, as nothing else survives. */
const variable = "INTERLOCK_RESTARTS"
const delayMinMs = 500
const delayMaxMs = 30_000
/** A life this long ends a row of restarts. */
const goodLifeMs = 60_000

/** What a fault does to this life. Starts the program anew in this process (same pid, same terminal) after a capped, doubling delay; where a system cannot, ends with code 74. */
export const afterFault = (bornAtMs: number) => (error: { readonly message: string }): Effect.Effect<never> =>
  Effect.gen(function*() {
    const before = (yield* Clock.currentTimeMillis) - bornAtMs > goodLifeMs ? 0 : Number(process.env[variable] ?? "0")
    const delayMs = Math.min(delayMaxMs, delayMinMs * 2 ** before)
    yield* Effect.logFatal(`${error.message}; starting again in ${delayMs} ms`)
    yield* Effect.sleep(delayMs)
    return yield* Effect.sync(() => {
      if (typeof process.execve !== "function" || process.platform === "win32") return process.exit(exitCode)
      return process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
        ...process.env,
        [variable]: String(before + 1)
      })
    })
  })
