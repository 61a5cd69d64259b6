/**
 * What the venue says unasked of orders, fills and positions. Owns: that what is told in pieces is told once and whole, whatever the order of
 * arrival; that nothing waits for a piece for ever; and that an end of the stream ends the connection, for it has no memory of what was missed.
 */
import { Cause, Deferred, Effect, Fiber, PubSub, Result, Schema, type Scope, Stream } from "effect"
import type { Socket } from "effect/socket"
import type { AccountId, LoginId } from "#schemas/Ids.ts"
import { VenueEvent } from "#schemas/VenueEvent.ts"
import * as Answers from "#src/venues/tradovate/Answers.ts"
import * as Books from "#src/venues/tradovate/Books.ts"
import type { Contracts } from "#src/venues/tradovate/Contracts.ts"
import type { Kept } from "#src/venues/tradovate/Kept.ts"
import type { Lookup } from "#src/venues/tradovate/Lookup.ts"
import type { Reading } from "#src/venues/tradovate/Reading.ts"
import type { Session } from "#src/venues/tradovate/Session.ts"
import * as Talk from "#src/venues/tradovate/Talk.ts"
import type * as Wire from "#src/venues/tradovate/Wire.ts"
import { Change } from "#src/venues/tradovate/Wire.ts"
import { Unavailable, type VenueError } from "#src/ports/Venue.ts"
import * as Accounts from "#src/venues/shared/Accounts.ts"
import * as Bounded from "#src/venues/shared/Bounded.ts"

const { Filled, OrderChanged, PositionChanged } = VenueEvent.cases

/** Events a reader may be behind before the connection ends: none of them may be missed. So many of the latest reach one that comes late. */
const eventsBehindMax = 4_096
const eventsRepeatedMax = 256
/** A piece that did not come by itself by then is asked for. */
const piecesWithinMs = 2_000
const lookEveryMs = 1_000
const ordersToldMax = 8_192

export interface Told {
  readonly account: AccountId
  readonly event: VenueEvent
}

export interface Around {
  readonly login: LoginId
  readonly base: string
  readonly session: Session
  readonly kept: Kept
  readonly contracts: Contracts
  readonly reading: Reading
  readonly lookup: Lookup
  readonly heard: Books.Books
  readonly lost: Deferred.Deferred<never, VenueError>
}

/** On their way to a state that says something. */
const unsettled = new Set<Wire.Order["ordStatus"]>(["PendingNew", "Unknown"])

const decodeChange = Schema.decodeUnknownResult(Change)

/** What somebody was told of one order. */
interface Said {
  readonly fills: Set<number>
  report: string
}

/** Out of the books, to whoever listens. */
const telling = Effect.fnUntraced(function*({ contracts, heard, kept: { names }, login, lookup, reading, session }: Around) {
  const events = yield* PubSub.dropping<Told>({ capacity: eventsBehindMax, replay: eventsRepeatedMax })
  const told = new Map<number, Said>()
  /** Since when they wait for a piece. */
  const waiting = new Map<number, number>()
  const accountNames = new Map([...session.accounts].map(([name, id]) => [id, name]))

  const publish = Effect.fnUntraced(function*(accountId: number, event: VenueEvent) {
    const name = accountNames.get(accountId)
    const account = name === undefined ? undefined : Accounts.ourAccountOf(yield* contracts.house, login, name)
    if (account === undefined) return yield* reading.complain("account", `events of an account that is not ours: ${name ?? accountId}`)
    if (!(yield* PubSub.publish(events, { account, event }))) return yield* new Unavailable({ reason: `more than ${eventsBehindMax} events wait to be read` })
  })

  /** A change that was refused is told again as it was: whoever believes in it hears better. */
  const keyOf = (report: unknown, pieces: Books.Pieces): string => JSON.stringify([report, Books.refusedChanges(pieces)])

  /** `isKnown`: it is the past, which a picture shows. */
  const settle = Effect.fnUntraced(function*(orderId: number, isKnown = false) {
    const pieces = heard.get(orderId)
    const now = yield* lookup.now
    if (pieces?.order !== undefined) names.owned(pieces.order)
    const said = told.get(orderId) ?? { fills: new Set(), report: "" }
    Bounded.put(told, orderId, said, ordersToldMax)
    if (isKnown) for (const id of pieces?.fills.keys() ?? []) said.fills.add(id)
    if (pieces?.order === undefined || reading.gapIn(pieces, now) !== undefined) {
      if (!isKnown && !waiting.has(orderId)) waiting.set(orderId, now.nowMs)
      return
    }
    waiting.delete(orderId)
    for (const row of pieces.fills.values()) {
      if (said.fills.has(row.id)) continue
      said.fills.add(row.id)
      const fill = yield* reading.fill(row, now)
      if (fill !== undefined) yield* publish(pieces.order.accountId, Filled.make({ fill }))
    }
    if (unsettled.has(pieces.order.ordStatus)) return
    const report = yield* reading.order(pieces, now)
    const key = keyOf(report, pieces)
    if (report === undefined || key === said.report) return
    said.report = key
    if (!isKnown) yield* publish(pieces.order.accountId, OrderChanged.make({ report }))
  })

  const position = Effect.fnUntraced(function*(row: Wire.Position) {
    if (!reading.knows(row.contractId, yield* lookup.now)) yield* Effect.ignore(contracts.learn(row.contractId))
    const report = yield* reading.told("position", reading.position(row, yield* lookup.now))
    if (report !== undefined) yield* publish(row.accountId, PositionChanged.make({ position: report }))
  })

  /** Asks for what did not come. What cannot be had now is asked for again. */
  const complete = Effect.gen(function*() {
    const { nowMs } = yield* lookup.now
    for (const [orderId, sinceMs] of waiting) {
      if (nowMs - sinceMs < piecesWithinMs) continue
      waiting.set(orderId, nowMs)
      yield* Effect.ignore(Effect.gen(function*() {
        const pieces = yield* lookup.one(heard, orderId)
        if (pieces?.order === undefined) return void waiting.delete(orderId)
        yield* contracts.learn(pieces.order.contractId)
      }))
      if (waiting.has(orderId)) yield* settle(orderId)
    }
  })
  return { events, settle, position, complete }
})

