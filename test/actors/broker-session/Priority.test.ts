import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import { HouseConfig } from "#config/House.ts"
import { AccountId, AlertId, ClientOrderId, InstrumentId } from "#schemas/Ids.ts"
import { Lots, Ticks } from "#schemas/Instrument.ts"
import type { Leg, Order } from "#schemas/Order.ts"
import { SessionRequest } from "#schemas/SessionRequest.ts"
import * as Resolve from "#src/symbols/Resolve.ts"
import { begin, onConnection, silent, wideWorld, wired } from "#test/support/lives.ts"
import { lifeAt, pass } from "#test/support/runtime.ts"

const accountId = AccountId.make("paper-1")
const { Cancel, Modify, Snapshot, Submit } = SessionRequest.cases

const order = (name: string, leg: Leg): Order => ({
  id: ClientOrderId.make(`il-${name}`),
  accountId,
  alertId: AlertId.make("a"),
  instrumentId: InstrumentId.make("MESZ26"),
  instrumentVersion: 1,
  leg,
  generation: 1,
  side: "buy",
  lots: Lots.make(1),
  type: "market",
  timeInForce: "day",
  reduceOnly: false
})

/** What left the house, in its order. Each takes the wire for a second. */
const recorded = (sent: Array<string>) =>
  wired(onConnection(() => {
    const takes = (what: string) => Effect.delay(Effect.sync(() => sent.push(what)), 0).pipe(Effect.andThen(Effect.sleep("1 second")), Effect.andThen(Effect.never))
    return {
      submit: ({ id }) => Effect.timeoutOrElse(takes(id.slice(3)), { duration: "1 second", orElse: () => Effect.succeed({ venueOrderId: "v" as never }) }),
      modify: (_account, id) => Effect.timeoutOrElse(takes(`modify ${id.slice(3)}`), { duration: "1 second", orElse: () => Effect.void }),
      cancel: (_account, id) => Effect.timeoutOrElse(takes(`cancel ${id.slice(3)}`), { duration: "1 second", orElse: () => Effect.void }),
      workingOrders: () => Effect.sync(() => {
        sent.push("picture")
        return []
      })
    }
  }))

it.effect("the most urgent leaves first, then the oldest: cancel, protective, exit, entry, query", () => {
  const sent: Array<string> = []
  const story = Effect.gen(function*() {
    yield* pass(2)
    const { calendars, instruments } = yield* (yield* HouseConfig).current
    const instrument = Resolve.byId(instruments, InstrumentId.make("MESZ26"), calendars)
    if (instrument._tag === "None") return assert.fail("no instrument")
    const session = (yield* BrokerSession.client)("paper-demo")
    const submit = (name: string, leg: Leg) => session.Ask({ afterSeq: 0, request: Submit.make({ order: order(name, leg), instrument: instrument.value }) })
    for (const name of ["busy1", "busy2", "busy3", "busy4"]) yield* submit(name, "exit")
    yield* TestClock.adjust("100 millis")
    sent.length = 0

    yield* session.Ask({ afterSeq: 0, request: Snapshot.make({ accountId, orderIds: [], sinceMs: 0 }) })
    yield* submit("entry1", "entry")
    yield* submit("entry2", "entry")
    yield* submit("target1", "target")
    yield* submit("exit1", "exit")
    yield* session.Ask({ afterSeq: 0, request: Modify.make({ accountId, orderId: ClientOrderId.make("il-t"), lots: Lots.make(1), limit: Ticks.make(5) }) })
    yield* submit("stop1", "stop")
    yield* session.Ask({ afterSeq: 0, request: Modify.make({ accountId, orderId: ClientOrderId.make("il-s"), lots: Lots.make(1), stop: Ticks.make(5) }) })
    yield* session.Ask({ afterSeq: 0, request: Cancel.make({ accountId, orderId: ClientOrderId.make("il-c1") }) })
    yield* session.Ask({ afterSeq: 0, request: Cancel.make({ accountId, orderId: ClientOrderId.make("il-c2") }) })
    assert.deepStrictEqual(sent, [])
    yield* pass(5)
    assert.deepStrictEqual(sent, ["cancel c1", "cancel c2", "stop1", "modify s", "target1", "exit1", "modify t", "entry1", "entry2", "picture"])
  })
  return Effect.andThen(begin, Effect.provide(story, Layer.provideMerge(lifeAt<never>({}, recorded(sent)), silent))).pipe(Effect.provide(wideWorld))
})
