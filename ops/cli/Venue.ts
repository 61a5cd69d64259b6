/** `venue fake`: a simulated venue on this machine, run by the house's own program. */
import { Effect, Option } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Offline from "./Offline.ts"

const common = (port: number) => ({
  port: Flag.String("port").pipe(Flag.optional, Flag.withDescription(`Where it listens on this machine; ${port} without it`)),
  seed: Flag.String("seed").pipe(Flag.optional, Flag.withDescription("Same seed, same market and same faults")),
  faults: Flag.String("faults").pipe(Flag.optional, Flag.withDescription("What goes wrong, as in \"F3:p=0.02 F24:n=5,burst=3\"; the console lists them"))
})

const style = {
  style: Flag.String("style").pipe(Flag.optional, Flag.withDescription("native: brackets, one cancels the other, reduce-only; plain: none of them"))
}

const switches = {
  switches: Flag.String("switches").pipe(Flag.optional, Flag.withDescription("Readings of what is unproven, as in \"activation=proportional frames=single\""))
}

const run = (name: string) => (given: Readonly<Record<string, Option.Option<string>>>) => {
  const args = Object.entries(given).flatMap(([flag, value]) => Option.isNone(value) ? [] : [`--${flag}`, value.value])
  return Effect.promise(() => Offline.run(["venue", "fake", name, ...args])).pipe(Effect.flatMap((code) => Effect.sync(() => process.exit(code))))
}

const reference = Command.make("reference", { ...common(8490), ...style }, run("reference")).pipe(
  Command.withDescription("The reference venue: its whole protocol, a market from a seed, faults to switch on")
)

const tradovate = Command.make("tradovate", { ...common(8491), ...switches }, run("tradovate")).pipe(
  Command.withDescription("Tradovate: HTTP and sockets as its papers have them, a market from a seed, faults to switch on")
)

const fake = Command.make("fake").pipe(
  Command.withDescription("Run a simulated venue until Ctrl+C: no money moves"),
  Command.withSubcommands([reference, tradovate])
)

export const command = Command.make("venue").pipe(Command.withDescription("Simulated venues"), Command.withSubcommands([fake]))
