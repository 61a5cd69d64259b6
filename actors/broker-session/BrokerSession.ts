/** One broker login: its connection, and the wire in front of it. A thin shell: what to send is decided by the accounts. */
import { Cause, Duration, Effect, Option, Schedule, Stream } from "effect"
import { Entity } from "effect/cluster"
import { Rpc } from "effect/rpc"
import { Account } from "#actors/account/Protocol.ts"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import * as Contain from "#actors/Contain.ts"
import { surely } from "#actors/Deliver.ts"
import * as Memory from "#actors/Memory.ts"
import * as Outbox from "#actors/broker-session/Outbox.ts"
import * as State from "#actors/broker-session/State.ts"
import * as Transmit from "#actors/broker-session/Transmit.ts"
import { Clocks } from "#config/Clocks.ts"
import { HouseConfig } from "#config/House.ts"
import type { LoginConfig } from "#schemas/config/LoginConfig.ts"
import { type AccountId, type ClientOrderId, LoginId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import type { RequestResult, SessionRequest } from "#schemas/SessionRequest.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import { type Connection, Venues } from "#src/ports/Venue.ts"

const { SessionConnected, SessionLost } = JournalEvent.cases

/** Requests of one login on the wire at the same time. */
const sendersMax = 4
const mailboxCapacity = 16_384
/** Waits between tries to connect: 5, 10, 20, 40, then every 60 seconds. */
const reconnect = Schedule.min([Schedule.exponential("5 seconds"), Schedule.spaced("60 seconds")])

type Entry = { readonly accountId: AccountId; readonly ids: ReadonlyArray<ClientOrderId>; readonly isEntry: boolean }

const ordersIn = (request: SessionRequest): Entry | undefined => {
  switch (request._tag) {
    case "Submit":
      return { accountId: request.order.accountId, ids: [request.order.id], isEntry: request.order.leg === "entry" }
    case "SubmitBracket": {
      const { entry, stop, target } = request.bracket
      const ids = [entry, stop, target].flatMap((order) => order === undefined ? [] : [order.id])
      return { accountId: entry.accountId, ids, isEntry: true }
    }
    default:
      return undefined
  }
}

const accountOf = (request: SessionRequest): AccountId => {
  switch (request._tag) {
    case "Submit":
      return request.order.accountId
    case "SubmitBracket":
      return request.bracket.entry.accountId
    default:
      return request.accountId
  }
}

export const layer = BrokerSession.toLayer(Effect.gen(function*() {
  const { entityId } = yield* Entity.CurrentAddress
  const login = LoginId.make(entityId)
  const house = yield* HouseConfig
  const venues = yield* Venues
  const latch = yield* RiskLatch
  const quotes = yield* QuoteBook
  const supervision = yield* Supervision
  const clocks = yield* Clocks
  const self = (yield* BrokerSession.client)(login)
  const accountFor = yield* Account.client

  const memory = yield* Memory.recall(`broker-session/${login}`, State.empty, State.evolve)
  const { contain, guard, restart } = Contain.make({
    lives: () => memory.state().lives,
    restartSelf: (life, defect) => self.Restart({ life, defect }, { discard: true }),
    record: (event) => memory.commit(() => [event])
  })
  const note = (event: JournalEvent) => Effect.ignore(memory.commit(() => [event]))

  const outbox = yield* Outbox.make
  const inHand = new Set<ClientOrderId>()
  let connection: Connection | undefined

  const accountsHere = Effect.map(house.current, ({ accounts }) =>
    [...accounts.values()].filter((account) => account.login === login).map(({ id }) => id))

  const tell = (accountId: AccountId) => {
    const account = accountFor(accountId)
    return {
      answered: (request: SessionRequest, result: RequestResult) =>
        surely(account.Answered({ request, result }, { discard: true })),
      up: (to: Connection) => {
        const { modify, nativeBrackets, oca, reduceOnly } = to.capabilities
        return surely(account.SessionUp({ powers: { modify, nativeBrackets, oca, reduceOnly } }, { discard: true }))
      },
      down: surely(account.SessionDown(undefined, { discard: true }))
    }
  }

  /** The latch is asked last, as the last step before bytes leave. */
  const stopped = (request: SessionRequest) => {
    const entry = ordersIn(request)
    if (entry === undefined || !entry.isEntry) return Effect.succeed(Option.none<RiskScope>())
    return latch.firstOf(["all", `login/${login}`, `account/${entry.accountId}`])
  }

  const transmit = (request: Exclude<SessionRequest, { readonly _tag: "Snapshot" }>) =>
    Effect.gen(function*() {
      const scope = yield* stopped(request)
      if (Option.isSome(scope)) return Transmit.withheld("Latched", `no new risk may leave: ${scope.value} is stopped`, false)
      return connection === undefined ? Transmit.notConnected : yield* Transmit.send(connection, request)
    })

  const answer = (request: SessionRequest, result: RequestResult) =>
    Effect.andThen(
      tell(accountOf(request)).answered(request, result),
      Effect.sync(() => ordersIn(request)?.ids.forEach((id) => inHand.delete(id)))
    )

  const sender = Effect.gen(function*() {
    const request = yield* outbox.take
    if (request._tag !== "Snapshot") return yield* answer(request, yield* transmit(request))
    const seen = connection === undefined
      ? Option.none()
      : yield* Transmit.picture(connection, request, (id) => inHand.has(id), clocks.wallMs)
    const picture = Option.isSome(seen) ? { snapshot: seen.value } : {}
    yield* surely(accountFor(request.accountId).Pictured(picture, { discard: true }))
  })
  yield* Effect.replicateEffect(Effect.forkScoped(guard(Effect.forever(sender))), sendersMax)

  const connected = Effect.fnUntraced(function*(config: LoginConfig) {
    yield* supervision.setSession(login, "connecting")
    const made = yield* venues[config.venue].connect(config)
    yield* note(SessionConnected.make({ login, atMs: yield* clocks.wallMs }))
    connection = made
    yield* supervision.setSession(login, "connected")
    yield* Effect.forEach(yield* accountsHere, (id) => tell(id).up(made), { discard: true })
    const events = Stream.runForEach(made.events, ({ account, event }) =>
      surely(accountFor(account).Reported({ events: [event] }, { discard: true })))
    return yield* Effect.raceFirst(events, Stream.runForEach(made.quotes, quotes.put))
  })

  const lost = Effect.fnUntraced(function*(reason: string) {
    if (connection === undefined) return
    connection = undefined
    yield* supervision.setSession(login, "lost")
    yield* note(SessionLost.make({ login, atMs: yield* clocks.wallMs, reason }))
    yield* Effect.forEach(yield* accountsHere, (id) => tell(id).down, { discard: true })
  })

  const connecting = Effect.gen(function*() {
    const config = (yield* house.current).logins.get(login)
    if (config === undefined || !config.enabled) return yield* supervision.setSession(login, "disabled")
    yield* Effect.scoped(connected(config)).pipe(
      Effect.andThen(Effect.fail("the venue closed the stream")),
      Effect.tapCause((cause) => lost(Cause.hasInterruptsOnly(cause) ? "stopped" : Cause.pretty(cause).split("\n")[0] ?? "unknown")),
      Effect.tapError((error) => Effect.logWarning(`login ${login} is not connected`, error)),
      Effect.retry(reconnect),
      Effect.ignore
    )
  })
  yield* Effect.forkScoped(guard(connecting))

  return BrokerSession.of({
    Ask: ({ payload: { request } }) =>
      Effect.gen(function*() {
        ordersIn(request)?.ids.forEach((id) => inHand.add(id))
        if (yield* outbox.offer(request)) return
        yield* answer(request, Transmit.withheld("OutboxFull", `more than ${Outbox.entriesMax} requests wait for login ${login}`, false))
      }).pipe(contain(undefined)),
    Join: ({ payload: { accountId } }) =>
      Effect.suspend(() => connection === undefined ? Effect.void : tell(accountId).up(connection)).pipe(contain(undefined)),
    Wake: () => Effect.void,
    Restart: ({ payload }) => Rpc.fork(restart(payload.life, payload.defect))
  })
}), { maxIdleTime: Duration.infinity, mailboxCapacity, defectRetryPolicy: Schedule.spaced("1 second") })
