/**
 * The soak: everything that can prove a promise broken, for a while. `npm run soak -- --minutes 90 [--seed N] [--only kills,fuzz]`: into
 * result.json, failing seeds into test/simulation/corpus.json. `-- --write`: result.json into the table of README.md; `-- --check`: do they agree?
 * `--result=` and `--readme=` name other files. Exit code 1: something failed; each failure is told with the one command that shows it again.
 */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import * as Child from "./Child.ts"
import * as Corpus from "./Corpus.ts"
import * as Parts from "./Parts.ts"
import * as Result from "./Result.ts"
import * as Sum from "./Sum.ts"
import * as Table from "./Table.ts"

const lanes = 2

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "90" }, seed: { type: "string" }, only: { type: "string" },
    write: { type: "boolean", default: false }, check: { type: "boolean", default: false },
    result: { type: "string", default: Result.file }, readme: { type: "string", default: join(Child.home, "README.md") }
  }
})

const fail = (message: string): never => {
  console.error(message)
  return process.exit(1)
}

const git = (...args: ReadonlyArray<string>): string => {
  try {
    return execFileSync("git", args, { cwd: Child.home, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()
  } catch {
    return ""
  }
}

const commitOf = (): string => {
  const name = git("rev-parse", "--short", "HEAD")
  const changes = git("status", "--porcelain", "--", ":!ops/soak/result.json", ":!README.md", ":!test/simulation/corpus.json")
  return name === "" ? "unknown" : changes === "" ? name : `${name}+`
}

/** Of the commit: another one tries others. */
const seedOf = (commit: string): number => createHash("sha256").update(commit).digest().readUInt32LE(0) % 100_000_000

let sum = Sum.nothing
const parts: Array<Result.PartResult> = []
const corpus: Array<Corpus.Entry> = []

const tell = (failures: ReadonlyArray<Sum.Failure>): void => {
  for (const { again, part, why } of failures) console.log(`FAILED ${part}: ${why}\n  ${again}`)
}

const counted = (part: Parts.Part, args: ReadonlyArray<string>, { code, error, isCut, lines }: Child.Ended): Partial<Sum.Sum> => {
  const again = `node ${[part.program, ...args].join(" ")}`
  try {
    if (lines.length === 0 && isCut) return {}
    if (lines.length === 0) return { failures: [{ part: part.name, again, why: `ended with ${code} and said nothing: ${error.slice(-300)}` }] }
    const { corpus: more = [], sum: one } = part.count(lines)
    corpus.push(...more)
    return code === 0 || isCut || (one.failures ?? []).length > 0 ? one : { ...one, failures: [{ part: part.name, again, why: `ended with ${code}: ${error.slice(-300)}` }] }
  } catch (wrong) {
    return { failures: [{ part: part.name, again, why: `its answer cannot be read: ${String(wrong)}` }] }
  }
}

/** A part until its time is over. What fails in it stops nothing. */
const run = async (part: Parts.Part, seconds: number, seed: number): Promise<void> => {
  if (!Parts.isThere(part)) {
    parts.push({ name: part.name, runs: 0, failures: 0, seconds: 0, note: "not there yet" })
    return
  }
  const startMs = Date.now()
  const left = () => seconds - (Date.now() - startMs) / 1_000
  let [runs, failures, wasCut] = [0, 0, false]
  while (!wasCut && (runs === 0 || left() >= Parts.secondsMin)) {
    const args = part.args(runs, seed, Math.max(Parts.secondsMin, left()), seconds)
    if (args === undefined) break
    const ended = await Child.run([part.program, ...args], left() + Parts.graceSeconds)
    const one = counted(part, args, ended)
    runs += 1
    failures += one.failures?.length ?? 0
    wasCut = ended.isCut
    tell(one.failures ?? [])
    sum = Sum.add(sum, one)
  }
  const result: Result.PartResult = { name: part.name, runs, failures, seconds: Math.round((Date.now() - startMs) / 1_000), ...(wasCut ? { note: "its time was over before its end" } : {}) }
  parts.push(result)
  console.log(`${result.name}: ${result.runs} runs in ${result.seconds} s, ${result.failures} failures${result.note === undefined ? "" : `, ${result.note}`}`)
}

const soak = async (): Promise<void> => {
  const minutes = Number(values.minutes)
  if (!(minutes > 0)) fail("--minutes is a number above 0")
  const commit = commitOf()
  const seed = values.seed === undefined ? seedOf(commit) : Number(values.seed)
  const only = values.only?.split(",")
  const chosen = Parts.all.filter(({ name }) => only === undefined || only.includes(name))
  const endMs = Date.now() + minutes * 60_000
  const waiting = new Set(chosen)
  /** Its part of the time left, beside those that wait and those at work. */
  const secondsOf = (part: Parts.Part, busySeconds: number) => {
    const left = lanes * Math.max(0, endMs - Date.now()) / 1_000 - busySeconds - Array.from(waiting).reduce((sum, { needs = 0 }) => sum + needs, 0)
    const shares = Array.from(waiting).reduce((sum, { share }) => sum + share, 0)
    return part.needs ?? Math.max(Parts.secondsMin, left * part.share / shares) / (part.isWide ? lanes : 1)
  }
  console.log(`${minutes} minutes on ${lanes} cores, commit ${commit}, seed ${seed}`)

  const ends = new Map<Parts.Part, number>()
  const start = async (part: Parts.Part) => {
    const busySeconds = Array.from(ends.values()).reduce((sum, atMs) => sum + Math.max(0, atMs - Date.now()) / 1_000, 0)
    const seconds = secondsOf(part, busySeconds)
    waiting.delete(part)
    ends.set(part, Date.now() + seconds * 1_000)
    await run(part, seconds, seed)
    ends.delete(part)
  }
  for (const part of chosen.filter(({ isWide }) => isWide)) await start(part)
  const queue = chosen.filter(({ isWide }) => !isWide)
  const lane = async () => {
    for (let part = queue.shift(); part !== undefined; part = queue.shift()) await start(part)
  }
  await Promise.all(Array.from({ length: lanes }, lane))

  const [cpu] = cpus()
  const result: Result.Result = {
    date: new Date().toISOString(), commit, minutes, seed, machine: { cpu: cpu?.model.trim() ?? "unknown", cores: cpus().length, node: process.versions.node },
    ...sum, failureRateMax: Result.boundOf(sum), parts
  }
  Result.write(values.result, result)
  const added = Corpus.add(corpus)
  console.log(Table.table(result))
  if (added > 0) console.log(`${added} failing seeds are in ${Corpus.file} now and run with \`npm test\``)
  tell(sum.failures)
  process.exitCode = sum.failures.length === 0 && sum.violations === 0 ? 0 : 1
}

const result = Result.read(values.result)
if (values.check) {
  const found = Table.found(readFileSync(values.readme, "utf8"))
  if (found !== (result === undefined ? undefined : Table.table(result))) fail(`the table of ${values.readme} is not what ${values.result} says: npm run soak -- --write`)
} else if (values.write) {
  const document = readFileSync(values.readme, "utf8")
  if (result === undefined) fail(`${values.result} is not there: npm run soak first`)
  else if (Table.found(document) === undefined) fail(`${values.readme} has no place for the table: ${Table.markers.from} and ${Table.markers.to}`)
  else writeFileSync(values.readme, Table.put(document, Table.table(result)))
} else await soak()