const isList = (value: unknown): value is ReadonlyArray<unknown> => Array.isArray(value)

/** Names of a snapshot's lists. */
const listsOf = {
  contracts: "contract", contractMaturities: "contractMaturity", products: "product", orders: "order", orderVersions: "orderVersion", commands: "command",
  commandReports: "commandReport", executionReports: "executionReport", fills: "fill", positions: "position"
} as const

type Snapshot = Readonly<Record<string, unknown>>

const forms = {
  users: ({ userId }: Session) => ({ users: [userId] }),
  accounts: ({ accounts }: Session) => ({ accounts: [...accounts.values()], entityTypes: ["account", ...Object.values(listsOf)], splitResponses: false })
}
const other = { users: "accounts", accounts: "users" } as const

/** Everything as it is now, whatever was missed. Undefined: this form of asking brings nothing, nor will it tell of anything. */
const syncing = ({ kept, lookup, reading, session }: Around, talk: Talk.Talk) => Effect.gen(function*() {
  const body = forms[kept.syncForm](session)
  const snapshot: Snapshot | undefined = yield* session.over(talk, Answers.one, "user/syncrequest", body).pipe(
    Effect.catchTag("Refused", ({ reason }) => Effect.as(reading.complain("sync", reason), undefined))
  )
  const { accounts, orders } = snapshot ?? {}
  if (!isList(orders) || !isList(accounts) || (accounts.length === 0 && session.accounts.size > 0)) return undefined
  return orders.length > 0 || (yield* lookup.orderRows).length === 0 ? snapshot : undefined
})

/** Returns once the venue's snapshot is in the books. */
export const open = Effect.fnUntraced(function*(around: Around): Effect.fn.Return<Stream.Stream<Told, VenueError>, VenueError, Scope.Scope | Socket.WebSocketConstructor> {
  const { contracts, heard, kept, login, lost, reading, session } = around
  const { names } = kept
  const { complete, events, position, settle } = yield* telling(around)

  const take = Effect.fnUntraced(function*(entityType: string, row: unknown, isKnown: boolean) {
    contracts.heard(entityType, row)
    if (!Books.isKind(entityType)) return
    const taken = yield* reading.told(entityType, heard.take(entityType, row))
    if (taken === undefined) return
    if (taken._tag === "Position") return isKnown ? undefined : yield* position(taken.position)
    if (taken._tag === "Command") yield* names.heard(taken.command)
    if (!isKnown) yield* settle(taken._tag === "Command" ? taken.command.orderId : taken.orderId)
  })

  const onEvent = Effect.fnUntraced(function*({ d, e }: Wire.Event) {
    if (e !== "props") return
    const change = decodeChange(d)
    if (Result.isFailure(change)) return yield* new Unavailable({ reason: "a change that cannot be read" })
    const { entity, entityType, eventType } = change.success
    if (eventType === "Deleted") return
    for (const row of isList(entity) ? entity : [entity]) yield* take(entityType, row, false)
  })

  const url = `${around.base.replace(/^http/, "ws")}/v1/websocket`
  /** The venue takes one such question per socket. */
  const attempt = Effect.gen(function*() {
    const talk = yield* Talk.make({ url, token: () => session.token().text, clean: session.clean, onEvent })
    const ended = yield* Deferred.make<never, VenueError>()
    const running = yield* Effect.forkScoped(Effect.catchCause(talk.run, (cause) => Deferred.failCause(ended, cause)))
    const snapshot = yield* Effect.raceFirst(syncing(around, talk), Deferred.await(ended))
    if (snapshot === undefined) {
      yield* Fiber.interrupt(running)
      kept.syncForm = other[kept.syncForm]
    }
    return { snapshot, ended }
  })
  const first = yield* attempt
  const { ended, snapshot } = first.snapshot === undefined ? yield* attempt : first
  if (snapshot === undefined) return yield* new Unavailable({ reason: "the sync brings neither accounts nor orders" })
  yield* Effect.forkScoped(Effect.raceFirst(Deferred.await(ended), Effect.forever(Effect.andThen(Effect.sleep(lookEveryMs), complete))).pipe(
    Effect.catch((error) => {
      if (error._tag === "SignedInElsewhere" && kept.token?.signedInAtMs === session.token().signedInAtMs) kept.token = undefined // with the connection its token is revoked
      return Deferred.fail(lost, error)
    }),
    Effect.catchCause((cause) => Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.andThen(
      Effect.logError(`login ${login}: its stream failed`, cause),
      Deferred.fail(lost, new Unavailable({ reason: "the stream failed" }))
    ))
  ))
  for (const [list, entityType] of Object.entries(listsOf)) {
    const rows = snapshot[list]
    for (const row of isList(rows) ? rows : []) yield* take(entityType, row, true)
  }
  for (const orderId of heard.orders().keys()) yield* settle(orderId, true)
  return Stream.interruptWhen(Stream.fromPubSub(events), Deferred.await(lost))
})
