/** Every adapter by its venue: a new one does not compile until it stands here. */
import { Effect, Layer } from "effect"
import { Venues } from "#src/ports/Venue.ts"
import * as Paper from "#src/venues/paper/Paper.ts"

export const layer = Layer.effect(Venues, Effect.gen(function*() {
  return Venues.of({ paper: yield* Paper.make })
}))
