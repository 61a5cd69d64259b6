/** Runs one command in this process. */
import { Effect } from "effect"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Commands from "./Commands.ts"

export const runAndExit = (args: ReadonlyArray<string>): void =>
  NodeRuntime.runMain(Effect.flatMap(Commands.run(args), (code) => Effect.sync(() => {
    process.exitCode = code
  })))
