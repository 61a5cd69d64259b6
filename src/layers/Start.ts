/** Runs the live house until it is told to leave. */
import "effect/schema/SchemaJITCompiler/enable"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Effect, Layer } from "effect"
import * as Explain from "#src/layers/Explain.ts"
import * as Live from "#src/layers/Live.ts"
import * as Logging from "#src/layers/Logging.ts"
import * as Rescue from "#src/layers/Rescue.ts"

const leaveAtOnce = 130

/** The first asks the house to leave; whoever asks twice does not want to wait. */
const onSecondInterrupt = () => {
  let times = 0
  process.on("SIGINT", () => {
    times += 1
    if (times > 1) process.exit(leaveAtOnce)
  })
}

const explain = (cause: Cause.Cause<unknown>) => Effect.sync(() => process.stderr.write(`${Explain.explained(cause)}\n`))

export const run = () => {
  onSecondInterrupt()
  Layer.launch(Live.layer).pipe(
    Effect.catchTag("JournalOpenError", (error) => Layer.launch(Rescue.layer(error.message))),
    Effect.provide(Logging.layer),
    Effect.tapCause((cause) => Cause.hasInterruptsOnly(cause) ? Effect.void : explain(cause)),
    NodeRuntime.runMain({ disableErrorReporting: true })
  )
}
