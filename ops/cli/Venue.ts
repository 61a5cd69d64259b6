/** `venue fake`: a simulated venue on this machine, run by the house's own program. */
import { Effect, Option } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Offline from "./Offline.ts"

const flags = {
  port: Flag.String("port").pipe(Flag.optional, Flag.withDescription("Where it listens on this machine; 8490 without it")),
  seed: Flag.String("seed").pipe(Flag.optional, Flag.withDescription("Same seed, same market and same faults")),
  faults: Flag.String("faults").pipe(Flag.optional, Flag.withDescription("What goes wrong, as in \"F3:p=0.02 F24:n=5,burst=3\"; the console lists them")),
  style: Flag.String("style").pipe(Flag.optional, Flag.withDescription("native: brackets, one cancels the other, reduce-only; plain: none of them"))
}

const reference = Command.make("reference", flags, (given) => {
  const args = Object.entries(given).flatMap(([name, value]) => Option.isNone(value) ? [] : [`--${name}`, value.value])
  return Effect.promise(() => Offline.run(["venue", "fake", "reference", ...args])).pipe(Effect.flatMap((code) => Effect.sync(() => process.exit(code))))
}).pipe(Command.withDescription("The reference venue: its whole protocol, a market from a seed, faults to switch on"))

const fake = Command.make("fake").pipe(
  Command.withDescription("Run a simulated venue until Ctrl+C: no money moves"),
  Command.withSubcommands([reference])
)

export const command = Command.make("venue").pipe(Command.withDescription("Simulated venues"), Command.withSubcommands([fake]))
