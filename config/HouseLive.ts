/** The configuration in force, read from the settings' folder. Owns: the swap on reload. A bad file changes nothing. */
import { ConfigProvider, Context, Effect, Layer, Option, Ref } from "effect"
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

/** Another configuration in place of the one in force: what it would be, and the swap itself. */
export class HouseSwap extends Context.Service<HouseSwap, {
  /** The files as they are now, checked. */
  readonly read: Effect.Effect<House, ConfigInvalid>
  /** The next decision sees it. */
  swap(house: House): Effect.Effect<void>
  /** Variables that say something else than at the start: a reload does not reach them. */
  readonly staleSettings: Effect.Effect<ReadonlyArray<string>>
}>()("config/HouseSwap") {}

const variables = {
  INTERLOCK_CONFIG: ({ configFolder }) => configFolder,
  INTERLOCK_DATA: ({ dataFolder }) => dataFolder,
  INTERLOCK_WEBHOOK_HOST: ({ webhook }) => webhook.host,
  INTERLOCK_WEBHOOK_PORT: ({ webhook }) => webhook.port,
  INTERLOCK_ADMIN_HOST: ({ admin }) => admin.host,
  INTERLOCK_ADMIN_PORT: ({ admin }) => admin.port,
  INTERLOCK_LANES: ({ lanes }) => Option.getOrElse(lanes, () => []).join(),
  INTERLOCK_LOG: ({ logLevel }) => logLevel
} satisfies Record<string, (settings: Settings["Service"]) => string | number>

/** `.env` may have been edited; one that cannot be read any more says nothing here, the next start will. */
const stale = Effect.fnUntraced(function*(held: Settings["Service"]) {
  const now = yield* Effect.option(Effect.provide(Settings, Layer.fresh(Settings.layerIn(held.home))))
  return Option.match(now, {
    onNone: () => [],
    onSome: (settings) => Object.entries(variables).flatMap(([name, of]) => of(settings) === of(held) ? [] : [name])
  })
})

/** From any reader of a configuration: the first that it gives is in force, until another is put in its place. */
export const layerFrom = <R>(reader: Effect.Effect<House, ConfigInvalid, R>, staleSettings: Effect.Effect<ReadonlyArray<string>> = Effect.succeed([])) =>
  Layer.effectContext(Effect.gen(function*() {
    const around = yield* Effect.context<R>()
    const held = yield* Ref.make(yield* reader)
    return Context.make(HouseConfig, HouseConfig.of({ current: Ref.get(held) })).pipe(
      Context.add(HouseSwap, HouseSwap.of({
        read: Effect.provideContext(reader, around),
        swap: (house) => Ref.set(held, house),
        staleSettings
      }))
    )
  }))

export const layer: Layer.Layer<HouseConfig | HouseSwap, ConfigInvalid, Settings> = Layer.unwrap(Effect.gen(function*() {
  const settings = yield* Settings
  const environment = yield* ConfigProvider.ConfigProvider
  return layerFrom(read, Effect.provideService(stale(settings), ConfigProvider.ConfigProvider, environment))
}))
