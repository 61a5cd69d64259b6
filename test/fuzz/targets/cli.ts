/** What is typed at the command line, in this process: one of the exit codes, one line on stderr, never a fault of its own. */
import { Console, Effect } from "effect"
import * as Commands from "#ops/cli/Commands.ts"
import { exitCodes } from "#ops/cli/Failure.ts"
import { folder } from "#test/support/folder.ts"
import * as Bytes from "../engine/Bytes.ts"
import type { Chance } from "../engine/Chance.ts"
import * as Hostile from "../engine/Hostile.ts"
import { fine, type Input, inputOf, type Seen, type Target, wrong } from "../engine/Target.ts"

const longMax = 3_000
/** Beside what was typed, which a message may repeat. */
const saidMax = 2_500
/** These begin processes of their own; they are tried as such elsewhere. */
const elsewhere = new Set(["start", "config", "doctor", "restore", "--wizard"])

const samples: ReadonlyArray<ReadonlyArray<string>> = [
  ["status"], ["status", "--json"], ["accounts"], ["positions", "--json"], ["orders", "--since", "5", "--limit", "10"], ["trades", "--limit=3"], ["alerts"], ["why", "a-1"],
  ["send", "buy", "MES1!", "--strategy", "demo-futures", "--sl", "40t", "--tp", "1%", "--order-type", "limit", "--limit", "5990", "--id", "x"],
  ["flatten"], ["flatten", "--account", "paper-1", "--why", "enough"], ["close", "paper-1", "MES1!", "--qty", "1"], ["pause", "--strategy", "demo-futures"], ["resume", "--all"],
  ["kill", "--account", "paper-1"], ["unkill"], ["disable", "--asset", "crypto"], ["order", "place", "paper-1", "buy", "MES1!", "--qty", "1", "--sl", "40t"],
  ["order", "modify", "abc", "--limit", "1"], ["order", "cancel", "abc"], ["resolve", "abc", "--executed", "2@6000.25"], ["resolve", "abc", "--not-executed"],
  ["reload", "--dry-run"], ["session", "restart", "paper-demo"], ["tail", "--since", "1", "--json"], ["backup", "--to", "x"], ["completions", "bash"], ["--help"], ["--version"], ["order", "--help"]
]

const words = [...new Set(samples.flat()), "--", "-", "-h", "--no-json", "--json=false", "--json=maybe", "--log-level", "debug", "--completions", "-s", "=", "--=", "--sl="]

const brokenWord = (chance: Chance, word: string): string => {
  switch (chance.below(6)) {
    case 0:
      return chance.pick(Hostile.texts)
    case 1:
      return chance.pick(Hostile.numbers)
    case 2:
      return `${word}=${chance.pick([...Hostile.texts, ...Hostile.numbers])}`
    case 3:
      return word.slice(0, chance.below(word.length + 1)) + chance.pick(["", "-", "x", "\u0000", "\ud800"]) + word.slice(chance.below(word.length + 1))
    case 4:
      return chance.pick(Hostile.long(chance.between(1, longMax)))()
    default:
      return chance.pick(words)
  }
}

const broken = (chance: Chance, args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const at = chance.below(args.length + 1)
  switch (chance.below(5)) {
    case 0:
      return args.toSpliced(at, 1)
    case 1:
      return args.toSpliced(at, 0, chance.pick(words))
    case 2:
      return [...args, ...args]
    case 3:
      return args.toSpliced(at, 0, args[chance.below(args.length)] ?? "")
    default:
      return args.toSpliced(at, 1, brokenWord(chance, args[at] ?? ""))
  }
}

const argsOf = (chance: Chance): ReadonlyArray<string> => {
  let args: ReadonlyArray<string> = chance.hits(0.9) ? chance.pick(samples) : Array.from({ length: chance.below(8) }, () => chance.pick(words))
  for (let times = chance.below(4); times > 0; times--) args = broken(chance, args)
  if (chance.hits(0.2)) args = [...args, "--json"]
  return args.map((word) => elsewhere.has(word) ? "status" : word)
}

const console = (out: Array<string>, err: Array<string>): Console.Console => {
  const said = (to: Array<string>) => (...parts: ReadonlyArray<unknown>) => void to.push(parts.map(String).join(" "))
  return Object.assign(Object.create(globalThis.console), { log: said(out), info: said(out), error: said(err), warn: said(err), debug: said(err) })
}

const codes: ReadonlySet<number> = new Set(Object.values(exitCodes))

const isJson = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === "object"
  } catch {
    return false
  }
}

const judged = (args: ReadonlyArray<string>, code: number, out: string, err: string): Seen => {
  const label = `exit ${code}`
  const typed = args.join(" ").length
  if (!codes.has(code)) return wrong(label, "no exit code of ours")
  if (/this command failed before its end|"error":"broken"/.test(err)) return wrong(label, err.slice(0, 300))
  if ((code === 0) !== (err === "")) return wrong(label, `said on stderr: ${err.slice(0, 300)}`)
  if (code === exitCodes.usage && out !== "") return wrong(label, "wrong usage said on stdout")
  if (err.split("\n").length > 1) return wrong(label, `more than one line: ${err.slice(0, 300)}`)
  if (err.length > typed * 7 + saidMax) return wrong(label, `${err.length} characters for ${typed} typed`)
  return args.includes("--json") && err !== "" && !isJson(err) ? wrong(label, `no JSON: ${err.slice(0, 300)}`) : fine(label)
}

const judge = Effect.fnUntraced(function*({ body }: Input) {
  const args: ReadonlyArray<string> = JSON.parse(Buffer.from(body).toString())
  const out: Array<string> = []
  const err: Array<string> = []
  const code = yield* Effect.provideService(Commands.run(args), Console.Console, console(out, err))
  return judged(args, code, out.join("\n"), err.join("\n"))
})

const emptyData = Effect.acquireRelease(
  Effect.map(folder, (path) => {
    const before = process.env["INTERLOCK_DATA"]
    process.env["INTERLOCK_DATA"] = path
    return before
  }),
  (before) => Effect.sync(() => {
    if (before === undefined) delete process.env["INTERLOCK_DATA"]
    else process.env["INTERLOCK_DATA"] = before
  })
)

export const target: Target = {
  name: "cli",
  share: 5,
  width: 1,
  open: () => Effect.as(emptyData, { make: (chance) => inputOf(Bytes.encode(JSON.stringify(argsOf(chance)))), judge })
}
