/**
 * The long run. Each target has a process of its own, so that its memory is its own and its death is seen.
 *
 *   node test/fuzz/main.ts --inputs 1000000 --seed N [--json]     all targets, each its share
 *   node test/fuzz/main.ts --target formats --inputs 100000       one target
 *   node test/fuzz/main.ts --target formats --seed N --at I       one input again, as it was made
 *   node test/fuzz/main.ts --kept formats-0123456789ab.json       one input of the corpus
 *   node test/fuzz/main.ts --corpus                               all of them
 *
 * What fails is written to test/fuzz/corpus. Exit code 1: something failed.
 */
import { spawn } from "node:child_process"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { parseArgs } from "node:util"
import { Effect } from "effect"
import * as Corpus from "./engine/Corpus.ts"
import * as Run from "./engine/Run.ts"
import { inputIn, type Input, type Opened, type Target } from "./engine/Target.ts"
import { named, targets } from "./Targets.ts"

/** Memory that a long run may add once it is warm. */
const growthMax = 0.05
/** Of an input that is told; its file has all of it. */
const shownMax = 4_000

const { values: options } = parseArgs({
  options: {
    inputs: { type: "string", default: "100000" }, seed: { type: "string", default: "1" }, target: { type: "string" }, at: { type: "string" },
    kept: { type: "string" }, corpus: { type: "boolean", default: false }, json: { type: "boolean", default: false }
  }
})

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const target = (name: string): Target => {
  const found = named(name)
  if (found === undefined) throw new Error(`there is no target ${name}: there is ${targets.map((one) => one.name).join(", ")}`)
  return found
}

/** What is really held, after all that can go is gone. */
const memory = (): () => number => {
  setFlagsFromString("--expose-gc")
  const collect: () => void = runInNewContext("gc")
  return () => {
    for (let times = 0; times < 4; times++) collect()
    return process.memoryUsage().heapUsed
  }
}

const grew = ({ memory: held }: Run.Report): boolean => held !== undefined && held.isLong && held.growth >= growthMax

const megabytes = (bytes: number): string => (bytes / 1_048_576).toFixed(1)

const line = (report: Run.Report): string => {
  const { failures, inputs, labels, memory: held, perSecond, serverErrors } = report
  const seen = Object.entries(labels).toSorted(([, one], [, other]) => other - one).map(([label, count]) => `${label} ${count}`).join(", ")
  const heap = held === undefined ? "" : `, heap ${megabytes(held.warmBytes)} -> ${megabytes(held.endBytes)} MB (${(held.growth * 100).toFixed(1)} %${held.isLong ? "" : ", too short to tell"})${grew(report) ? " GREW" : ""}`
  return `${report.target}: ${inputs} inputs, ${perSecond}/s, ${failures} failures, ${serverErrors} server errors${heap}\n  ${seen}`
}

const tell = (failure: Run.Failure, file: string): string => [
  `FAILED ${failure.target} seed ${failure.seed} input ${failure.at}: ${failure.wrong}`,
  `  around ${JSON.stringify(failure.around)}`,
  `  base64 ${cut(failure.base64)}`,
  `  again: ${Run.replay(failure)}`,
  `  kept: test/fuzz/corpus/${file}; once mended, it stays there`
].join("\n")

const one = async (name: string): Promise<Run.Report> => {
  const lost = (error: unknown): never => {
    process.stderr.write(`${name}: lost an error: ${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(70)
  }
  process.on("uncaughtException", lost).on("unhandledRejection", lost)
  return Effect.runPromise(Run.run(target(name), { seed: options.seed, inputs: Number(options.inputs), memory: memory() }))
}

const inChild = (name: string, inputs: number): Promise<Run.Report> => new Promise((resolve, reject) => {
  const args = [import.meta.filename, "--target", name, "--inputs", String(inputs), "--seed", options.seed, "--json"]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
  let out = ""
  child.stdout.on("data", (chunk: Buffer) => { out += chunk.toString() })
  child.on("close", (code, signal) => {
    try {
      resolve(JSON.parse(out))
    } catch {
      reject(new Error(`${name} died (${code ?? signal}): node test/fuzz/main.ts --target ${name} --inputs ${inputs} --seed ${options.seed}`))
    }
  })
})

const cut = (text: string): string => text.length > shownMax ? `${text.slice(0, shownMax)}... (${text.length} characters)` : text

const again = async (found: Target, inputOf: (opened: Opened) => Input): Promise<boolean> => {
  const { input, seen } = await Effect.runPromise(Run.again(found, options.seed, inputOf))
  say(`${found.name}: ${seen.label}${seen.wrong === undefined ? ", as it should be" : `, FAILED: ${seen.wrong}`}`)
  say(`  around ${JSON.stringify(input.around)}\n  hex ${cut(Buffer.from(input.body).toString("hex"))}\n  text ${cut(JSON.stringify(Buffer.from(input.body).toString()))}`)
  return seen.wrong === undefined
}

const sum = (reports: ReadonlyArray<Run.Report>, of: (report: Run.Report) => number): number => reports.reduce((all, one) => all + of(one), 0)

const total = (reports: ReadonlyArray<Run.Report>): string =>
  `all: ${sum(reports, ({ inputs }) => inputs)} inputs, seed ${options.seed}, ${sum(reports, ({ failures }) => failures)} failures, ${sum(reports, ({ serverErrors }) => serverErrors)} server errors, ${reports.filter(grew).length} grew`

const report = (reports: ReadonlyArray<Run.Report>): boolean => {
  const kept = reports.flatMap(({ told }) => told.map((failure) => [failure, Corpus.keep(failure)] as const))
  if (options.json) say(JSON.stringify(reports.length === 1 ? reports[0] : reports))
  else {
    for (const [failure, file] of kept) say(tell(failure, file))
    say(total(reports))
  }
  return reports.every((done) => done.failures === 0 && !grew(done))
}

const all = async (): Promise<ReadonlyArray<Run.Report>> => {
  const shares = targets.reduce((sum, { share }) => sum + share, 0)
  const reports: Array<Run.Report> = []
  for (const { name, share } of targets) {
    const done = await inChild(name, Math.ceil(Number(options.inputs) * share / shares))
    if (!options.json) say(line(done))
    reports.push(done)
  }
  return reports
}

const keptOnes = async (only: string | undefined): Promise<boolean> => {
  let areFine = true
  for (const [name, kept] of Corpus.files()) {
    if (only !== undefined && name !== only) continue
    say(`${name}: once ${kept.wrong}`)
    areFine = (await again(target(kept.target), () => inputIn(kept))) && areFine
  }
  return areFine
}

const main = async (): Promise<boolean> => {
  if (options.corpus || options.kept !== undefined) return keptOnes(options.kept)
  if (options.target === undefined) return report(await all())
  const found = target(options.target)
  if (options.at === undefined) {
    const done = await one(found.name)
    if (!options.json) say(line(done))
    return report([done])
  }
  return again(found, ({ make }) => make(Run.chanceOf(found, options.seed, Number(options.at))))
}

const code = await main() ? 0 : 1
process.stdout.write("", () => process.exit(code))
