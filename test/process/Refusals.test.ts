/** What the webhook answers to what it does not take, and to what it took before. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { folder } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"

const good = { strategy: "demo-futures", action: "buy", symbol: "MES1!" }

const brief = (answer: Option.Option<Process.Answer>) => {
  const { body, status } = Option.getOrThrow(answer)
  return [status, body["error"], ...("path" in body ? [body["path"]] : [])].join(" ")
}

describe("the webhook of a running house", () => {
  it.live("refuses with its reason, counts it, and orders nothing", () => Effect.gen(function*() {
    const house = yield* Process.start(yield* folder)
    const secret = Process.secretOf(house.data)
    const body = (fields: Readonly<Record<string, unknown>>) => JSON.stringify({ secret, ...good, ...fields })
    const answers = [
      yield* Process.send(house, "futures", body({ secret: "not-it" })),
      yield* Process.send(house, "futures", body({ strategy: "nobody" })),
      yield* Process.send(house, "futures", body({ tp: "soon" })),
      yield* Process.send(house, "futures", `${body({})}}`),
      yield* Process.send(house, "nowhere", body({})),
      yield* Process.send(house, "futures", body({ note: "x".repeat(70_000) }))
    ]
    assert.deepStrictEqual(answers.map(brief), [
      "401 badSecret", "422 unknownStrategy strategy", "422 invalid tp", "400 undecodable", "404 unknownLane", "413 tooLarge"
    ])
    for (const answer of answers) assert.notInclude(JSON.stringify(answer), secret)

    const alerts = JSON.parse((yield* Process.cli(house.data, "alerts", "--json")).out)
    assert.deepStrictEqual(alerts.map(({ refusal, status }: { refusal: { error: string }; status: string }) => `${status} ${refusal.error}`), [
      "refused unknownStrategy", "refused invalid"
    ])
    const status = JSON.parse((yield* Process.cli(house.data, "status", "--json")).out)
    assert.deepStrictEqual(status.refusedDeliveries, { badSecret: 1, undecodable: 1, unknownLane: 1, tooLarge: 1 })
    assert.strictEqual((yield* Process.cli(house.data, "orders", "--json")).out, "[]\n")
  }).pipe(Effect.scoped))

  it.live("knows an alert by its id: same answer, no second order", () => Effect.gen(function*() {
    const house = yield* Process.start(yield* folder)
    yield* Process.open(house)
    const first = Option.getOrThrow(yield* Process.alert(house, "futures", { ...good, id: "once" }))
    assert.deepStrictEqual([first.status, first.body["status"]], [200, "accepted"])
    yield* Process.settled(house)
    const before = yield* Process.ask(house, (client) => client.Orders({}))
    assert.isTrue(before.length > 0)

    const again = Option.getOrThrow(yield* Process.alert(house, "futures", { ...good, id: "once", note: "other bytes" }))
    assert.deepStrictEqual([again.status, again.body], [200, { alertId: first.body["alertId"], status: "duplicate" }])
    const inbox = yield* Process.settled(house)
    assert.deepStrictEqual(inbox.map(({ status }) => status), ["accepted", "duplicate"])
    const after = yield* Process.ask(house, (client) => client.Orders({}))
    assert.deepStrictEqual(after.map(({ clientOrderId }) => clientOrderId), before.map(({ clientOrderId }) => clientOrderId))
  }).pipe(Effect.scoped))
})
