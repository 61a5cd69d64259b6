/** `simulate`: a scenario on a virtual clock, judged. Nothing of it touches the data folder, a port or a venue. */
import "effect/schema/SchemaJITCompiler/enable"
import { existsSync } from "node:fs"
import { parseArgs } from "node:util"
import { Console, Effect } from "effect"
import * as Offline from "#src/layers/offline/Offline.ts"
import * as Judges from "#src/simulation/Judges.ts"
import type { Report } from "#src/simulation/Report.ts"
import * as ReportText from "#src/simulation/ReportText.ts"
import * as Runtime from "#src/simulation/Runtime.ts"
import * as Scenario from "#src/simulation/Scenario.ts"
import * as JournalFile from "#src/stores/JournalFile.ts"

interface Asked {
  readonly path: string
  readonly seed: number | undefined
  readonly days: number | undefined
  readonly faults: string | undefined
  /** Where the journal is to be left, as a file that `replay` and any SQLite tool reads. */
  readonly journal: string | undefined
}

const write = (path: string) => (installationId: string, rows: ReadonlyArray<JournalFile.Placed>): void => {
  const file = JournalFile.open({ path, installationId: () => installationId })
  try {
    file.write(rows)
    file.checkpoint()
  } finally {
    file.close()
  }
}

/** What has to be typed to see it once more. */
const again = ({ days, faults, path, seed }: Asked, report: Report): string =>
  [
    `interlock simulate ${path} --seed ${seed ?? report.seed}`,
    ...(days === undefined ? [] : [`--days ${days}`]),
    ...(faults === undefined ? [] : [`--faults "${faults}"`])
  ].join(" ")

const simulate = (asked: Asked, isJson: boolean) =>
  Effect.gen(function*() {
    const { days, faults, journal, path, seed } = asked
    if (journal !== undefined && existsSync(journal)) {
      return yield* Scenario.invalid({ file: journal, path: "", expected: "no such file yet", got: "one", remedy: "name another for the journal" })
    }
    const loaded = yield* Effect.fromResult(Scenario.fromFile(path))
    const report = yield* Runtime.run(loaded, {
      judge: Judges.make,
      ...(journal === undefined ? {} : { keep: write(journal) }),
      ...(seed === undefined ? {} : { seed }),
      ...(days === undefined ? {} : { days }),
      ...(faults === undefined ? {} : { faults })
    })
    const replay = again(asked, report)
    yield* Console.log(isJson ? JSON.stringify({ ...report, replay }) : ReportText.of(report, replay))
    return report.violationsCount === 0 ? Offline.exitCodes.done : Offline.exitCodes.failed
  })

const usage = "simulate <scenario.json> [--seed N] [--days N] [--faults \"F3:p=0.02 F45:every=200\"] [--journal file] [--json]"

const parse = (args: ReadonlyArray<string>) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { seed: { type: "string" }, days: { type: "string" }, faults: { type: "string" }, journal: { type: "string" }, json: { type: "boolean", default: false } }
    })
  } catch {
    return undefined
  }
}

/** Absent stays absent; what is no such number is NaN. */
const whole = (text: string | undefined, min: number): number | undefined =>
  text === undefined ? undefined : /^-?\d{1,9}$/.test(text) && Number(text) >= min ? Number(text) : Number.NaN

export const run = (args: ReadonlyArray<string>): void => {
  const found = parse(args)
  const [path, ...more] = found?.positionals ?? []
  const isJson = args.includes("--json")
  if (found === undefined || path === undefined || more.length > 0) return Offline.usage(usage, isJson)
  const seed = whole(found.values.seed, -999_999_999)
  const days = whole(found.values.days, 1)
  if (Number.isNaN(seed) || Number.isNaN(days)) return Offline.usage(`${usage}: whole numbers, and at least one day`, isJson)
  Offline.run(simulate({ path, seed, days, faults: found.values.faults, journal: found.values.journal }, isJson), isJson)
}
