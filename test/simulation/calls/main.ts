/**
 * All reference scenarios with every call failed and died at, from the command line; a failure is told with the command that replays it.
 *
 *   node test/simulation/calls/main.ts [--scenario name] [--recovery none|sampled|all] [--share 0.1] [--seed N] [--shard k/n] [--json]
 *   node test/simulation/calls/main.ts --scenario exit --strike 17:kill-before,23:kill-after
 */
import "effect/schema/SchemaJITCompiler/enable"
import { parseArgs } from "node:util"
import * as Enumerate from "#test/simulation/calls/Enumerate.ts"
import * as Stories from "#test/simulation/calls/Stories.ts"
import type { Story } from "#test/simulation/calls/Story.ts"

const { values: asked } = parseArgs({
  options: {
    scenario: { type: "string" },
    strike: { type: "string" },
    recovery: { type: "string", default: "sampled" },
    share: { type: "string", default: "0.05" },
    seed: { type: "string", default: "1" },
    shard: { type: "string" },
    json: { type: "boolean", default: false }
  }
})

const command = "node test/simulation/calls/main.ts"
const say = (text: string) => void process.stdout.write(`${text}\n`)

const chosen = (): ReadonlyArray<Story> => {
  const found = Stories.all.filter(({ name }) => asked.scenario === undefined || asked.scenario.split(",").includes(name))
  if (found.length === 0) throw new Error(`no scenario ${asked.scenario}; there are ${Stories.all.map(({ name }) => name).join(", ")}`)
  return found
}

const shardOf = (text: string): { readonly k: number; readonly of: number } => {
  const [, k, of] = /^(\d+)\/(\d+)$/.exec(text) ?? []
  if (k === undefined || of === undefined || Number(k) < 1 || Number(k) > Number(of)) throw new Error(`${text} is no shard: 1/4`)
  return { k: Number(k) - 1, of: Number(of) }
}

const cpuMs = (since?: NodeJS.CpuUsage): number => {
  const { system, user } = process.cpuUsage(since)
  return Math.round((system + user) / 1e3)
}

const replay = async (strikes: ReadonlyArray<Enumerate.Strike>): Promise<boolean> => {
  let isFine = true
  for (const story of chosen()) {
    const { calls, report } = await Enumerate.attempt(story, strikes)
    const { violations, ...rest } = report
    if (asked.json) say(JSON.stringify({ ...rest, violations, struck: calls.filter(({ n }) => strikes.some((strike) => strike.n === n)) }))
    else {
      for (const { kind, life, n, what } of calls) say(`${n} ${kind} ${what} (life ${life})`)
      for (const { story: told } of violations) say(told)
      say(violations.length === 0 ? "no violation" : `${report.violationsCount} violations`)
    }
    isFine &&= report.violationsCount === 0
  }
  return isFine
}

const enumerate = async (): Promise<boolean> => {
  const recoveryShare = asked.recovery === "all" ? 1 : asked.recovery === "none" ? 0 : Number(asked.share)
  const plan = { seed: Number(asked.seed), share: 1, recoveryShare, ...(asked.shard === undefined ? {} : { shard: shardOf(asked.shard) }) }
  let failed = 0
  for (const story of chosen()) {
    const before = process.cpuUsage()
    const { calls, failures, recoveryRuns, runs } = await Enumerate.enumerate(story, plan, ({ report, strikes }) => {
      if (asked.json) return
      const { violations: [first] } = report
      say(`${story.name} ${strikes}: ${report.violationsCount} violations, first ${first?.invariant} ${first?.message}\n  ${command} --scenario ${story.name} --strike ${strikes}`)
    })
    failed += failures.length
    const figures = { scenario: story.name, calls, runs, recoveryRuns, violations: failures.length, msPerRun: Math.round(cpuMs(before) / runs) }
    if (!asked.json) say(`${story.name}: ${calls} calls, ${runs} runs, ${recoveryRuns} of them with a second death, ${failures.length} with violations, ${figures.msPerRun} ms each`)
    else {
      say(JSON.stringify({
        ...figures,
        failures: failures.map(({ report, strikes }) => ({
          strikes,
          replay: `${command} --scenario ${story.name} --strike ${strikes}`,
          violations: report.violations.map(({ invariant, message }) => `${invariant} ${message}`)
        }))
      }))
    }
  }
  return failed === 0
}

const isFine = asked.strike === undefined ? await enumerate() : await replay(Enumerate.strikesOf(asked.strike))
process.exitCode = isFine ? 0 : 1
