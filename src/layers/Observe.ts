/** Who watches the running house, and where it can be read: figures, traces, the log on disk. */
import { Effect, Layer, Option } from "effect"
import { FetchHttpClient } from "effect/http"
import { Settings } from "#config/Settings.ts"
import * as Logging from "#src/layers/Logging.ts"
import { Exposition } from "#src/observe/Exposition.ts"
import * as Follow from "#src/observe/Follow.ts"
import * as Traces from "#src/observe/Traces.ts"

const traces = Layer.unwrap(Effect.map(Settings, ({ otlp }) =>
  Option.match(otlp, { onNone: () => Layer.empty, onSome: (baseUrl) => Layer.provide(Traces.layer(baseUrl), FetchHttpClient.layer) })))

/** Without a journal: figures of what is there, and the log. */
export const inRescue = Exposition.layer.pipe(Layer.provideMerge(Logging.inFiles))

/** Over the stores: from here on no other process writes to the data folder. */
export const layer = Layer.mergeAll(Exposition.layer, Follow.rows, Follow.feeds, traces).pipe(Layer.provideMerge(Logging.inFiles))
