/** `replay`: a recorded journal decided once more. It is only read; nothing of it is carried out. */
import "effect/schema/SchemaJITCompiler/enable"
import { parseArgs } from "node:util"
import { Console, Effect } from "effect"
import * as Offline from "#src/layers/offline/Offline.ts"
import * as Recorded from "#src/simulation/replay/Recorded.ts"
import * as Replay from "#src/simulation/replay/Replay.ts"
import type { Difference } from "#src/simulation/replay/Tally.ts"

const differencesShown = 10

const plain = (counts: Readonly<Record<string, number>>): ReadonlyArray<string> =>
  Object.entries(counts).toSorted(([one], [other]) => one < other ? -1 : 1).map(([name, count]) => `  ${name}: ${count}`)

const differing = ({ alertId, kind, now, seq, stream, was }: Difference): ReadonlyArray<string> =>
  ["", `row ${seq} (${stream})${alertId === undefined ? "" : `, alert ${alertId}`}: ${kind}`, `  was ${was}`, `  now ${now}`]

const text = ({ compared, differences, differencesCount, notCompared, notMade, rows, unreadable }: Replay.Replayed): string =>
  [
    `REPLAYED ${rows} rows${unreadable === 0 ? "" : `; ${unreadable} that this version cannot read are left out`}`,
    "decided again:",
    ...plain(compared),
    ...(Object.keys(notCompared).length === 0 ? [] : ["not decided again:", ...plain(notCompared)]),
    "never decided again:",
    ...notMade.map((one) => `  ${one}`),
    differencesCount === 0 ? "differences: none" : `differences: ${differencesCount}`,
    ...differences.slice(0, differencesShown).flatMap(differing),
    ...(differencesCount > differencesShown ? ["", `... and ${differencesCount - differencesShown} more (--json shows up to ${differences.length})`] : [])
  ].join("\n")

const replay = (path: string, isJson: boolean) =>
  Effect.gen(function*() {
    const replayed = Replay.run(yield* Effect.fromResult(Recorded.open(path)))
    yield* Console.log(isJson ? JSON.stringify(replayed) : text(replayed))
    return replayed.differencesCount === 0 ? Offline.exitCodes.done : Offline.exitCodes.failed
  })

const usage = "replay <journal.sqlite> [--json]"

const parse = (args: ReadonlyArray<string>) => {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: { json: { type: "boolean", default: false } } })
  } catch {
    return undefined
  }
}

export const run = (args: ReadonlyArray<string>): void => {
  const found = parse(args)
  const [path, ...more] = found?.positionals ?? []
  if (found === undefined || path === undefined || more.length > 0) return Offline.usage(usage, args.includes("--json"))
  Offline.run(replay(path, found.values.json), found.values.json)
}
