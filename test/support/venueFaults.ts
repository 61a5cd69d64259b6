/**
 * A venue that misbehaves as a test tells it to: the paper venue, with lost acknowledgements, late answers, missing events and refusals in
 * front of it. What it did and what it was asked stays visible.
 */
import { Clock, Context, Duration, Effect, Layer, Stream } from "effect"
import type { Fill } from "#schemas/Fill.ts"
import { type AccountId, AlertId, type ClientOrderId, type InstrumentId } from "#schemas/Ids.ts"
import { type Instrument, Lots } from "#schemas/Instrument.ts"
import type { Leg, Order, OrderReport } from "#schemas/Order.ts"
import type { PositionReport, VenueEvent } from "#schemas/VenueEvent.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import { Ambiguous, type Connection, Refused, Unavailable, Venues, type VenueError } from "#src/ports/Venue.ts"

type Fate = "lost" | "neverArrives" | "refused"

/** What a test may break. Everything is as it should be until it says otherwise. */
export interface Switches {
  /** `lost`: executed, the answer is Ambiguous. `neverArrives`: not executed, the answer is Ambiguous. `refused`: the venue's no. */
  submit: (order: Order) => Fate | undefined
  modify: (account: AccountId) => "lost" | "refused" | undefined
  cancel: (account: AccountId) => "lost" | "refused" | undefined
  /** Extra time before the answer to a submit, milliseconds. */
  answerAfterMs: (order: Order) => number
  /** False: the venue says nothing of it unasked. */
  tells: (event: VenueEvent) => boolean
  /** False: nothing can be asked of it. */
  answersQuestions: () => boolean
  /** Changes what a look at the positions shows. */
  positions: (account: AccountId, seen: ReadonlyArray<PositionReport>) => ReadonlyArray<PositionReport>
  fills: (account: AccountId, seen: ReadonlyArray<Fill>) => ReadonlyArray<Fill>
}

const sound = (): Switches => ({
  submit: () => undefined,
  modify: () => undefined,
  cancel: () => undefined,
  answerAfterMs: () => 0,
  tells: () => true,
  answersQuestions: () => true,
  positions: (_, seen) => seen,
  fills: (_, seen) => seen
})

/** The venue's own truth as its events tell it, whether or not the house hears them. */
export interface Desk {
  /** Orders not closed, those held for their entry too. */
  readonly working: () => ReadonlyArray<OrderReport & { readonly leg: Leg }>
  readonly net: (instrument: string) => number
  /** What was held after each fill. */
  readonly nets: (instrument: string) => ReadonlyArray<number>
  /** The longest time, milliseconds, for which fewer stops worked than were held, until the last change. */
  readonly nakedMs: (instrument: string) => number
}

export class VenueFaults extends Context.Service<VenueFaults, {
  readonly switches: Switches
  /** Every order that reached the venue or should have, children too, in their order. */
  readonly asked: ReadonlyArray<Order>
  readonly desk: (account: string) => Desk
  /** Straight to the venue, past the house: what somebody else does there. */
  readonly trade: (order: Order, instrument: Instrument) => Effect.Effect<void>
  readonly cancel: (order: Order) => Effect.Effect<void>
}>()("test/support/VenueFaults") {}

const unsure = new Ambiguous({ cause: "the answer was lost" })
const no = new Refused({ kind: "other", reason: "not now" })

type Told = { readonly account: AccountId; readonly event: VenueEvent }
type Watch = (told: Told) => Effect.Effect<void>

/** A close as the order that it is at the venue; its side is the venue's to know. */
const exitOf = (accountId: AccountId, instrumentId: InstrumentId, id: ClientOrderId, lots = Lots.make(1)): Order => ({
  id, accountId, alertId: AlertId.make("close"), instrumentId, instrumentVersion: 1, leg: "exit", generation: 1, side: "sell", lots, type: "market",
  timeInForce: "ioc", reduceOnly: false
})

