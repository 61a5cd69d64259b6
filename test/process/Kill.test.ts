/**
 * The process dies in the middle of fifty alerts, again while it recovers, and starts once more. Nothing acknowledged is lost, nothing is
 * doubled, no position is without its stop, and the journal says what the venue says.
 *
 * The moments are drawn from a seed that a failure names: INTERLOCK_TEST_SEED=<seed> draws them again.
 */
import { assert, describe, it } from "@effect/vitest"
import { Array, Deferred, Effect, Fiber, Option, Random } from "effect"
import type { AlertView, OrderView } from "#schemas/contracts/Views.ts"
import { folder } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"
import * as Witness from "./witness.ts"

const alertsCount = 50
/** Alerts arrive within this time, so that some are at the venue when others come in. */
const spreadMs = 300

const markets = [
  { lane: "futures", strategy: "demo-futures", symbol: "MES1!" },
  { lane: "futures", strategy: "demo-futures", symbol: "MNQ1!" },
  { lane: "crypto", strategy: "demo-crypto", symbol: "BTCUSD" },
  { lane: "crypto", strategy: "demo-crypto", symbol: "ETHUSD" }
]

interface Planned {
  readonly lane: string
  readonly afterMs: number
  readonly body: Readonly<Record<string, unknown>> & { readonly id: string }
}

/** Entries to both sides and exits, over all markets. */
const plan = Effect.forEach(Array.range(1, alertsCount), (n) => Effect.gen(function*() {
  const { lane, ...market } = markets[n % markets.length]!
  const action = yield* Random.choice(["buy", "buy", "sell", "exit"])
  const planned: Planned = { lane, afterMs: yield* Random.nextIntBetween(0, spreadMs), body: { ...market, action, id: `alert-${n}` } }
  return planned
}))

/** All at once, each at its moment. The answers that came, by the alert's own id. */
const fire = Effect.fnUntraced(function*(house: Process.House, planned: ReadonlyArray<Planned>, onAnswer: (count: number) => Effect.Effect<void>) {
  const answers = new Map<string, Process.Answer>()
  yield* Effect.forEach(planned, ({ afterMs, body, lane }) => Effect.gen(function*() {
    yield* Effect.sleep(afterMs)
    const answer = yield* Process.alert(house, lane, body)
    if (Option.isNone(answer)) return
    answers.set(body.id, answer.value)
    yield* onAnswer(answers.size)
  }), { concurrency: "unbounded", discard: true })
  return answers
})

/** Kills it a little after so many answers, while more are on their way. */
const fireAndKill = Effect.fnUntraced(function*(house: Process.House, planned: ReadonlyArray<Planned>, moment: { readonly answers: number; readonly thenMs: number }) {
  const isTime = yield* Deferred.make<void>()
  const killing = yield* Effect.forkChild(Deferred.await(isTime).pipe(Effect.andThen(Effect.sleep(moment.thenMs)), Effect.andThen(Process.kill(house))))
  const answers = yield* fire(house, planned, (count) => count === moment.answers ? Effect.asVoid(Deferred.succeed(isTime, undefined)) : Effect.void)
  yield* Effect.andThen(Deferred.succeed(isTime, undefined), Fiber.join(killing))
  return answers
})

const counts = (names: ReadonlyArray<string>) => {
  const found = new Map<string, number>()
  for (const name of names) found.set(name, (found.get(name) ?? 0) + 1)
  return found
}
const twice = (names: ReadonlyArray<string>) => [...counts(names)].filter(([, count]) => count > 1).map(([name, count]) => `${name} x${count}`)

const nothingIsDoubled = (orders: ReadonlyArray<OrderView>, data: string) => {
  const entries = orders.filter(({ leg, status }) => leg === "entry" && status !== "Withheld")
  assert.deepStrictEqual(twice(entries.map(({ accountId, alertId }) => `${alertId} ${accountId}`)), [], "one entry per alert and account")
  const { fills, placed } = Witness.venue(data)
  assert.deepStrictEqual(twice(placed), [], "the venue saw each order once")
  assert.deepStrictEqual(twice(fills), [])
  const rows = Witness.journal(data)
  assert.deepStrictEqual(twice(rows.flatMap(({ event, stream }) => event._tag === "OutcomeReached" ? [`${event.alertId} ${stream}`] : [])), [], "one outcome each")
  assert.deepStrictEqual(twice(rows.flatMap(({ event }) => event._tag === "AlertGated" ? [event.alertId] : [])), [], "gated once")
  const drift = rows.filter(({ event }) => event._tag === "DriftFound" || event._tag === "Restarted" || event._tag === "ProtectionAlarm")
  assert.deepStrictEqual(drift, [], "nothing that no order explains, no actor died, no alarm")
}

