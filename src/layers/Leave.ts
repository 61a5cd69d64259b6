/** Leaving in good order: no new alert, what is being protected gets its stop, then everything closes, the ports last. */
import { Clock, Console, Effect, Layer } from "effect"
import { Account } from "#actors/account/Protocol.ts"
import { HouseConfig } from "#config/House.ts"
import { isSimulated } from "#src/admin/Status.ts"
import { Views } from "#src/admin/Views.ts"
import { Door } from "#src/ingress/Door.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import * as InFlight from "#src/projections/InFlight.ts"

/** For protection that is on its way; a second Ctrl+C does not wait for it. */
const waitMsMax = 10_000
const lookEvery = "100 millis"
const tellWithin = "1 second"

/** Built last, so that its end comes first. */
export const layer = Layer.effectDiscard(Effect.gen(function*() {
  const door = yield* Door
  const supervision = yield* Supervision
  const views = yield* Views
  const house = yield* HouseConfig
  const accountFor = yield* Account.client

  /** Each looks once more at what it has working: now it knows that nobody will watch it. */
  const tellAll = Effect.flatMap(house.current, ({ accounts }) =>
    Effect.forEach(accounts.keys(), (id) => Effect.ignore(accountFor(id).Tick()), { concurrency: "unbounded", discard: true }))

  yield* Effect.addFinalizer(() => Effect.gen(function*() {
    yield* supervision.setHouse("stopping")
    yield* door.close
    yield* Effect.timeoutOption(tellAll, tellWithin)
    const untilMs = (yield* Clock.currentTimeMillis) + waitMsMax
    let hasSaid = false
    while (InFlight.count(yield* views.current) > 0 && (yield* Clock.currentTimeMillis) < untilMs) {
      if (!hasSaid) yield* Console.log(`finishing what is in flight, at most ${waitMsMax / 1000} s; Ctrl+C again leaves at once`)
      hasSaid = true
      yield* Effect.sleep(lookEvery)
    }
    const current = yield* house.current
    const open = InFlight.openPositions(yield* views.current).filter(({ accountId }) => current.accounts.has(accountId))
    yield* Console.log(open.length === 0 ? "no position stays open" : "these positions stay open at their venues:")
    for (const { accountId, protection, quantity, symbol } of open) {
      const label = isSimulated(current, accountId) ? " SIMULATED" : ""
      yield* Console.log(`  ${accountId} ${symbol} ${quantity} (${protection})${label}`)
    }
  }))
}))
