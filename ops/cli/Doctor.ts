/** `doctor`: what may be wrong here and what to do about it, fit to be shown to others. With and without a running house. */
import { homedir } from "node:os"
import { Effect, Option, Schema } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Finding } from "#schemas/contracts/Commands.ts"
import * as Client from "./Client.ts"
import { Failure } from "./Failure.ts"
import * as Offline from "./Offline.ts"
import { jsonFlag, show } from "./Queries.ts"
import * as Table from "./Table.ts"

const within = "30 seconds"
const homeMin = 2

const partOfName = /[\w.-]/

/** Whose home it is, is nobody's business. */
const withoutHome = (text: string): string => {
  const home = homedir()
  return home.length < homeMin ? text : text.replaceAll(home, (found, at: number) => partOfName.test(text.charAt(at + found.length)) ? found : "~")
}

const redacted = ({ check, remedy, state, text }: Finding): Finding =>
  ({ check, state, text: withoutHome(text), ...(remedy === undefined ? {} : { remedy: withoutHome(remedy) }) })

const Findings = Schema.Array(Finding)
const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Findings))

const offline = (flags: ReadonlyArray<string>) =>
  Effect.flatMap(Effect.promise(() => Offline.ask(["doctor", ...flags])), ({ out }) => Option.match(decode(out), {
    onNone: () => Effect.fail(new Failure({ end: "failed", error: "doctor", message: "the checks did not end: see above" })),
    onSome: Effect.succeed
  }))

/** What only a running house can say; without one its logins are unknown, not broken. */
const online: Effect.Effect<ReadonlyArray<Finding>> = Client.ask((client) => Effect.all([client.Status(), client.Diagnose()]), within).pipe(
  Effect.map(([{ isSimulated, mode, state, version }, { findings }]) => {
    const text = `version ${version}, ${state}, ${mode}${isSimulated ? " (SIMULATED)" : ""}`
    const house: Finding = state === "rescue"
      ? { check: "house", state: "failed", text, remedy: "only `status` and `flatten` work: see `journal` below" }
      : { check: "house", state: "ok", text }
    return [house, ...findings]
  }),
  Effect.catch(({ end, message }): Effect.Effect<ReadonlyArray<Finding>> => Effect.succeed(end === "unreachable"
    ? [{ check: "house", state: "unknown", text: `not running, so no login was tried (${message})` }]
    : [{ check: "house", state: "failed", text: message }]))
)

const words = { ok: "ok", warning: "WARNING", failed: "FAILED", unknown: "unknown" } as const
const worstFirst = ["failed", "warning", "unknown", "ok"] as const

const human = (findings: ReadonlyArray<Finding>): string => {
  const sorted = worstFirst.flatMap((state) => findings.filter((finding) => finding.state === state))
  const table = Table.render([
    { name: "STATE", of: ({ state }) => words[state] },
    { name: "CHECK", of: ({ check }) => check },
    { name: "FOUND", of: ({ text }) => text }
  ], sorted)
  const remedies = sorted.flatMap(({ check, remedy, state }) => remedy === undefined || state === "ok" ? [] : [Table.clean(`  ${check}: ${remedy}`)])
  return remedies.length === 0 ? table : [table, "", "what to do", ...remedies].join("\n")
}

const flags = {
  online: Flag.Boolean("online").pipe(Flag.withDescription("Ask a server on the internet for the time"), Flag.withDefault(false)),
  url: Flag.String("url").pipe(Flag.optional, Flag.withDescription("The webhook's public address, to be tried from here")),
  json: jsonFlag
}

export const command = Command.make("doctor", flags, Effect.fnUntraced(function*(asked) {
  const args = [...(asked.online ? ["--online"] : []), ...Option.match(asked.url, { onNone: () => [], onSome: (url) => [`--url=${url}`] })]
  const findings = (yield* Effect.all([offline(args), online], { concurrency: 2 })).flat().map(redacted)
  yield* show(Findings, findings, asked.json, human)
  const failed = findings.filter(({ state }) => state === "failed").map(({ check }) => check)
  if (failed.length > 0) {
    return yield* new Failure({ end: "failed", error: "failedChecks", message: `failed: ${failed.join(", ")}`, detail: { checks: failed } })
  }
})).pipe(Command.withDescription("Look at everything that may keep a house from working, and say what to do; no secret is shown"))
