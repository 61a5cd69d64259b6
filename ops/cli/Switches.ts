/** `pause resume disable enable kill unkill`: what takes new risk, and what does not. */
import { Effect, Option } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { CommandReceipt } from "#schemas/contracts/Commands.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import * as Asker from "./Asker.ts"
import * as Client from "./Client.ts"
import { Failure } from "./Failure.ts"
import * as Human from "./Human.ts"
import { jsonFlag, show } from "./Queries.ts"
import * as Table from "./Table.ts"

const named = (name: string, what: string) => Flag.String(name).pipe(Flag.optional, Flag.withDescription(what))

const lane = named("lane", "One lane")
const strategy = named("strategy", "One strategy")
const script = named("script", "One script, by the id its alerts carry")
const account = named("account", "One account")
const asset = named("asset", "One asset class, or one in one mode: futures, futures/paper")
const login = named("login", "All accounts of one login")
const all = Flag.Boolean("all").pipe(Flag.withDescription("Everything (what is meant where nothing is named)"), Flag.withDefault(false))
const mode = Flag.Literals("mode", ["paper", "live"]).pipe(Flag.optional, Flag.withDescription("With --asset: in this mode only"))

type Named = Readonly<Partial<Record<"lane" | "strategy" | "script" | "account" | "asset" | "login", Option.Option<string>>>>

const usage = (message: string) => new Failure({ end: "usage", error: "usage", message })

const scopes = ({ account, asset, lane, login, script, strategy }: Named): ReadonlyArray<RiskScope> => {
  const given = <A>(flag: Option.Option<string> | undefined, scope: (name: string) => A) =>
    flag === undefined || Option.isNone(flag) ? [] : [scope(flag.value)]
  return [
    ...given(lane, (name) => `lane/${name}` as const),
    ...given(strategy, (name) => `strategy/${name}` as const),
    ...given(script, (name) => `script/${name}` as const),
    ...given(account, (name) => `account/${name}` as const),
    ...given(asset, (name) => `asset/${name}` as const),
    ...given(login, (name) => `login/${name}` as const)
  ]
}

/** Exactly one, or all. */
const scopeOf = (flags: Named & { readonly all?: boolean }): Effect.Effect<RiskScope, Failure> => {
  const [scope, ...more] = scopes(flags)
  if (more.length > 0 || (scope !== undefined && flags.all === true)) return Effect.fail(usage(`name one of ${Object.keys(flags).map((name) => `--${name}`).join(" ")}, or none of them for all`))
  return Effect.succeed(scope ?? "all")
}

/** An account, or an asset class with or without its mode. */
const partOf = (flags: Pick<Named, "account" | "asset"> & { readonly mode: Option.Option<string> }): Effect.Effect<RiskScope, Failure> => {
  const [scope, ...more] = scopes(flags)
  if (scope === undefined || more.length > 0) return Effect.fail(usage("name one of --account <id> and --asset <class>"))
  if (Option.isNone(flags.mode)) return Effect.succeed(scope)
  return flags.asset === undefined || Option.isNone(flags.asset)
    ? Effect.fail(usage("--mode goes with --asset"))
    : Effect.succeed(`asset/${flags.asset.value}/${flags.mode.value}` as const)
}

const receipt = ({ commandId, lines }: CommandReceipt): string => [...lines, `\`interlock why ${commandId}\` tells what followed`].map(Table.clean).join("\n")

interface Rest {
  readonly why: Option.Option<string>
  readonly json: boolean
}

/** The switch before all; the banner is asked for afterwards. */
const set = Effect.fnUntraced(function*(kind: "pause" | "kill", on: boolean, scope: RiskScope, { json, why }: Rest) {
  const asker = yield* Asker.asker(why)
  const { answer, status } = yield* Client.ask((client) => Effect.gen(function*() {
    const answer = yield* client.SetSwitch({ kind, scope, on, ...asker })
    return { answer, status: json ? Option.none() : yield* Effect.option(client.Status()) }
  }))
  yield* show(CommandReceipt, answer, json, (one) => Option.match(status, { onNone: () => "", onSome: Human.banner }) + receipt(one))
  if (answer.durable) return
  return yield* new Failure({
    end: "failed",
    error: "notDurable",
    message: on ? "it holds in this process only: the journal cannot be written" : "nothing was lifted: the journal cannot be written"
  })
})

const both = { why: Asker.whyFlag, json: jsonFlag }
const pauseFlags = { lane, strategy, script, account, asset }
const partFlags = { account, asset, mode }
const killFlags = { account, strategy, lane, login, all }

const pausing = (name: "pause" | "resume", description: string) =>
  Command.make(name, { ...pauseFlags, ...both }, ({ json, why, ...flags }) =>
    Effect.flatMap(scopeOf(flags), (scope) => set("pause", name === "pause", scope, { json, why }))).pipe(Command.withDescription(description))

const enabling = (name: "disable" | "enable", description: string) =>
  Command.make(name, { ...partFlags, ...both }, ({ json, why, ...flags }) =>
    Effect.flatMap(partOf(flags), (scope) => set("pause", name === "disable", scope, { json, why }))).pipe(Command.withDescription(description))

const killing = (name: "kill" | "unkill", description: string) =>
  Command.make(name, { ...killFlags, ...both }, ({ json, why, ...flags }) =>
    Effect.flatMap(scopeOf(flags), (scope) => set("kill", name === "kill", scope, { json, why }))).pipe(Command.withDescription(description))

export const commands = [
  pausing("pause", "Skip new entries; what works stays, exits and stops go on"),
  pausing("resume", "Lift a pause of the same scope, or the block a flatten left there; never a kill"),
  enabling("disable", "Pause one account or asset class until it is enabled again; a resume of all leaves it"),
  enabling("enable", "Lift a disable"),
  killing("kill", "No new risk leaves, from any source, and working entries are cancelled; positions keep their stops"),
  killing("unkill", "Lift a kill of the same scope")
] as const
