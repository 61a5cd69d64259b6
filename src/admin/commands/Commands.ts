/** Everything an operator can tell the house, handler by handler. */
import { Effect } from "effect"
import * as Flattening from "./Flattening.ts"
import * as Reloading from "./Reloading.ts"
import * as Switches from "./Switches.ts"
import * as Tickets from "./Tickets.ts"
import * as Upkeep from "./Upkeep.ts"

export const make = Effect.gen(function*() {
  return {
    ...yield* Flattening.make,
    ...yield* Reloading.make,
    ...yield* Switches.make,
    ...yield* Tickets.make,
    ...yield* Upkeep.make
  }
})
