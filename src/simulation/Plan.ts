/** A scenario made ready: its configuration checked, its faults read, its secrets given. Nothing of it can be wrong any more. */
import * as NodePath from "node:path"
import { DateTime, Result } from "effect"
import type { ConfigInvalid } from "#config/ConfigInvalid.ts"
import type { House } from "#config/House.ts"
import * as Load from "#config/Load.ts"
import * as SecretsLive from "#config/SecretsLive.ts"
import * as Login from "#schemas/config/LoginConfig.ts"
import type { SecretRef } from "#schemas/config/Secret.ts"
import type { LaneId } from "#schemas/Ids.ts"
import * as ConfigTexts from "#src/simulation/ConfigTexts.ts"
import * as Faults from "#src/simulation/Faults.ts"
import * as OwnSide from "#src/simulation/OwnSide.ts"
import * as Scenario from "#src/simulation/Scenario.ts"

export const dayMs = 86_400_000
const hourMs = 3_600_000
const minuteMs = 60_000
const sessionHours = 23
const settleMinutes = 10
/** The last bar begins with a whole minute: what follows from it is still seen. */
const lastLookMs = 30_000
const reconcileSeconds = 30

/** What may be said in place of the scenario's. */
export interface Given {
  readonly seed?: number
  readonly days?: number
  readonly faults?: string
}

export interface Plan {
  readonly scenario: Scenario.Scenario
  readonly seed: number
  readonly days: number
  readonly startMs: number
  readonly sessionMs: number
  /** From here on nothing goes wrong any more. */
  readonly calmMs: number
  readonly endMs: number
  readonly reconcileMs: number
  readonly house: House
  readonly houseWith: (overrides: Scenario.Overrides) => Result.Result<House, ConfigInvalid>
  readonly faults: Faults.Plan
  /** The clock jumps, or seems to: somebody has to watch it. */
  readonly isClockWatched: boolean
  /** Rows may carry a time that is not the world's. */
  readonly isClockStepped: boolean
}

const isNamed = ({ own }: Faults.Plan, scenario: Scenario.Scenario, names: ReadonlyArray<string>, whats: ReadonlySet<string>): boolean =>
  own.some(({ name }) => names.includes(name)) || (scenario.own ?? []).some(({ what }) => whats.has(what))

export const of = ({ folder, scenario }: Scenario.Loaded, given: Given): Result.Result<Plan, ConfigInvalid | Scenario.ScenarioInvalid> => {
  const faults = Faults.parse(given.faults ?? scenario.faults ?? "")
  if (Result.isFailure(faults)) {
    return Result.fail(Scenario.invalid({ file: scenario.name, path: "faults", expected: "names of faults with their fields", got: faults.failure }))
  }
  const configFolder = scenario.config?.folder === undefined ? ConfigTexts.defaultFolder : NodePath.resolve(folder, scenario.config.folder)
  const texts = ConfigTexts.withOverrides(ConfigTexts.ofFolder(configFolder), scenario.config?.overrides ?? {})
  const days = given.days ?? scenario.days ?? 1
  const startMs = DateTime.makeUnsafe(scenario.start).epochMilliseconds
  const sessionMs = (scenario.sessionHours ?? sessionHours) * hourMs
  const calmMs = startMs + (days - 1) * dayMs + sessionMs
  return Result.map(Load.fromTexts(texts), (house) => ({
    scenario, days, startMs, sessionMs, calmMs, house,
    seed: given.seed ?? scenario.seed ?? 1,
    endMs: calmMs + (scenario.settleMinutes ?? settleMinutes) * minuteMs + lastLookMs,
    reconcileMs: (scenario.reconcileSeconds ?? reconcileSeconds) * 1_000,
    houseWith: (overrides) => Load.fromTexts(ConfigTexts.withOverrides(texts, overrides)),
    faults: faults.success,
    isClockWatched: isNamed(faults.success, scenario, ["F49", "F50", "F54"], OwnSide.ofClock),
    isClockStepped: isNamed(faults.success, scenario, ["F49", "F54"], new Set(["clockStep", "suspend"]))
  }))
}

/** A secret of each lane and login, and the operator's token: from nowhere but their names. */
export const secretsOf = (house: House) => {
  const logins = Array.from(house.logins.values(), Login.secretsOf).flat()
  const refs = [...Array.from(house.lanes.values(), ({ secret }) => secret), ...logins]
  const values = Object.fromEntries(refs.map((ref) => [SecretsLive.nameOf(ref), `simulated-${SecretsLive.nameOf(ref).replaceAll(/[^a-z0-9]+/gi, "-")}`]))
  const token = "simulated-operator-token"
  return {
    layer: SecretsLive.layerOf(values, token),
    values: [...Object.values(values), token],
    of: (ref: SecretRef) => values[SecretsLive.nameOf(ref)] ?? "",
    ofLane: (id: string) => {
      const lane = house.lanes.get(id as LaneId)
      return lane === undefined ? "unknown-lane" : values[SecretsLive.nameOf(lane.secret)] ?? ""
    }
  }
}

/** From our last look at a latch to the venue's book: paper takes half of its latency to get there. */
export const transitsOf = ({ logins }: House): Readonly<Record<string, number>> =>
  Object.fromEntries(Array.from(logins.values()).flatMap((login) => login.venue === "paper" ? [[login.id, login.paper.latencyMs]] : []))
