/**
 * Real kills of the real process over the reference venue on loopback.
 *
 *   node test/simulation/kills/main.ts --kills 150 --seed N [--minutes M] [--chain 5] [--json]
 *
 * Chains of `--chain` kills over one data folder, two at a time; judged at the end of each. With `--minutes` none begins after that.
 * Exit code 1: a promise was broken, or a chain did not come to its end.
 */
import { parseArgs } from "node:util"
import * as NodePath from "node:path"
import { Clock, Effect, Option } from "effect"
import * as Process from "#test/support/process.ts"
import type * as Chain from "./Chain.ts"
import * as Report from "./Report.ts"

const atOnce = 2
const chainMsMax = 600_000
const errorShown = 2_000

const { values } = parseArgs({
  options: {
    kills: { type: "string" }, seed: { type: "string", default: "1" }, minutes: { type: "string" }, chain: { type: "string", default: "5" },
    json: { type: "boolean", default: false }
  }
})
const seed = Number(values.seed)
const perChain = Math.max(2, Number(values.chain))
const killsMax = Number(values.kills ?? (values.minutes === undefined ? 150 : Infinity))
const withinMs = Number(values.minutes ?? Infinity) * 60_000

const say = (text: string) => Effect.sync(() => void (values.json || process.stdout.write(`${text}\n`)))

const results: Array<Chain.Result> = []
const failed: Array<Report.Failed> = []
let begun = 0
let killsBegun = 0

const one = Effect.fnUntraced(function*(options: Chain.Options) {
  const child = yield* Process.child(process.execPath, [NodePath.join(import.meta.dirname, "child.ts"), JSON.stringify(options)])
  const ended = yield* Effect.timeoutOption(child.ended, chainMsMax)
  const again = Report.againOf(options)
  const line = Option.isSome(ended) && ended.value.code === 0 ? child.out().trimEnd().split("\n").at(-1) : undefined
  if (line === undefined) {
    failed.push({ seed: options.seed, again, told: [`${Option.isNone(ended) ? `no end within ${chainMsMax} ms` : `ended with ${ended.value.code}`}: ${child.err().slice(-errorShown)}`] })
    return yield* say(`FAILED ${again}: ${child.err().slice(-errorShown)}`)
  }
  const result: Chain.Result = JSON.parse(line)
  results.push(result)
  if (!Report.isGood(result)) failed.push({ seed: options.seed, again, told: result.told })
  const { acknowledged, attested, entries, kills, quietMs, style, tradingReadyMs, violations } = result
  yield* say(`${style} ${options.seed}: ${kills} kills, ${acknowledged} acknowledged, ${entries} entries, ${attested} attested, ready ${tradingReadyMs} ms, at rest ${quietMs} ms, ${Report.isGood(result) ? "good" : `BROKEN (${violations})`}`)
}, Effect.scoped)

const lane = (endMs: number) => Effect.gen(function*() {
  while (killsBegun < killsMax && (yield* Clock.currentTimeMillis) < endMs) {
    const n = begun++
    const kills = Math.min(perChain, killsMax - killsBegun)
    killsBegun += kills
    yield* one({ seed: seed * 1_000 + n, kills, style: n % 2 === 0 ? "native" : "plain" })
  }
})

const main = Effect.gen(function*() {
  const endMs = (yield* Clock.currentTimeMillis) + withinMs
  yield* Effect.all(Array.from({ length: atOnce }, () => lane(endMs)), { concurrency: "unbounded", discard: true })
  return Report.of(seed, results, failed)
})

const report = await Effect.runPromise(main)
process.stdout.write(`${values.json ? JSON.stringify(report) : Report.text(report)}\n`, () => process.exit(report.failed.length === 0 ? 0 : 1))
