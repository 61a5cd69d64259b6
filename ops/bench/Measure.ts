/** Runs scenarios one after the other, keeps what they found, tells what must not be. */
import * as Bridge from "./Bridge.ts"
import { type Figure, isFailed } from "./Figures.ts"
import * as Machine from "./Machine.ts"
import { full, type Options, short } from "./Options.ts"
import * as Results from "./Results.ts"
import * as Ack from "./scenarios/Ack.ts"
import * as Beside from "./scenarios/Beside.ts"
import * as Junk from "./scenarios/Junk.ts"
import * as Leak from "./scenarios/Leak.ts"
import * as Moves from "./scenarios/Moves.ts"
import * as Orders from "./scenarios/Orders.ts"
import * as Rpc from "./scenarios/Rpc.ts"
import * as Start from "./scenarios/Start.ts"
import * as Tradovate from "./scenarios/Tradovate.ts"
import * as Wire from "./scenarios/Wire.ts"
import * as Table from "./Table.ts"

type Run = (options: Options) => Promise<ReadonlyArray<Figure>>

const scenarios: ReadonlyMap<string, Run> = new Map([
  ["ack", Ack.run], ["orders", Orders.run], ["wire", Wire.run], ["tradovate", Tradovate.run], ["beside", Beside.run], ["junk", Junk.run], ["rpc", Rpc.run], ["moves", Moves.run], ["start", Start.run], ["leak", Leak.run]
])
const names = [...scenarios.keys()]
const busyMax = 0.2

const measure = async (name: string, run: Run, options: Options): Promise<Results.Scenario> => {
  const load = await Machine.load()
  if (load.busy > busyMax) console.error(`${name}: ${Math.round(load.busy * 100)} % of this machine is busy with something else: figures suffer`)
  const commit = Machine.commit()
  const fromMs = performance.now()
  const figures = await run(options)
  console.error(`${name}: measured in ${Math.round((performance.now() - fromMs) / 1_000)} s`)
  return { name, date: new Date().toISOString(), commit, load, rounds: options.rounds, figures }
}

export interface Wanted {
  /** None: all. */
  readonly names: ReadonlyArray<string>
  readonly isShort: boolean
  readonly rounds?: number
  /** Where a run that is not short is kept. */
  readonly file: string
}

/** What went wrong comes back in words. */
export const all = async ({ file, isShort, names: wanted, rounds }: Wanted): Promise<ReadonlyArray<string>> => {
  const options = { ...(isShort ? short : full), ...(rounds === undefined ? {} : { rounds }) }
  const unknown = wanted.filter((name) => !scenarios.has(name))
  if (unknown.length > 0) return [`no scenario ${unknown.join(", ")}: there are ${names.join(", ")}`]
  const missing = Bridge.missing()
  if (missing !== undefined) console.error(`no bridge baseline: ${missing}; its ratios are left out`)
  const machine = Machine.machine()
  const measured: Array<Results.Scenario> = []
  const wrong: Array<string> = []
  for (const [name, run] of scenarios) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    try {
      measured.push(await measure(name, run, options))
    } catch (error) {
      console.error(error)
      wrong.push(`${name}: not measured`)
    }
    if (!isShort) Results.write(file, Results.merged(Results.read(file), machine, measured, names))
  }
  console.log(Table.table({ machine, scenarios: measured }))
  const failed = measured.flatMap(({ figures }) => figures.filter(isFailed))
  return [...wrong, ...failed.map(({ unit, value, what }) => `${what}: ${value} ${unit}, must be none`)]
}
