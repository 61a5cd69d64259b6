/**
 * The same seeds in two processes: the journals must be equal to the byte. An hour of each scenario's day, with all its alerts.
 * `node ops/soak/twice.ts --seed N --seeds 50 [--json]`; with `--hashes` what one of the two processes prints.
 */
import "effect/schema/SchemaJITCompiler/enable"
import { execFile } from "node:child_process"
import { join } from "node:path"
import { parseArgs, promisify } from "node:util"
import { Effect, Result } from "effect"
import * as Runtime from "#src/simulation/Runtime.ts"
import * as Scenario from "#src/simulation/Scenario.ts"
import * as Draw from "./Draw.ts"

const scenarios = join(import.meta.dirname, "../../test/simulation/scenarios")

const { values } = parseArgs({
  options: { seed: { type: "string", default: "1" }, seeds: { type: "string", default: "50" }, hashes: { type: "boolean", default: false }, json: { type: "boolean", default: false } }
})
const days = Array.from({ length: Number(values.seeds) }, (_, n) => Draw.of(Number(values.seed) + n))

const sessionHours = 1

const hashOf = async ({ days: count, faults, scenario, seed }: Draw.Day): Promise<string> => {
  const loaded = Result.getOrThrow(Scenario.fromFile(join(scenarios, `${scenario}.json`)))
  return Effect.runPromise(Runtime.run({ ...loaded, scenario: { ...loaded.scenario, sessionHours } }, { seed, days: count, ...(faults === "" ? {} : { faults }) })).then(({ hash }) => hash, (error: unknown) => `died: ${String(error).slice(0, 200)}`)
}

const inChild = async (): Promise<ReadonlyArray<string>> => {
  const args = [import.meta.filename, "--hashes", "--seed", values.seed, "--seeds", values.seeds]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 16 * 1_024 * 1_024 })
  return stdout.trimEnd().split("\n")
}

const compare = async (): Promise<void> => {
  const first = await inChild()
  const second = await inChild()
  const differing = days.filter((_, n) => first[n] === undefined || first[n] !== second[n]).map(({ seed }) => ({
    seed, again: `node ops/soak/twice.ts --seed ${seed} --seeds 1`, why: `${first[days.findIndex((day) => day.seed === seed)]} and ${second[days.findIndex((day) => day.seed === seed)]}`
  }))
  console.log(values.json ? JSON.stringify({ seeds: days.length, differing }) : `${days.length} seeds twice, ${differing.length} differ${differing.map(({ again }) => `\n  ${again}`).join("")}`)
  process.exitCode = differing.length === 0 ? 0 : 1
}

if (values.hashes) for (const day of days) console.log(await hashOf(day))
else await compare()
