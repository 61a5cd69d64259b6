/** One broker login: its connection, and the wire in front of it. A thin shell: what to send is decided by the accounts. */
import { Cause, Duration, Effect, Layer, Schedule, Stream } from "effect"
import { Entity } from "effect/cluster"
import { Rpc } from "effect/rpc"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import * as Outbox from "#actors/broker-session/Outbox.ts"
import * as State from "#actors/broker-session/State.ts"
import * as Tell from "#actors/broker-session/Tell.ts"
import * as Wire from "#actors/broker-session/Wire.ts"
import * as Contain from "#actors/Contain.ts"
import * as Memory from "#actors/Memory.ts"
import { Clocks } from "#config/Clocks.ts"
import { HouseConfig } from "#config/House.ts"
import type { LoginConfig } from "#schemas/config/LoginConfig.ts"
import { LoginId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import { type Connection, Venues } from "#src/ports/Venue.ts"

const { SessionConnected, SessionLost } = JournalEvent.cases

/** Requests of one login on the wire at the same time. */
const sendersMax = 4
const mailboxCapacity = 16_384
/** Waits between tries to connect, from the first again after each connection. */
const reconnectSeconds = [5, 10, 20, 40, 60] as const

/** What a login has in hand outlives the lives of its session: one per login as configured. */
type Hands = Map<LoginId, Outbox.Hand>

const behaviour = Effect.fnUntraced(function*(hands: Hands) {
  const { entityId } = yield* Entity.CurrentAddress
  const login = LoginId.make(entityId)
  const house = yield* HouseConfig
  const venues = yield* Venues
  const quotes = yield* QuoteBook
  const supervision = yield* Supervision
  const clocks = yield* Clocks
  const kept = hands.get(login)
  const hand = kept ?? Outbox.emptyHand(yield* clocks.wallMs)
  hands.set(login, hand)
  const self = (yield* BrokerSession.client)(login)

  const memory = yield* Memory.recall(`broker-session/${login}`, State.empty, State.evolve)
  const { contain, guard, restart } = yield* Contain.make({
    lives: () => memory.state().lives,
    restartSelf: (life, defect) => self.Restart({ life, defect }, { discard: true }),
    record: (event) => memory.commit(() => [event])
  })
  const note = (event: JournalEvent) => Effect.ignore(memory.commit(() => [event]))

  let connection: Connection | undefined
  let tries = 0
  const tell = yield* Tell.make(login)
  const wire = yield* Wire.make(login, {
    hand,
    connection: () => connection,
    isReduceOnly: (nowMs) => State.isReduceOnly(memory.state(), nowMs),
    tell
  })

  const connected = Effect.fnUntraced(function*(config: LoginConfig) {
    yield* supervision.setSession(login, "connecting")
    const made = yield* venues[config.venue].connect(config)
    yield* note(SessionConnected.make({ login, atMs: yield* clocks.wallMs }))
    connection = made
    tries = 0
    yield* supervision.setSession(login, "connected")
    yield* tell.allUp(made.capabilities)
    const events = Stream.runForEach(made.events, ({ account, event }) => tell.reported(account, event))
    yield* Effect.raceFirst(events, Stream.runForEach(made.quotes, quotes.put))
    return yield* Effect.fail("the venue closed the stream")
  })

  const lost = Effect.fnUntraced(function*(cause: Cause.Cause<unknown>) {
    if (connection === undefined) return
    connection = undefined
    yield* supervision.setSession(login, "lost")
    const reason = Cause.pretty(cause).split("\n")[0] ?? "unknown"
    yield* Effect.logWarning(`login ${login} lost its connection: ${reason}`)
    yield* note(SessionLost.make({ login, atMs: yield* clocks.wallMs, reason }))
    yield* tell.allDown
  })

  const stayConnected = Effect.gen(function*() {
    const config = (yield* house.current).logins.get(login)
    if (config === undefined || !config.enabled) {
      yield* supervision.setSession(login, "disabled")
      return yield* Effect.never
    }
    yield* Effect.scoped(connected(config)).pipe(
      Effect.tapCause(lost),
      Effect.catchCause((cause) => Cause.hasDies(cause) ? Effect.failCause(cause) : Effect.void)
    )
    const waitSeconds = reconnectSeconds[Math.min(tries, reconnectSeconds.length - 1)] ?? 60
    tries += 1
    yield* Effect.sleep(Duration.seconds(waitSeconds))
  })
  /** Accounts that the life before served learn first that it is gone, and what became of what they asked. */
  const begin = Effect.gen(function*() {
    if (kept !== undefined) yield* tell.allDown
    yield* wire.comeBack
    yield* Effect.replicateEffect(Effect.forkScoped(guard(Effect.forever(wire.send))), sendersMax)
    yield* Effect.forever(stayConnected)
  })
  yield* Effect.forkScoped(guard(begin))

  return BrokerSession.of({
    Ask: ({ payload: { request, strategy } }) => wire.ask(request, strategy).pipe(contain(undefined)),
    Join: ({ payload: { accountId } }) =>
      Effect.suspend(() => connection === undefined ? Effect.void : tell.up(accountId, connection.capabilities)).pipe(contain(undefined)),
    Wake: () => Effect.void,
    Restart: ({ payload }) => Rpc.fork(restart(payload.life, payload.defect))
  })
})

export const layer = Layer.unwrap(Effect.sync(() => {
  const hands: Hands = new Map()
  return BrokerSession.toLayer(behaviour(hands), { maxIdleTime: Duration.infinity, mailboxCapacity, defectRetryPolicy: Schedule.spaced("1 second") })
}))
