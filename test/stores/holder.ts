/** A process that holds a data folder, says so, and stays. */
import { writeSync } from "node:fs"
import { Effect } from "effect"
import * as DataLock from "#src/stores/DataLock.ts"

const main = Effect.andThen(DataLock.hold(process.argv[2] ?? ""), Effect.sync(() => writeSync(1, "held\n")))
await Effect.runPromise(Effect.scoped(Effect.andThen(main, Effect.delay(Effect.void, "1 minute"))))
