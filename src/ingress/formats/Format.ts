/** What a foreign format must answer for: one file per format yields the house's own `Signal`, never a field map. */
import type { Result } from "effect"
import type { LaneConfig } from "#schemas/config/LaneConfig.ts"
import type { LaneId, StrategyId } from "#schemas/Ids.ts"
import type { Signal } from "#schemas/Signal.ts"
import type { JsonObject } from "#src/ingress/Json.ts"

export type FormatId = LaneConfig["formats"][number]

/** The entrance a body came in by. */
export interface Route {
  readonly lane: LaneId
  /** Strategies that listen on the lane. */
  readonly strategies: () => ReadonlyArray<StrategyId>
}

export interface Understood {
  readonly signal: Signal
  /** Unknown fields and the like: reported, never guessed. */
  readonly notes: ReadonlyArray<string>
}

export interface Invalid {
  /** Where in the body: `tp`, `sl.ticks`. */
  readonly path: string
  readonly expected: string
  readonly got: string
  /** As far as it could be read: a refused alert keeps its identity, and what its row in the inbox shows. */
  readonly explicitId: string | undefined
  readonly partial: { readonly strategy?: string; readonly action?: string; readonly symbol?: string }
}

export interface Format {
  readonly recognise: (json: JsonObject) => boolean
  /** Every value that claims to be the secret. */
  readonly secretOf: (json: JsonObject) => ReadonlyArray<string>
  readonly decode: (json: JsonObject, route: Route) => Result.Result<Understood, Invalid>
}
