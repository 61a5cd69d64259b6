/** The configuration in force, read from the settings' folder. Owns: the swap on reload. A bad file changes nothing. */
import { Context, Effect, Layer, Option, Ref } from "effect"
import { ConfigInvalid } from "./ConfigInvalid.ts"
import { type House, HouseConfig } from "./House.ts"
import * as Lanes from "./Lanes.ts"
import * as Load from "./Load.ts"
import { Settings } from "./Settings.ts"

/** Reads and checks the folder without putting it into force: what this process serves of it. */
export const read: Effect.Effect<House, ConfigInvalid, Settings> = Effect.gen(function*() {
  const { configFolder, lanes } = yield* Settings
  const house = yield* Load.fromFolder(configFolder)
  if (Option.isNone(lanes)) return house
  const problems = [...Lanes.unknown(house, lanes.value), ...Lanes.split(house, lanes.value)]
  return problems.length > 0 ? yield* ConfigInvalid.of(problems) : Lanes.served(house, lanes.value)
})

/** Puts a checked configuration into force: the next decision sees it. */
export class HouseSwap extends Context.Service<HouseSwap, { swap(house: House): Effect.Effect<void> }>()("config/HouseSwap") {}

export const layer: Layer.Layer<HouseConfig | HouseSwap, ConfigInvalid, Settings> = Layer.effectContext(Effect.gen(function*() {
  const held = yield* Ref.make(yield* read)
  return Context.make(HouseConfig, HouseConfig.of({ current: Ref.get(held) })).pipe(
    Context.add(HouseSwap, HouseSwap.of({ swap: (house) => Ref.set(held, house) }))
  )
}))
