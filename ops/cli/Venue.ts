/** `venue add`, `venue drill`, `venue fake`. All but the drill are the house's own program. */
import { Effect, Option } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Drill from "./Drill.ts"
import * as Offline from "./Offline.ts"
import { jsonFlag } from "./Queries.ts"

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

const word = (name: string, description: string) => Flag.String(name).pipe(Flag.optional, Flag.withDescription(description))
const yesFlag = Flag.Boolean("yes").pipe(Flag.withDescription("Write without asking"), Flag.withDefault(false))

const addFlags = {
  login: word("login", "Its name here; the first free tradovate-<n> without it. One that is there already is only tried, and accounts that are new are offered"),
  url: word("url", "demo, live, or an address such as http://127.0.0.1:8491"),
  name: word("name", "The user's name there"),
  "password-env": word("password-env", "The variable that holds the password; without it the password is asked for and kept in the data folder"),
  cid: word("cid", "The API key's number"),
  "sec-env": word("sec-env", "The variable that holds the API key's secret"),
  "app-id": word("app-id", "As the API key names it"),
  "app-version": word("app-version", "As the API key names it"),
  "device-id": word("device-id", "Always the same for this installation; made without it"),
  accounts: word("accounts", "The venue's names of those to add, with commas between; without it all, or as you choose"),
  lanes: word("lanes", "Lanes whose alerts may trade there once they are promoted; without it none, or as you choose"),
  symbol: word("symbol", "The contract that the dry run looks at")
}

const addSwitches = {
  "market-data": Flag.Boolean("market-data").pipe(Flag.withDescription("The user has paid for market data over the API"), Flag.withDefault(false)),
  stdin: Flag.Boolean("stdin").pipe(Flag.withDescription("Answers, secrets too, as one JSON object on standard input; nothing is asked"), Flag.withDefault(false)),
  yes: yesFlag,
  json: jsonFlag
}

const addTradovate = Command.make("tradovate", { ...addFlags, ...addSwitches }, (given) => {
  const args = Object.entries(given).flatMap(([name, value]) => {
    if (typeof value === "boolean") return value ? [`--${name}`] : []
    return Option.isNone(value) ? [] : [`--${name}=${value.value}`]
  })
  return Effect.promise(() => Offline.run(["venue", "add", "tradovate", ...args])).pipe(Effect.flatMap((code) => Effect.sync(() => process.exit(code))))
}).pipe(
  Command.withDescription("A user of Tradovate: tried without an order, then written into venues.json and accounts.json, its accounts disabled until `promote`"),
  Command.withExamples([
    { command: "interlock venue add tradovate", description: "Asks for everything; what is secret is not shown" },
    { command: "interlock venue add tradovate --stdin --yes < answers.json", description: "For scripts: {\"url\": \"demo\", \"name\": ..., \"password\": ...}" }
  ])
)

const add = Command.make("add").pipe(Command.withDescription("Add a broker login"), Command.withSubcommands([addTradovate]))

export const command = Command.make("venue").pipe(
  Command.withDescription("Broker logins, and simulated venues to try the house on"),
  Command.withSubcommands([add, Drill.command, fake])
)
