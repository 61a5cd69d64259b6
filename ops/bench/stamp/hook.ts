/** Before the house's own program (`node --import`): its venues are wrapped, everything else is what `npm start` runs. */
import { registerHooks } from "node:module"
import { pathToFileURL } from "node:url"
import { join } from "node:path"

const wrapper = pathToFileURL(join(import.meta.dirname, "StampedVenues.ts")).href

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "#src/layers/Venues.ts" && context.parentURL !== wrapper ? { url: wrapper, shortCircuit: true, format: "module-typescript" } : next(specifier, context)
})
