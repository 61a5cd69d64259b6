/** One broker login: its connection, and the wire in front of it. A thin shell: what to send is decided by the accounts. */
import { Duration, Effect, Layer, Schedule } from "effect"
import { Entity } from "effect/cluster"
import { Rpc } from "effect/rpc"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import * as Afoot from "#actors/broker-session/Afoot.ts"
import * as Direct from "#actors/broker-session/Direct.ts"
import * as Link from "#actors/broker-session/Link.ts"
import * as Outbox from "#actors/broker-session/Outbox.ts"
import * as State from "#actors/broker-session/State.ts"
import * as Tell from "#actors/broker-session/Tell.ts"
import * as Wire from "#actors/broker-session/Wire.ts"
import * as Contain from "#actors/Contain.ts"
import * as Memory from "#actors/Memory.ts"
import { Clocks } from "#config/Clocks.ts"
import { HouseConfig } from "#config/House.ts"
import { LoginId } from "#schemas/Ids.ts"
import * as Gauges from "#src/ports/Gauges.ts"
import { Venues } from "#src/ports/Venue.ts"

/** Of the requests that a venue takes at the same time, so many are kept for what reduces risk. */
const urgentSenders = 2
const sendersMin = 4
const mailboxCapacity = 16_384

/** What a login has in hand outlives the lives of its session: one per login as configured. */
type Hands = Map<LoginId, Outbox.Hand>

const behaviour = Effect.fnUntraced(function*(hands: Hands) {
  const { entityId } = yield* Entity.CurrentAddress
  const login = LoginId.make(entityId)
  const clocks = yield* Clocks
  const house = yield* HouseConfig
  const venues = yield* Venues
  const kept = hands.get(login)
  const hand = kept ?? Outbox.emptyHand(yield* clocks.wallMs)
  hands.set(login, hand)
  yield* Gauges.register("outbox", login, () => hand.items.size)
  const self = (yield* BrokerSession.client)(login)

  const memory = yield* Memory.recall(`broker-session/${login}`, State.empty, State.evolve)
  const { contain, guard, restart } = yield* Contain.make({
    lives: () => memory.state().lives,
    restartSelf: (life, defect) => self.Restart({ life, defect }, { discard: true }),
    record: (event) => memory.commit(() => [event])
  })

  const tell = yield* Tell.make(login)
  const link = yield* Link.make(login, Afoot.overheard(tell, hand.afoot), (event) => Effect.ignore(memory.commit(() => [event])))
  const wire = yield* Wire.make(login, {
    hand,
    connection: link.connection,
    isReduceOnly: (nowMs) => State.isReduceOnly(memory.state(), nowMs),
    tell
  })

  const direct = Direct.make({ login, hand, connection: link.connection, ask: (request) => wire.ask({ request, afterSeq: 0 }), outbox: wire.outbox })

  /** Accounts that the life before served learn first that it is gone, and what became of what they asked. */
  const begin = Effect.gen(function*() {
    if (kept !== undefined) yield* tell.allDown
    yield* wire.comeBack
    const venue = (yield* house.current).logins.get(login)?.venue
    const senders = Math.max(sendersMin, venue === undefined ? 0 : venues[venue].requestsAtOnce)
    yield* Effect.replicateEffect(Effect.forkScoped(guard(Effect.forever(wire.send))), senders - urgentSenders)
    yield* Effect.replicateEffect(Effect.forkScoped(guard(Effect.forever(wire.sendUrgent))), urgentSenders)
    yield* Effect.forever(link.stay)
  })
  yield* Effect.forkScoped(guard(begin))

  return BrokerSession.of({
    Ask: ({ payload }) => wire.ask(payload).pipe(contain(undefined)),
    Join: ({ payload: { accountId } }) =>
      Effect.suspend(() => {
        const connection = link.connection()
        return connection === undefined ? Effect.void : tell.up(accountId, connection.capabilities)
      }).pipe(contain(undefined)),
    CancelEntries: ({ payload }) => Rpc.fork(direct.cancelEntries(payload)),
    Look: ({ payload }) => Rpc.fork(direct.look(payload.accountId)),
    Sweep: ({ payload }) => Rpc.fork(direct.sweep(payload)),
    Reconnect: () => link.reconnect,
    Need: () => link.need,
    Wake: () => link.lookAgain,
    Restart: ({ payload }) => Rpc.fork(restart(payload.life, payload.defect))
  })
})

export const layer = Layer.unwrap(Effect.sync(() => {
  const hands: Hands = new Map()
  return BrokerSession.toLayer(behaviour(hands), { maxIdleTime: Duration.infinity, mailboxCapacity, defectRetryPolicy: Schedule.spaced("1 second") })
}))
