/**
 * What changes something there. Owns: that a request leaves once, for the right account and only in steps the venue shares, that a change
 * repeats what it does not change, and that closing never goes through zero.
 */
import { Clock, Effect, Option, Schedule, Semaphore } from "effect"
import type { AccountId, ClientOrderId, InstrumentId } from "#schemas/Ids.ts"
import { VenueOrderId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { Order } from "#schemas/Order.ts"
import * as Answers from "#src/venues/tradovate/Answers.ts"
import type { Asking } from "#src/venues/tradovate/Asking.ts"
import * as Books from "#src/venues/tradovate/Books.ts"
import * as Contracts from "#src/venues/tradovate/Contracts.ts"
import type { Lookup } from "#src/venues/tradovate/Lookup.ts"
import type { Names } from "#src/venues/tradovate/Names.ts"
import * as Session from "#src/venues/tradovate/Session.ts"
import * as Translate from "#src/venues/tradovate/Translate.ts"
import { type Acknowledged, type Connection, Refused, type VenueError } from "#src/ports/Venue.ts"
import * as Bounded from "#src/venues/shared/Bounded.ts"
import * as Budget from "#src/venues/shared/Budget.ts"

/** Cancels of one sweep on the wire at the same time. */
const cancelsAtOnce = 4
/** The venue takes one command of an order at a time: a no to a second one is certain, and it is tried again so soon and so often. */
const commandAgain = Schedule.upTo(Schedule.spaced("250 millis"), { times: 8 })
/** Legs of a bracket were lost to changes that came too fast. */
const changeEveryMs = 500
const changesKnownMax = 1_024

export interface Around {
  readonly session: Session.Session
  readonly contracts: Contracts.Contracts
  readonly names: Names
  readonly lookup: Lookup
  readonly heard: Books.Books
  readonly asking: Asking
  /** This is traded: it is to be quoted. */
  readonly look: (id: InstrumentId) => void
}

type Placing = Pick<Connection, "submit" | "submitBracket" | "modify" | "cancel" | "cancelAll" | "closePosition">

const invalid = (reason: string) => new Refused({ kind: "invalid", reason })
const notThere = (id: ClientOrderId) => new Refused({ kind: "notFound", reason: `the venue does not find ${id}` })

const contractsIn = (spec: Translate.Spec, lots: number): Effect.Effect<number, Refused> => {
  const count = Translate.contractsOf(spec, lots)
  return count === undefined ? Effect.fail(invalid(`${lots} lots are no whole contracts`)) : Effect.succeed(count)
}

const submitting = ({ asking: { ownerOf }, contracts, look, names, session }: Around): Pick<Placing, "submit" | "submitBracket"> => {
  /** What another size of step would turn into another order does not leave; what protects or closes still does. */
  const checked = Effect.fnUntraced(function*({ leg }: Order, instrument: Instrument) {
    if (leg !== "entry") return
    const listed = yield* Session.beforeLeaving(contracts.find(instrument.id))
    if (Option.isNone(listed)) return yield* invalid(`the venue has no contract ${Translate.contractNameOf(instrument.id)}`)
    const differs = Contracts.disagreement(listed.value, instrument)
    if (differs !== undefined) return yield* invalid(`${instrument.id} is not the same at the venue (${differs}): correct instruments.json`)
  })

  const place = Effect.fnUntraced(function*(order: Order, instrument: Instrument, path: string, bodyOf: (symbol: string, contracts: number, owner: Translate.Owner) => unknown) {
    const owner = yield* ownerOf(order.accountId)
    yield* checked(order, instrument)
    const body = bodyOf(Translate.contractNameOf(instrument.id), yield* contractsIn(instrument, order.lots), owner)
    look(instrument.id)
    const placed = yield* session.tell(Answers.placed, { method: "POST", path, body }, Budget.urgencyOf(order))
    names.answered(order.id, placed.orderId)
    return placed
  })
  const acknowledged = (orderId: number): Acknowledged => ({ venueOrderId: VenueOrderId.make(String(orderId)) })

  const submit: Placing["submit"] = (order, instrument) =>
    Effect.map(place(order, instrument, "/v1/order/placeorder", (symbol, count, owner) => Translate.orderBody(order, symbol, count, owner, instrument)), ({ orderId }) => acknowledged(orderId))

  return {
    submit,
    submitBracket: (bracket, instrument) => {
      const children = [bracket.stop, bracket.target].filter((child) => child !== undefined)
      if (children.length === 0) return submit(bracket.entry, instrument)
      return Effect.map(
        place(bracket.entry, instrument, "/v1/order/placeoso", (symbol, count, owner) => Translate.bracketBody(bracket, symbol, count, owner, instrument)),
        ({ orderId, oso1Id, oso2Id }) => {
          for (const [place, childId] of [oso1Id, oso2Id].entries()) {
            const child = children[place]
            if (child !== undefined && childId !== undefined && childId !== null) names.answered(child.id, childId)
          }
          return acknowledged(orderId)
        }
      )
    }
  }
}

const changing = ({ asking: { ownerOf }, contracts, heard, lookup, names, session }: Around): Pick<Placing, "modify" | "cancel" | "cancelAll"> => {
  /** The order's number, if it is one of this account. */
  const orderIn = Effect.fnUntraced(function*(accountId: number, id: ClientOrderId) {
    const orderId = yield* Session.beforeLeaving(lookup.orderIdOf(id))
    const owner = orderId === undefined ? undefined : names.accountOf(orderId)
    return orderId === undefined || (owner !== undefined && owner !== accountId) ? yield* notThere(id) : orderId
  })

  /** In force, as the stream told it; else as the venue shows it. */
  const inForce = Effect.fnUntraced(function*(orderId: number, id: ClientOrderId) {
    const told = heard.get(orderId)
    const pieces = told?.order !== undefined && Books.versionOf(told) !== undefined ? told : yield* Session.beforeLeaving(lookup.one(Books.make(), orderId))
    const version = pieces === undefined ? undefined : Books.versionOf(pieces)
    return pieces?.order === undefined || version === undefined ? yield* notThere(id) : { order: pieces.order, version }
  })

  const command = (path: string, body: unknown, urgency: Budget.Urgency) => session.tell(Answers.commanded, { method: "POST", path, body }, urgency).pipe(
    Effect.retry({ schedule: commandAgain, while: (error) => error._tag === "Refused" && error.reason.startsWith(Answers.commandPending) })
  )
  const cancelOne = (orderId: number) => command("/v1/order/cancelorder", { orderId, isAutomated: true }, "urgent")

  const changedAtMs = new Map<number, number>()
  const spaced = Effect.fnUntraced(function*(orderId: number) {
    const nowMs = yield* Clock.currentTimeMillis
    const atMs = Math.min(nowMs + changeEveryMs, Math.max(nowMs, (changedAtMs.get(orderId) ?? -Infinity) + changeEveryMs))
    Bounded.put(changedAtMs, orderId, atMs, changesKnownMax)
    if (atMs > nowMs) yield* Effect.sleep(atMs - nowMs)
  })

  return {
    modify: Effect.fnUntraced(function*(id, order, change) {
      const { accountId } = yield* ownerOf(id)
      const orderId = yield* orderIn(accountId, order)
      const known = yield* inForce(orderId, order)
      yield* Session.beforeLeaving(contracts.learn(known.order.contractId))
      const { house, nowMs } = yield* lookup.now
      const instrumentId = contracts.instrumentIdOf(known.order.contractId, house, nowMs)
      const spec = instrumentId === undefined ? undefined : contracts.specOf(known.order.contractId, instrumentId, house)
      if (spec === undefined) return yield* invalid(`nobody knows the steps of contract ${known.order.contractId}`)
      const body = Translate.changeBody(known.version, change, yield* contractsIn(spec, change.lots), spec)
      yield* spaced(orderId)
      yield* command("/v1/order/modifyorder", body, change.stop === undefined ? "entry" : "urgent")
    }),
    cancel: Effect.fnUntraced(function*(id, order) {
      const { accountId } = yield* ownerOf(id)
      yield* cancelOne(yield* orderIn(accountId, order))
    }),
    /** One by one: the venue has no call for all. A child goes with its parent, and is then too late to be cancelled. */
    cancelAll: Effect.fnUntraced(function*(id, instrument) {
      const { accountId } = yield* ownerOf(id)
      const orders = yield* Session.beforeLeaving(lookup.working(accountId, "urgent"))
      const meant = orders.filter(({ instrumentId }) => instrument === undefined || instrumentId === instrument)
      const results = yield* Effect.forEach(meant, ({ venueOrderId }) => Effect.result(cancelOne(Number(venueOrderId))), { concurrency: cancelsAtOnce })
      const worst = results.flatMap((result): ReadonlyArray<VenueError> => result._tag === "Failure" && !isEnded(result.failure) ? [result.failure] : [])[0]
      if (worst !== undefined) return yield* Effect.fail(worst)
    })
  }
}

const isEnded = (error: VenueError): boolean => error._tag === "Refused" && (error.kind === "notFound" || error.reason.startsWith("TooLate"))

const closing = ({ asking: { ownerOf, positionRows }, contracts, heard, look, lookup, names, session }: Around): Placing["closePosition"] => {
  const turns = new Map<AccountId, Semaphore.Semaphore>()
  const turnOf = Effect.fnUntraced(function*(id: AccountId) {
    const turn = turns.get(id) ?? (yield* Semaphore.make(1))
    turns.set(id, turn)
    return turn
  })

  /** Market orders against the position that work, as far as the stream has told. */
  const atWork = (accountId: number, contractId: number, action: "Buy" | "Sell"): ReadonlyArray<Books.Pieces> =>
    [...heard.orders().values()].filter((pieces) => {
      const { order } = pieces
      return order?.accountId === accountId && order.contractId === contractId && order.action === action && !Translate.isTerminal(order) &&
        order.ordStatus !== "Suspended" && Books.versionOf(pieces)?.orderType === "Market"
    })

  /** Contracts that they are still to take. Each is asked about first: the stream may have lost its fill, and a close must not wait for what is over. */
  const underWay = Effect.fnUntraced(function*(accountId: number, contractId: number, action: "Buy" | "Sell") {
    for (const { order } of atWork(accountId, contractId, action)) if (order !== undefined) yield* Effect.ignore(lookup.one(heard, order.id))
    return atWork(accountId, contractId, action).reduce((sum, pieces) => sum + Math.max(0, (Books.versionOf(pieces)?.orderQty ?? 0) - Books.filledOf(pieces)), 0)
  })

  /**
   * All of it is the venue's own call: it first cancels what works in the contract, and goes by what it holds then. A part is an order like any
   * other, and so is the rest while something closes already: a second such call before the first has filled would open the other side.
   */
  const close = Effect.fnUntraced(function*(account: AccountId, instrument: InstrumentId, id: ClientOrderId, lots: number | undefined) {
    const owner = yield* ownerOf(account)
    const listed = yield* Session.beforeLeaving(contracts.find(instrument))
    if (Option.isNone(listed)) return yield* invalid(`the venue has no contract ${Translate.contractNameOf(instrument)}`)
    const { contract: { id: contractId, name: symbol } } = listed.value
    const net = (yield* Session.beforeLeaving(positionRows(owner.accountId, "urgent"))).find((row) => row.contractId === contractId)?.netPos ?? 0
    if (net === 0) return yield* invalid(`nothing of ${instrument} is held`)
    look(instrument)
    const house = yield* contracts.house
    const spec = contracts.specOf(contractId, instrument, house)
    const part = lots === undefined ? undefined : spec === undefined ? yield* invalid(`nobody knows the steps of ${instrument}`) : yield* contractsIn(spec, lots)
    const action = net > 0 ? "Sell" : "Buy"
    const left = Math.abs(net) - (yield* underWay(owner.accountId, contractId, action))
    if (left <= 0) return yield* invalid(`what is held of ${instrument} is already being closed`)
    if (left === Math.abs(net) && (part ?? left) >= left) {
      const body = { accountId: owner.accountId, contractId, admin: false, customTag50: id, isAutomated: true }
      return yield* session.tell(Answers.placed, { method: "POST", path: "/v1/order/liquidateposition", body }, "urgent")
    }
    const body = { ...owner, clOrdId: id, action, symbol, orderQty: Math.min(part ?? left, left), orderType: "Market", timeInForce: "Day", isAutomated: true }
    return yield* session.tell(Answers.placed, { method: "POST", path: "/v1/order/placeorder", body }, "urgent")
  })

  /** One after the other: each goes by the position that the one before left. */
  return Effect.fnUntraced(function*(account, instrument, id, lots) {
    const turn = yield* turnOf(account)
    const { orderId } = yield* turn.withPermit(close(account, instrument, id, lots))
    names.answered(id, orderId)
    return { venueOrderId: VenueOrderId.make(String(orderId)) }
  })
}

export const make = (around: Around): Placing => ({ ...submitting(around), ...changing(around), closePosition: closing(around) })
