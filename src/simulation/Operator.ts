/** Whoever stands at the operator's tools of a simulated house: the commands of its admin door, reloading its files, and leaving in good order. */
import { Effect, Layer } from "effect"
import type { House } from "#config/House.ts"
import { HouseSwap } from "#config/HouseLive.ts"
import { SecretsSwap } from "#config/SecretsLive.ts"
import * as Flattening from "#src/admin/commands/Flattening.ts"
import * as Reloading from "#src/admin/commands/Reloading.ts"
import * as Switches from "#src/admin/commands/Switches.ts"
import * as Tickets from "#src/admin/commands/Tickets.ts"
import { Views } from "#src/admin/Views.ts"
import * as Leave from "#src/layers/Leave.ts"

/** What a person can tell the house. Nothing of it is there before somebody asks. */
export const commands = Effect.gen(function*() {
  const views = yield* Layer.build(Views.layer)
  return yield* Effect.provideContext(Effect.gen(function*() {
    return { ...yield* Flattening.make, ...yield* Reloading.make, ...yield* Switches.make, ...yield* Tickets.make, views: yield* Views }
  }), views)
})

/** Puts the files into force, as they are now. */
export const reload = Effect.flatMap(Reloading.make, ({ Reload }) => Reload({ dryRun: false, who: "simulation", why: "the files changed" }))

/** The configuration as it lies in its folder, and how it comes into force; its secrets stay what they are. */
export const files = (read: () => House, swap: (house: House) => void) =>
  Layer.succeed(HouseSwap, HouseSwap.of({
    read: Effect.sync(read),
    swap: (house) => Effect.sync(() => swap(house)),
    staleSettings: Effect.succeed([])
  })).pipe(Layer.merge(Layer.succeed(SecretsSwap, SecretsSwap.of({
    look: () => Effect.succeed({ changed: [], toMake: [] }),
    prepare: () => Effect.succeed({ take: Effect.void })
  }))))

/** Over once all that was in flight is finished, or as much of it as there is time for. */
export const leave = Effect.scoped(Layer.build(Layer.provide(Leave.layer, Views.layer)))
