/** Flattens one account at its venue alone, without journal or actors: cancel, close, ask until flat twice. */
import { createHash } from "node:crypto"
import { Clock, Effect } from "effect"
import type { FlattenReceipt } from "#schemas/contracts/Views.ts"
import { type AccountId, ClientOrderId, type InstrumentId } from "#schemas/Ids.ts"
import * as Units from "#src/orders/Units.ts"
import type { Connection, VenueError } from "#src/ports/Venue.ts"

/** Longest time for all of it; what is not flat then is said. */
const flatWithinMs = 10_000
const askEvery = "250 millis"
/** A venue that says flat once may have a fill on its way. */
const flatAnswersNeeded = 2

type Step = FlattenReceipt["steps"][number]

/** One closing order per instrument and call: asked twice by mistake, it is the same order. */
const closingId = (account: AccountId, instrument: InstrumentId, startedAtMs: number): ClientOrderId =>
  ClientOrderId.make(`il-r-${createHash("sha256").update(JSON.stringify([account, instrument, startedAtMs])).digest("hex").slice(0, 24)}`)

const seen = Effect.fnUntraced(function*(connection: Connection, account: AccountId) {
  const positions = (yield* connection.positions(account)).filter(({ net }) => net !== 0)
  const working = yield* connection.workingOrders(account)
  return { positions, working }
})

const run = Effect.fnUntraced(function*(connection: Connection, account: AccountId, note: (text: string) => Effect.Effect<void>) {
  const startedAtMs = yield* Clock.currentTimeMillis
  yield* connection.cancelAll(account)
  yield* note("asked the venue to cancel all orders")
  for (const { instrumentId, net } of (yield* seen(connection, account)).positions) {
    yield* connection.closePosition(account, instrumentId, closingId(account, instrumentId, startedAtMs))
    yield* note(`asked the venue to close ${Units.lotsText(net)} of ${instrumentId}`)
  }
  let flatAnswers = 0
  while ((yield* Clock.currentTimeMillis) - startedAtMs < flatWithinMs) {
    const { positions, working } = yield* seen(connection, account)
    const isFlat = positions.length === 0 && working.length === 0
    flatAnswers = isFlat ? flatAnswers + 1 : 0
    if (isFlat) yield* note("the venue says flat, no order working")
    if (flatAnswers >= flatAnswersNeeded) return "flat" as const
    yield* Effect.sleep(askEvery)
  }
  return "notFlat" as const
})

/** `isSimulated`: nothing of it reaches a market, and the receipt says so. */
export const flatten = Effect.fnUntraced(function*(connection: Connection | undefined, account: AccountId, isSimulated: boolean) {
  const steps: Array<Step> = []
  const note = (text: string) => Effect.map(Clock.currentTimeMillis, (atMs) => {
    steps.push({ atMs, text })
  })
  const receipt = (state: FlattenReceipt["state"], reason?: string): FlattenReceipt =>
    ({ accountId: account, isSimulated, state, steps, ...(reason === undefined ? {} : { reason }) })
  if (connection === undefined) return receipt("unknown", "its login is not connected")
  const failed = (error: VenueError) => Effect.succeed(receipt("unknown", `the venue answered ${error._tag}: ask again`))
  return yield* run(connection, account, note).pipe(
    Effect.map((state) => receipt(state, state === "flat" ? undefined : `not flat within ${flatWithinMs / 1000} s: ask again`)),
    Effect.catch(failed)
  )
})