const lotsPer: Readonly<Record<string, number>> = { PF_XBTUSD: 10_000, PF_ETHUSD: 1_000 }

/** Positions as the house shows them and as the venue's own books have them, all under a stop. Prices move meanwhile: it may take a look or two. */
const agreesWithVenue = (house: Process.House) =>
  Process.until("the venue's own positions, all protected", 10_000, Effect.map(Process.ask(house, (client) => client.Positions()), (positions) => {
    const shown = positions.map(({ accountId, quantity, symbol }) => `${accountId} ${symbol} ${Math.round(Number(quantity) * (lotsPer[symbol] ?? 1))}`).sort()
    const { net } = Witness.venue(house.data)
    const isCovered = positions.every(({ protection }) => protection.state === "protected")
    return isCovered && shown.join() === net.join() ? Option.some(positions) : JSON.stringify({ positions, net })
  }))

const isKept = (inbox: ReadonlyArray<AlertView>, answers: ReadonlyMap<string, Process.Answer>) => {
  for (const [id, { body, status }] of answers) {
    assert.strictEqual(status, 200, `${id}: ${JSON.stringify(body)}`)
    const alert = inbox.find(({ alertId }) => alertId === body["alertId"])
    assert.strictEqual(alert?.outcomes.length, 3, `${id} was answered 200 and ended on every account`)
  }
}

/** An outcome says what the orders say. */
const isTrue = (inbox: ReadonlyArray<AlertView>, orders: ReadonlyArray<OrderView>) => {
  const filled = new Set(orders.flatMap((order) => order.leg === "entry" && Number(order.filled) > 0 ? [`${order.alertId} ${order.accountId}`] : []))
  for (const { alertId, outcomes } of inbox) {
    for (const { accountId, outcome } of outcomes) {
      assert.strictEqual(outcome === "filled" || outcome === "partlyFilled", filled.has(`${alertId} ${accountId}`), `${alertId} on ${accountId} ended ${outcome}`)
    }
  }
}

const round = Effect.fnUntraced(function*(moment: { readonly answers: number; readonly thenMs: number }) {
  const data = yield* folder
  const planned = yield* plan
  const first = yield* Process.start(data)
  yield* Process.open(first)
  const answers = yield* fireAndKill(first, planned, moment)
  assert.isAtLeast(answers.size, moment.answers)

  yield* Process.kill(yield* Process.start(data))
  const house = yield* Process.start(data)
  isKept(yield* Process.settled(house), answers)
  nothingIsDoubled(yield* Process.ask(house, (client) => client.Orders({ limit: 10_000 })), data)
  yield* agreesWithVenue(house)

  const again = yield* fire(house, planned.map((one) => ({ ...one, afterMs: 0 })), () => Effect.void)
  for (const [id, { body }] of answers) assert.deepStrictEqual(again.get(id)?.body, { alertId: body["alertId"], status: "duplicate" }, id)
  assert.deepStrictEqual([...again.values()].filter(({ status }) => status !== 200), [])
  const inbox = yield* Process.settled(house)
  isKept(inbox, again)
  isTrue(inbox, yield* Process.ask(house, (client) => client.Orders({ limit: 10_000 })))
  yield* agreesWithVenue(house)
  yield* Process.leave(house)

  const last = yield* Process.start(data)
  yield* Process.open(last)
  yield* agreesWithVenue(last)
  nothingIsDoubled(yield* Process.ask(last, (client) => client.Orders({ limit: 10_000 })), data)
  return answers.size
})

const drawn = process.env["INTERLOCK_TEST_SEED"]

describe.concurrent("killed in the middle of fifty alerts", () => {
  for (const answers of [5, 20, 40]) {
    it.live(`after ${answers} answers: nothing is lost, doubled or left bare`, () => Effect.gen(function*() {
      const seed = drawn ?? String(yield* Random.nextIntBetween(1, 1_000_000))
      const draw = Effect.gen(function*() {
        return yield* round({ answers, thenMs: yield* Random.nextIntBetween(0, 40) })
      })
      yield* draw.pipe(
        Random.withSeed(seed),
        Effect.tapCause(() => Effect.sync(() => process.stderr.write(`INTERLOCK_TEST_SEED=${seed} draws these moments again\n`)))
      )
    }).pipe(Effect.scoped), 180_000)
  }
})
