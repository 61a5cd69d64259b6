/** The whole configuration in force, decoded and cross-checked. Owns: what "current" means. Not here: reading files (`Load.ts`). */
import { Context, Effect, Layer } from "effect"
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import type { CalendarConfig, InstrumentConfig } from "#schemas/config/InstrumentConfig.ts"
import type { LaneConfig } from "#schemas/config/LaneConfig.ts"
import type { LoginConfig } from "#schemas/config/LoginConfig.ts"
import type { StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import type { AccountId, LaneId, LoginId, StrategyId } from "#schemas/Ids.ts"

export interface House {
  /** sha256 of the canonical text of all files: every decision carries it. */
  readonly hash: string
  /** All files as decoded and encoded again: what the journal keeps beside the hash. References to secrets, never secrets. */
  readonly body: Readonly<Record<string, unknown>>
  readonly lanes: ReadonlyMap<LaneId, LaneConfig>
  readonly strategies: ReadonlyMap<StrategyId, StrategyConfig>
  readonly accounts: ReadonlyMap<AccountId, AccountConfig>
  readonly logins: ReadonlyMap<LoginId, LoginConfig>
  readonly instruments: ReadonlyArray<InstrumentConfig>
  readonly calendars: ReadonlyMap<string, CalendarConfig>
  /** For the moment in which a reload looks whether these hold anything: their entries are told again a little later. */
  readonly entriesWait?: ReadonlySet<AccountId>
}

/** Asked anew for every decision, so that a reload counts from the next one on. */
export class HouseConfig extends Context.Service<HouseConfig, { readonly current: Effect.Effect<House> }>()("config/HouseConfig") {
  static readonly layerOf = (house: House) => Layer.succeed(HouseConfig, HouseConfig.of({ current: Effect.succeed(house) }))
}