const breaking = (real: Connection, switches: Switches, asked: Array<Order>, watch: Watch): Connection => {
  const sending = <A>(order: Order, children: ReadonlyArray<Order | undefined>, send: Effect.Effect<A, VenueError>) =>
    Effect.suspend(() => {
      asked.push(order, ...children.filter((child) => child !== undefined))
      const fate = switches.submit(order)
      if (fate === "neverArrives") return Effect.fail(unsure)
      if (fate === "refused") return Effect.fail(no)
      const late = Effect.sleep(Duration.millis(switches.answerAfterMs(order)))
      return Effect.andThen(Effect.tap(send, () => late), (answer) => fate === "lost" ? Effect.fail(unsure) : Effect.succeed(answer))
    })
  const changing = (fate: "lost" | "refused" | undefined, send: Effect.Effect<void, VenueError>): Effect.Effect<void, VenueError> =>
    fate === "refused" ? Effect.fail(no) : fate === "lost" ? Effect.andThen(send, Effect.fail(unsure)) : send
  const asking = <A>(question: Effect.Effect<A, VenueError>) =>
    Effect.suspend(() => switches.answersQuestions() ? question : Effect.fail(new Unavailable({ reason: "no answer today" })))
  return {
    ...real,
    workingOrders: (account) => asking(real.workingOrders(account)),
    orderByClientId: (account, id) => asking(real.orderByClientId(account, id)),
    submit: (order, instrument) => sending(order, [], real.submit(order, instrument)),
    submitBracket: (bracket, instrument) => sending(bracket.entry, [bracket.stop, bracket.target], real.submitBracket(bracket, instrument)),
    closePosition: (account, instrument, id, lots) => sending(exitOf(account, instrument, id, lots), [], real.closePosition(account, instrument, id, lots)),
    modify: (account, id, change) => Effect.suspend(() => changing(switches.modify(account), real.modify(account, id, change))),
    cancel: (account, id) => Effect.suspend(() => changing(switches.cancel(account), real.cancel(account, id))),
    positions: (account) => Effect.map(real.positions(account), (seen) => switches.positions(account, seen)),
    fillsSince: (account, sinceMs) => Effect.map(real.fillsSince(account, sinceMs), (seen) => switches.fills(account, seen)),
    events: real.events.pipe(Stream.tap(watch), Stream.filter(({ event }) => switches.tells(event)))
  }
}

const isClosed = ({ status }: OrderReport) => status === "Filled" || status === "Canceled" || status === "Expired" || status === "Rejected"

const watching = (asked: ReadonlyArray<Order>) => {
  const reports = new Map<string, Map<string, OrderReport>>()
  const nets = new Map<string, ReadonlyArray<number>>()
  const bare = new Map<string, { since: number | undefined; longest: number }>()
  const legOf = (id: string): Leg => asked.find((order) => order.id === id)?.leg ?? "entry"
  const of = (account: string) => [...reports.get(account)?.values() ?? []].filter((report) => !isClosed(report))
    .map((report) => ({ ...report, leg: legOf(report.clientOrderId) }))

  const look = (account: string, instrument: string, nowMs: number) => {
    const key = `${account}/${instrument}`
    const stops = of(account).filter(({ instrumentId, leg, status }) => instrumentId === instrument && leg === "stop" && status !== "Held")
    const isBare = stops.reduce((sum, { filledLots, lots }) => sum + lots - filledLots, 0) < Math.abs(nets.get(key)?.at(-1) ?? 0)
    const before = bare.get(key) ?? { since: undefined, longest: 0 }
    const longest = before.since === undefined ? before.longest : Math.max(before.longest, nowMs - before.since)
    bare.set(key, { since: isBare ? before.since ?? nowMs : undefined, longest })
  }
  const watch: Watch = ({ account, event }) => Effect.map(Clock.currentTimeMillis, (nowMs) => {
    if (event._tag === "OrderChanged") {
      const all = reports.get(account) ?? new Map<string, OrderReport>()
      reports.set(account, all.set(event.report.clientOrderId, event.report))
      look(account, event.report.instrumentId, nowMs)
    }
    if (event._tag === "Filled") {
      const { instrumentId, lots, side } = event.fill
      const key = `${account}/${instrumentId}`
      const before = nets.get(key) ?? []
      nets.set(key, [...before, (before.at(-1) ?? 0) + (side === "buy" ? lots : -lots)])
      look(account, instrumentId, nowMs)
    }
  })
  const desk = (account: string): Desk => ({
    working: () => of(account),
    net: (instrument) => nets.get(`${account}/${instrument}`)?.at(-1) ?? 0,
    nets: (instrument) => nets.get(`${account}/${instrument}`) ?? [],
    nakedMs: (instrument) => bare.get(`${account}/${instrument}`)?.longest ?? 0
  })
  return { watch, desk }
}

/** `Venues` with the paper venue behind these faults. */
export const layer = Layer.effectContext(Effect.gen(function*() {
  const { paper, reference, tradovate } = yield* Venues
  const switches = sound()
  const asked: Array<Order> = []
  const { desk, watch } = watching(asked)
  let real: Connection | undefined
  const there = (act: (connection: Connection) => Effect.Effect<unknown, VenueError>) =>
    Effect.asVoid(Effect.orDie(Effect.suspend(() => real === undefined ? Effect.die("the venue was never connected") : act(real))))
  const service = VenueFaults.of({
    switches,
    asked,
    desk,
    trade: (order, instrument) => there((connection) => connection.submit(order, instrument)),
    cancel: ({ accountId, id }) => there((connection) => connection.cancel(accountId, id))
  })
  const venues = Venues.of({
    reference,
    tradovate,
    paper: {
      id: "paper",
      requestsAtOnce: 4,
      connect: (login) => Effect.map(paper.connect(login), (connection) => {
        real = connection
        return breaking(connection, switches, asked, watch)
      })
    }
  })
  return Context.make(VenueFaults, service).pipe(Context.add(Venues, venues))
})).pipe(Layer.provide(VenuesLive.layer))
