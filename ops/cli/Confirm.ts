/** Asks a person before what cannot be taken back. */
import { Effect } from "effect"
import * as Prompt from "effect/cli/Prompt"
import * as Flag from "effect/cli/Flag"
import { Failure } from "./Failure.ts"

export const yesFlag = Flag.Boolean("yes").pipe(Flag.withDescription("Do it without asking"), Flag.withDefault(false))

/** Whoever is not there, or leaves, has not agreed. */
export const confirm = (message: string, command: string) => {
  const declined = new Failure({ end: "failed", error: "declined", message: "not agreed to: nothing was done" })
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    return Effect.fail(new Failure({ end: "usage", error: "usage", message: `nobody to ask: \`${command} --yes\` does it without asking` }))
  }
  return Prompt.run(Prompt.Confirm({ message, initial: false })).pipe(
    Effect.catchTag("QuitError", () => Effect.succeed(false)),
    Effect.flatMap((agreed) => agreed ? Effect.void : Effect.fail(declined))
  )
}
