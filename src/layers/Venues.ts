/** Every adapter by its venue: a new one does not compile until it stands here. */
import { Effect, Layer } from "effect"
import { Venues } from "#src/ports/Venue.ts"
import * as Paper from "#src/venues/paper/Paper.ts"
import * as Reference from "#src/venues/reference/Reference.ts"
import * as Wanted from "#src/venues/shared/Wanted.ts"
import * as Tradovate from "#src/venues/tradovate/Tradovate.ts"

export const layer = Layer.effect(Venues, Effect.gen(function*() {
  const wanted = Wanted.make()
  return Venues.of({ paper: yield* Paper.makeWith(wanted), reference: yield* Reference.makeWith(wanted), tradovate: yield* Tradovate.makeWith(wanted) })
}))
