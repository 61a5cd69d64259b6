/** Flattens one account at its venue alone, without journal or actors: cancel, close, ask until flat twice. */
import { createHash } from "node:crypto"
import { Clock, Effect } from "effect"
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import type { FlattenReceipt } from "#schemas/contracts/Views.ts"
import { type AccountId, ClientOrderId, type InstrumentId } from "#schemas/Ids.ts"
import type { OrderReport } from "#schemas/Order.ts"
import type { PositionReport } from "#schemas/VenueEvent.ts"
import * as Units from "#src/orders/Units.ts"
import type { Connection, VenueError } from "#src/ports/Venue.ts"
import { waitsText } from "./commands/Flat.ts"
import type { Around, Judged } from "./commands/Judge.ts"

/** Longest time for all of it; what is not flat then is said. */
const flatWithinMs = 10_000
/** A venue that has not answered by then is not waited for. */
const answeredWithin = "12 seconds"
const askEvery = "250 millis"
/** A venue that says flat once may have a fill on its way. */
const flatAnswersNeeded = 2

type Step = FlattenReceipt["steps"][number]
type ShutUntil = Around["shutUntil"]
type Note = (text: string) => Effect.Effect<void>

/** One closing order per instrument and call: asked twice by mistake, it is the same order. */
const closingId = (account: AccountId, instrument: InstrumentId, startedAtMs: number): ClientOrderId =>
  ClientOrderId.make(`il-r-${createHash("sha256").update(JSON.stringify([account, instrument, startedAtMs])).digest("hex").slice(0, 24)}`)

const seen = Effect.fnUntraced(function*(connection: Connection, account: AccountId) {
  const positions = (yield* connection.positions(account)).filter(({ net }) => net !== 0)
  const working = yield* connection.workingOrders(account)
  return { positions, working }
})

const isReducing = ({ side }: OrderReport, net: number): boolean => (side === "sell") === net > 0

/** What cannot be closed now keeps its stop; everything else goes. */
const cancel = Effect.fnUntraced(function*(
  connection: Connection,
  account: AccountId,
  working: ReadonlyArray<OrderReport>,
  shut: ReadonlyArray<PositionReport>,
  note: Note
) {
  if (shut.length === 0) {
    yield* connection.cancelAll(account)
    return yield* note("asked the venue to cancel all orders")
  }
  const netAt = new Map<InstrumentId, number>(shut.map(({ instrumentId, net }) => [instrumentId, net]))
  const gone = working.filter((order) => {
    const net = netAt.get(order.instrumentId)
    return net === undefined || !isReducing(order, net)
  })
  for (const { clientOrderId } of gone) yield* Effect.catchTag(connection.cancel(account, clientOrderId), "Refused", () => Effect.void)
  yield* note(`asked the venue to cancel ${gone.length} of ${working.length} orders; the others protect what cannot be closed now`)
})

/** Undefined: flat. Else why not. */
const run = Effect.fnUntraced(function*(connection: Connection, account: AccountId, shutUntil: ShutUntil, note: Note) {
  const startedAtMs = yield* Clock.currentTimeMillis
  const first = yield* seen(connection, account)
  const shut = first.positions.filter(({ instrumentId }) => shutUntil(instrumentId) !== undefined)
  yield* cancel(connection, account, first.working, shut, note)
  for (const position of first.positions) {
    const { instrumentId, net } = position
    if (shut.includes(position)) continue
    yield* connection.closePosition(account, instrumentId, closingId(account, instrumentId, startedAtMs))
    yield* note(`asked the venue to close ${Units.lotsText(net)} of ${instrumentId}`)
  }
  const isShut = (id: InstrumentId) => shut.some(({ instrumentId }) => instrumentId === id)
  let flatAnswers = 0
  while ((yield* Clock.currentTimeMillis) - startedAtMs < flatWithinMs) {
    const { positions, working } = yield* seen(connection, account)
    const isFlat = positions.length === 0 && working.length === 0
    flatAnswers = isFlat ? flatAnswers + 1 : 0
    if (isFlat) yield* note("the venue says flat, no order working")
    if (flatAnswers >= flatAnswersNeeded) return undefined
    if (!isFlat && [...positions, ...working].every(({ instrumentId }) => isShut(instrumentId))) {
      const waits: Judged["waits"] = positions.map(({ instrumentId }) => ({ instrumentId, opensAtMs: shutUntil(instrumentId)?.opensAtMs, isOurs: false }))
      return waitsText(waits)
    }
    yield* Effect.sleep(askEvery)
  }
  return `not flat within ${flatWithinMs / 1000} s: ask again`
})

export interface Asked {
  readonly connection: Connection | undefined
  readonly account: Pick<AccountConfig, "id" | "login">
  /** Nothing of it reaches a market, and the receipt says so. */
  readonly isSimulated: boolean
  readonly shutUntil: ShutUntil
  /** Hears each step as it is taken. */
  readonly told: (step: Step) => Effect.Effect<unknown>
}

export const flatten = Effect.fnUntraced(function*({ account: { id, login }, connection, isSimulated, shutUntil, told }: Asked) {
  const steps: Array<Step> = []
  const note: Note = (text) => Effect.flatMap(Clock.currentTimeMillis, (atMs) => {
    steps.push({ atMs, text })
    return Effect.asVoid(told({ atMs, text }))
  })
  const receipt = (state: FlattenReceipt["state"], reason?: string): FlattenReceipt =>
    ({ accountId: id, isSimulated, state, steps, ...(reason === undefined ? {} : { reason }) })
  if (connection === undefined) return receipt("unknown", `login ${login} is not connected: ask again`)
  const failed = (error: VenueError) => Effect.succeed(receipt("unknown", `the venue of login ${login} answered ${error._tag}: ask again`))
  return yield* run(connection, id, shutUntil, note).pipe(
    Effect.map((reason) => reason === undefined ? receipt("flat") : receipt("notFlat", reason)),
    Effect.catch(failed),
    Effect.timeoutOrElse({ duration: answeredWithin, orElse: () => Effect.succeed(receipt("unknown", `the venue of login ${login} does not answer: ask again`)) })
  )
})
