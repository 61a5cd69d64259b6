/** `simulate` and `replay`: a scenario on a virtual clock, a recorded journal decided once more. Neither needs nor touches a house. */
import * as NodePath from "node:path"
import { Effect, Option } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Offline from "./Offline.ts"
import { jsonFlag } from "./Queries.ts"

const handOver = (args: ReadonlyArray<string>) =>
  Effect.promise(() => Offline.run(args)).pipe(Effect.flatMap((code) => Effect.sync(() => process.exit(code))))

const given = <A>(name: string, value: Option.Option<A>): ReadonlyArray<string> =>
  Option.match(value, { onNone: () => [], onSome: (found) => [`--${name}=${String(found)}`] })

const simulateFlags = {
  scenario: Argument.String("scenario").pipe(Argument.withDescription("The scenario's file")),
  seed: Flag.Int("seed").pipe(Flag.optional, Flag.withDescription("Prices, alerts and faults come from it; same seed, same journal")),
  days: Flag.Int("days").pipe(Flag.optional, Flag.withDescription("How many days, in place of the scenario's")),
  faults: Flag.String("faults").pipe(Flag.optional, Flag.withDescription("In place of the scenario's, such as \"F3:p=0.02 F45:every=200\"")),
  journal: Flag.String("journal").pipe(Flag.optional, Flag.withDescription("Leave the journal in this new file")),
  json: jsonFlag
}

const simulate = Command.make("simulate", simulateFlags, ({ days, faults, journal, json, scenario, seed }) => handOver([
  "simulate", ...given("seed", seed), ...given("days", days), ...given("faults", faults), ...given("journal", Option.map(journal, (path) => NodePath.resolve(path))),
  ...(json ? ["--json"] : []), "--", scenario
])).pipe(
  Command.withDescription("Run a scenario on a virtual clock, with faults, and judge what the house made of it"),
  Command.withExamples([{ command: "interlock simulate test/simulation/scenarios/faulty-native.json --seed 7", description: "A day of lost answers and refused stops" }])
)

const replayFlags = { journal: Argument.String("journal").pipe(Argument.withDescription("A journal.sqlite, or a copy of one")), json: jsonFlag }

const replay = Command.make("replay", replayFlags, ({ journal, json }) =>
  handOver(["replay", ...(json ? ["--json"] : []), "--", NodePath.resolve(journal)])
).pipe(Command.withDescription("Decide once more what a recorded journal holds, and name every decision that differs"))

export const commands = [simulate, replay] as const
