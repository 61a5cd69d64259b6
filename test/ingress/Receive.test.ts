/** What each delivery is answered, in which order it is judged, and what of it is kept. On the test's clock. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Random } from "effect"
import { TestClock } from "effect/testing"
import * as Lanes from "#config/Lanes.ts"
import { LaneId } from "#schemas/Ids.ts"
import { Door } from "#src/ingress/Door.ts"
import type { Incoming } from "#src/ingress/Receive.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import { house } from "#test/support/house.ts"
import { alert, brief, deliver, deliveryTags, idOf, lanes, notesOf, otherSecret, receiving, receivingOf, rows, secret } from "./support.ts"

const wrong = { secret: "open-sesame-4712" }

const codes: ReadonlyArray<readonly [what: string, body: string | Uint8Array, more: Partial<Incoming>, answer: string]> = [
  ["a good alert", alert(), {}, "200 accepted"],
  ["its secret in the path", alert({ secret: undefined }), { token: secret }, "200 accepted"],
  ["its secret in the path and a wrong one in the body", alert(wrong), { token: secret }, "200 accepted"],
  ["text/plain", alert(), { contentType: "text/plain" }, "200 accepted"],
  ["no content type", alert(), { contentType: undefined }, "200 accepted"],
  ["a repaired body", alert().replace("}", ",\"tp\":NaN,}"), {}, "200 accepted"],
  ["the legacy format", `{"token":"${secret}","action":"buy","symbol":"MES1!"}`, {}, "200 accepted"],
  ["a month", alert({ symbol: "MESZ26" }), {}, "200 accepted"],
  ["an exchange's prefix", alert({ symbol: "CME_MINI:MES1!" }), {}, "200 accepted"],
  ["an allowed address", alert(), { lane: "guarded", peer: "52.89.214.238" }, "200 accepted"],
  ["an allowed address inside IPv6", alert(), { lane: "guarded", peer: "::ffff:52.89.214.238" }, "200 accepted"],
  ["an allowed range", alert(), { lane: "guarded", peer: "10.200.3.4" }, "200 accepted"],
  ["a forwarded address", alert(), { lane: "proxied", peer: "127.0.0.1", forwardedFor: "1.2.3.4, 52.89.214.238" }, "200 accepted"],

  ["too large", new Uint8Array(0), { body: "tooLarge" }, "413 tooLarge"],
  ["too large for no lane", "", { body: "tooLarge", lane: "none" }, "413 tooLarge"],
  ["too large from a stranger", "", { body: "tooLarge", lane: "guarded" }, "413 tooLarge"],
  ["another address", alert(), { lane: "guarded" }, "403 sourceNotAllowed"],
  ["another address, no JSON", "oops", { lane: "guarded" }, "403 sourceNotAllowed"],
  ["another address forwarded", alert(), { lane: "proxied", peer: "127.0.0.1", forwardedFor: "52.89.214.238, 9.9.9.9" }, "403 sourceNotAllowed"],
  ["a forwarded header from no proxy", alert(), { lane: "guarded", forwardedFor: "52.89.214.238" }, "403 sourceNotAllowed"],
  ["a forwarded header that is no address", alert(), { lane: "proxied", peer: "127.0.0.1", forwardedFor: "52.89.214.238, x" }, "403 sourceNotAllowed"],
  ["no such lane", alert(), { lane: "none" }, "404 unknownLane"],
  ["no such lane, no JSON, wrong secret", "oops", { lane: "none" }, "404 unknownLane"],
  ["a lane that is off", alert(), { lane: "closed" }, "404 unknownLane"],
  ["no JSON", "buy MES1!", {}, "400 undecodable"],
  ["no JSON and a good secret in the path", "buy MES1!", { token: secret }, "400 undecodable"],
  ["a list", "[]", {}, "400 undecodable"],
  ["no secret", alert({ secret: undefined }), {}, "401 badSecret"],
  ["an empty secret", alert({ secret: "" }), {}, "401 badSecret"],
  ["a wrong secret", alert(wrong), {}, "401 badSecret"],
  ["a wrong secret and no schema", `{"secret":"${wrong.secret}"}`, {}, "401 badSecret"],
  ["a wrong secret and an unknown strategy", alert({ ...wrong, strategy: "none" }), {}, "401 badSecret"],
  ["a wrong secret in the path", alert({ secret: undefined }), { token: "no" }, "401 badSecret"],
  ["a secret under a wrong name", alert({ secret: undefined, Secret: secret }), {}, "401 badSecret"],
  ["a secret that begins rightly", alert({ secret: secret.slice(0, -1) }), {}, "401 badSecret"],
  ["a field amiss", alert({ tp: "near" }), {}, "422 invalid tp"],
  ["a field amiss and an unknown strategy", alert({ sl: { ticks: -1 }, strategy: "none" }), {}, "422 invalid sl.ticks"],
  ["an unknown strategy", alert({ strategy: "none" }), {}, "422 unknownStrategy strategy"],
  ["an unknown strategy and symbol", alert({ strategy: "none", symbol: "XYZ" }), {}, "422 unknownStrategy strategy"],
  ["an unknown symbol", alert({ symbol: "XYZ" }), {}, "422 unknownSymbol symbol"],
  ["a limit order without its price", alert({ orderType: "limit" }), {}, "422 invalid limitPrice"]
]

describe("the answer to", () => {
  for (const [what, body, more, answer] of codes) {
    it.effect(what, () =>
      Effect.gen(function*() {
        assert.strictEqual(brief(yield* deliver(body, more)), answer)
        const isOurs = answer.startsWith("200") || answer.startsWith("422")
        assert.deepStrictEqual(yield* deliveryTags, isOurs ? [answer.startsWith("200") ? "AlertAccepted" : "AlertRefused"] : [])
        const counted = yield* (yield* RefusedDeliveries).counts
        assert.deepStrictEqual(counted, isOurs ? {} : { [answer.slice(4)]: 1 })
      }).pipe(Effect.provide(receiving)))
  }
})

describe("a stranger", () => {
  it.effect("learns of no lane where every lane has its list", () =>
    Effect.gen(function*() {
      const at = (peer: string) => Effect.forEach(["futures", "none"], (lane) => Effect.map(deliver(alert(), { lane, peer }), brief))
      assert.deepStrictEqual(yield* at("9.9.9.9"), ["403 sourceNotAllowed", "403 sourceNotAllowed"])
      assert.deepStrictEqual(yield* at("10.1.2.3"), ["200 accepted", "404 unknownLane"])
    }).pipe(Effect.provide(receivingOf(house({ lanes: { futures: lanes.guarded, crypto: { enabled: false } } })))))

  it.effect("hears 429 after many failures; who knows the secret never does", () =>
    Effect.gen(function*() {
      const answers = yield* Effect.forEach(Array.from({ length: 22 }), () => deliver(alert(wrong)))
      assert.deepStrictEqual(answers.slice(18).map(brief), ["401 badSecret", "401 badSecret", "429 tooManyFailures", "429 tooManyFailures"])
      assert.strictEqual(brief(yield* deliver(alert())), "200 accepted")
      assert.strictEqual(brief(yield* deliver(alert(wrong), { peer: "192.0.2.8" })), "401 badSecret")
      assert.strictEqual(brief(yield* deliver("oops")), "400 undecodable")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(brief(yield* deliver(alert(wrong))), "401 badSecret")
    }).pipe(Effect.provide(receiving)))

  it.effect("is counted by source and error", () =>
    Effect.gen(function*() {
      yield* deliver("oops")
      yield* deliver("oops")
      yield* deliver(alert(wrong), { peer: "192.0.2.8" })
      const refused = yield* RefusedDeliveries
      assert.deepStrictEqual(yield* refused.counts, { undecodable: 2, badSecret: 1 })
      assert.deepStrictEqual((yield* refused.sources).map(({ source, error, count }) => [source, error, count]), [
        ["192.0.2.8", "badSecret", 1], ["192.0.2.7", "undecodable", 2]
      ])
    }).pipe(Effect.provide(receiving)))
})

describe("what is kept", () => {
  it.effect("is the delivery as it came, and what was made of it", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_769_869_800_000)
      const body = alert({ tp: "40t", id: "x-1", mood: "good" }).replace("}", ",\"price\":NaN}")
      const answer = yield* deliver(body, { contentType: "text/plain" })
      const [row] = yield* rows
      assert.strictEqual(row?.stream, "ingress/futures")
      if (row?.event._tag !== "AlertAccepted") return assert.fail(row?.event._tag)
      const { delivery, signal, alertId } = row.event
      assert.strictEqual(alertId, idOf(answer))
      assert.deepStrictEqual(
        { ...delivery, bodyHash: delivery.bodyHash.length },
        {
          lane: signal.lane, receivedAtMs: 1_769_869_800_000, source: "192.0.2.7", contentType: "text/plain", format: "canonical",
          body: body.replace(secret, "***"), repairs: ["bareValue"], notes: ["unknown field \"mood\""], bodyHash: 43
        }
      )
      assert.deepStrictEqual(signal.takeProfit, { _tag: "Distance", ticks: 40 })
    }).pipe(Effect.provide(receiving)))

  it.effect("says when the sender's clock is ahead", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_769_869_800_000)
      yield* deliver(alert({ timenow: 1_769_869_805 }))
      yield* deliver(alert({ timenow: 1_769_869_812 }))
      const notes = (yield* rows).flatMap((row) => row.event._tag === "AlertAccepted" ? [row.event.delivery.notes] : [])
      assert.deepStrictEqual(notes, [[], ["the sender's clock is ahead by 12 s"]])
    }).pipe(Effect.provide(receiving)))

  it.effect("says why it was refused, with path, expected and got", () =>
    Effect.gen(function*() {
      const { body } = yield* deliver(alert({ tp: "near" }))
      const [row] = yield* rows
      assert.deepStrictEqual(row?.event._tag === "AlertRefused" ? row.event.refusal : undefined, body)
      assert.match("message" in body ? body.message : "", /^tp: expected a price .* got "near"$/)
    }).pipe(Effect.provide(receiving)))

  it.effect("is of a refused one what could be read, and the nearest name that there is", () =>
    Effect.gen(function*() {
      const message = (fields: Record<string, unknown>) => Effect.map(deliver(alert(fields)), ({ body }) => "message" in body ? body.message : "")
      assert.strictEqual(
        yield* message({ strategy: "demo-future" }),
        "strategy: expected one of strategies.json, got \"demo-future\"; did you mean \"demo-futures\"?"
      )
      assert.strictEqual(
        yield* message({ symbol: "CME_MINI:MSS1!" }),
        "symbol: expected an instrument of instruments.json, got \"CME_MINI:MSS1!\"; did you mean \"MES1!\"?"
      )
      assert.strictEqual(yield* message({ strategy: "quite-another" }), "strategy: expected one of strategies.json, got \"quite-another\"")
      yield* deliver(alert({ action: "long" }))
      yield* deliver(alert({ tp: "near", strategy: secret }))
      const kept = (yield* rows).flatMap(({ event }) => event._tag === "AlertRefused" ? [event.partial ?? event.signal?.action ?? "none"] : [])
      assert.deepStrictEqual(kept, [
        "buy", "buy", "buy", { strategy: "demo-futures", symbol: "MES1!" }, { strategy: "***", action: "buy", symbol: "MES1!" }
      ])
    }).pipe(Effect.provide(receiving)))

  it.effect("is nothing on a lane that this process does not serve", () =>
    Effect.gen(function*() {
      assert.strictEqual(brief(yield* deliver(alert())), "200 accepted")
      assert.strictEqual(brief(yield* deliver(alert({ strategy: "demo-crypto", symbol: "BTCUSD" }), { lane: "crypto" })), "404 unknownLane")
      assert.strictEqual(brief(yield* deliver(alert({ strategy: "demo-crypto", symbol: "BTCUSD" }))), "422 unknownStrategy strategy")
    }).pipe(Effect.provide(receivingOf(Lanes.served(house(), [LaneId.make("futures")])))))

  it.effect("holds no secret, wherever one stands", () =>
    Effect.gen(function*() {
      const token = { token: secret }
      const escaped = `"${Array.from(secret, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`
      const bodies = [
        alert(), alert({ id: secret }), alert({ id: `x${otherSecret}` }), alert({ symbol: secret }), alert({ symbol: `${secret}:MES1!` }),
        alert({ strategy: secret }), alert({ tp: "near", symbol: secret }), alert({ action: secret }), alert({ tp: { [secret]: 1 } }), alert({ [secret]: 1 }),
        alert({ script_id: secret, source_symbol: secret, lane: otherSecret }), alert({ comment: `my token is ${secret}` }),
        alert().replace(`"${secret}"`, escaped), alert({ comment: "escaped" }).replace("\"escaped\"", escaped), alert({ Secret: "unknown-elsewhere", PASSWORD: "unknown-elsewhere", "\u0054oken": "unknown-elsewhere" }),
        alert({ nested: { apiKey: "unknown-elsewhere" } }), `{\u201csecret\u201d:\u201cunknown,elsewhere\u201d,${alert().slice(1)}`,
        `{"key": unknown-elsewhere ,"source_symbol":A,${alert().slice(1)}`, alert({ token: 990_817_263 })
      ]
      for (const body of bodies) yield* deliver(body, { ...token, contentType: `text/${secret}` })
      const kept = yield* rows
      assert.isAtLeast((yield* deliveryTags).length, bodies.length - 1)
      const received = kept.flatMap(({ event }) => "delivery" in event ? [event.delivery.body] : [])
      const text = JSON.stringify(kept, (_key, value) => typeof value === "bigint" ? String(value) : value) + received.join("\n")
      for (const hidden of [secret, otherSecret, "unknown-elsewhere", "unknown,elsewhere", "990817263", escaped.slice(1, 20)]) {
        assert.notInclude(text, hidden)
      }
    }).pipe(Effect.provide(receiving)))

  it.effect("tells no secret in an answer", () =>
    Effect.gen(function*() {
      for (const fields of [{ tp: secret }, { symbol: secret }, { strategy: secret }, { action: otherSecret }]) {
        assert.notMatch(JSON.stringify(yield* deliver(alert(fields))), /sesame|another-house/)
      }
    }).pipe(Effect.provide(receiving)))
})

describe("the door", () => {
  it.effect("once closed answers 503 to everyone and keeps nothing", () =>
    Effect.gen(function*() {
      yield* deliver(alert())
      yield* (yield* Door).close
      const answer = yield* deliver(alert({ quantity: 1 }))
      assert.deepStrictEqual(answer, { status: 503, body: { error: "notDurable", message: "not durable now: send it again" } })
      assert.strictEqual(brief(yield* deliver(alert(wrong))), "503 notDurable")
      assert.deepStrictEqual(yield* deliveryTags, ["AlertAccepted"])
    }).pipe(Effect.provide(receiving)))
})

describe("an alert's id", () => {
  const three = Effect.gen(function*() {
    const ids: Array<string> = []
    for (const quantity of [1, 2, 3]) {
      ids.push(idOf(yield* deliver(alert({ quantity }))))
      yield* TestClock.adjust("1 milli")
    }
    return ids
  })

  it.effect("sorts by time", () =>
    Effect.gen(function*() {
      const ids = yield* three
      assert.deepStrictEqual(ids.toSorted(), ids)
      assert.strictEqual(new Set(ids).size, 3)
    }).pipe(Effect.provide(receiving)))

  it.effect("is the same under the same seed", () =>
    Effect.gen(function*() {
      const run = (seed: string) =>
        Effect.gen(function*() {
          yield* TestClock.setTime(0)
          return yield* three
        }).pipe(Effect.provide(Layer.fresh(receiving)), Random.withSeed(seed))
      const [one, again, other] = [yield* run("a"), yield* run("a"), yield* run("b")]
      assert.deepStrictEqual(again, one)
      assert.notDeepEqual(other, one)
    }))
})

describe("fifty alerts at once", () => {
  it.effect("are all accepted, each once", () =>
    Effect.gen(function*() {
      const answers = yield* Effect.forEach(
        Array.from({ length: 50 }, (_, index) => index + 1), (quantity) => deliver(alert({ quantity })), { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(new Set(answers.map(brief)), new Set(["200 accepted"]))
      assert.strictEqual(new Set(answers.map(idOf)).size, 50)
      assert.strictEqual((yield* deliveryTags).length, 50)
      assert.deepStrictEqual(notesOf((yield* rows)[0]), [])
    }).pipe(Effect.provide(receiving)))
})
