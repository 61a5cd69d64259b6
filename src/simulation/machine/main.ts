/** `node src/simulation/machine/main.ts --days 1000 --seed 1 [--faults 1] [--day <seed>] [--no-judge] [--json]`: exit code 1 where a promise was broken. */
import { inspect, parseArgs } from "node:util"
import * as Run from "#src/simulation/machine/Run.ts"

const { values } = parseArgs({
  options: {
    days: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    faults: { type: "string", default: "1" },
    day: { type: "string" },
    json: { type: "boolean", default: false },
    "no-judge": { type: "boolean", default: false }
  }
})

const say = (text: string) => process.stdout.write(`${text}\n`)
const options = { seed: Number(values.seed), days: Number(values.days), faults: Number(values.faults), isJudged: !values["no-judge"] }
const before = process.cpuUsage()
const told = values.day === undefined ? Run.run(options) : Run.day(Number(values.day), options)
const { system, user } = process.cpuUsage(before)
const cpuMs = (user + system) / 1_000
const days = "days" in told ? told.days : 1
const speed = { cpuMsPerDay: Math.round(100 * cpuMs / days) / 100, daysPerCpuMinute: Math.round(days * 60_000 / cpuMs) }
if (values.json) say(JSON.stringify({ ...told, ...speed }))
else {
  const { failed, ...rest } = "failed" in told ? told : { ...told, failed: [] }
  say(inspect({ ...rest, ...speed, story: undefined }, { depth: null }))
  for (const { seed, story, violations } of failed) {
    say(`day ${seed}: ${violations.length} violations; again: node src/simulation/machine/main.ts --day ${seed} --faults ${values.faults}`)
    say(story)
  }
  if ("story" in told) say(told.story)
}
const isBroken = "failed" in told ? told.failed.length > 0 : told.violations.length > 0
process.exitCode = isBroken ? 1 : 0
