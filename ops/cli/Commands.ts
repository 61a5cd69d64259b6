/** The command tree, and how each way of ending becomes an exit code. */
import { Console, Effect, Layer } from "effect"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { exitCodes, Failure, render } from "./Failure.ts"
import * as Runtime from "./Runtime.ts"
import * as Backup from "./Backup.ts"
import * as Close from "./Close.ts"
import * as Completions from "./Completions.ts"
import * as Doctor from "./Doctor.ts"
import * as Flatten from "./Flatten.ts"
import * as Config from "./Config.ts"
import * as Order from "./Order.ts"
import * as Promote from "./Promote.ts"
import * as Queries from "./Queries.ts"
import * as Reload from "./Reload.ts"
import * as Restore from "./Restore.ts"
import * as Resolve from "./Resolve.ts"
import * as Send from "./Send.ts"
import * as Session from "./Session.ts"
import * as Simulate from "./Simulate.ts"
import * as Start from "./Start.ts"
import * as Switches from "./Switches.ts"
import * as Tail from "./Tail.ts"
import * as Venue from "./Venue.ts"

const start = Command.make("start", {}, () => Effect.promise(Start.run).pipe(
  Effect.flatMap((code) => Effect.sync(() => process.exit(code)))
)).pipe(Command.withDescription("Start the house and stay with it until it ends"))

const interlock = Command.make("interlock").pipe(
  Command.withDescription("Watch and command a running Interlock"),
  Command.withSubcommands([
    start, ...Queries.commands, Send.command, Flatten.command, Close.command, Order.command, Resolve.command, ...Switches.commands, Reload.command, Session.command, Config.command,
    Tail.command, Backup.command, Restore.command, Doctor.command, Venue.command, Promote.command, ...Simulate.commands, Completions.command((): Command.Command.Any => interlock)
  ])
)

/** Wrong usage is one line on stderr, not a page on stdout. */
const presenter: CliOutput.Presenter = {
  present: (event) => (event._tag === "InvalidInvocation" ? Effect.void : CliOutput.defaultPresenter.present(event))
}

const usage = ({ commandPath, errors }: CliError.ShowHelp): Failure =>
  new Failure({ end: "usage", error: "usage", message: `${errors.map(({ message }) => message.replaceAll(/\s+/g, " ")).join("; ")} (see \`${commandPath.join(" ")} --help\`)` })

const toFailure = (error: CliError.CliError | Failure): Failure => {
  if (error instanceof Failure) return error
  return error._tag === "ShowHelp" ? usage(error) : new Failure({ end: "usage", error: "usage", message: error.message })
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? ""

/** A fault of this command, not of the house. */
const broken = (defect: unknown): Failure =>
  new Failure({ end: "failed", error: "broken", message: `this command failed before its end: ${firstLine(defect instanceof Error ? defect.message : String(defect))}` })

/** Never fails: what went wrong is said on stderr, the answer is the exit code. */
export const run = (args: ReadonlyArray<string>): Effect.Effect<number> => {
  const isJson = args.includes("--json")
  return Command.runWith(interlock, { version: Runtime.version() })(args).pipe(
    Effect.as<number>(exitCodes.done),
    Effect.catch((error) => {
      if (CliError.isCliError(error) && error._tag === "ShowHelp" && error.errors.length === 0) return Effect.succeed(exitCodes.done)
      const failure = toFailure(error)
      return Effect.as(Console.error(render(failure, isJson)), exitCodes[failure.end])
    }),
    Effect.catchDefect((defect) => Effect.as(Console.error(render(broken(defect), isJson)), exitCodes.failed)),
    Effect.provide(Layer.merge(NodeServices.layer, CliOutput.layerPresenter(presenter)))
  )
}
