/** Quotes and bars over a socket of their own: paid for or not, there or gone. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { Quote } from "#schemas/Quote.ts"
import type { Connection } from "#src/ports/Venue.ts"
import { begin, instrument, order, startMs } from "#test/src/venues/paper/fixture.ts"
import * as Fixture from "#test/venues/tradovate/fixture.ts"
import { ask, pass, signedIn } from "#test/venues/tradovate/signedIn.ts"
import * as Stub from "#test/venues/tradovate/stub.ts"

const { account } = Fixture

const quoted = <A, E>(
  test: (connection: Connection, heard: ReadonlyArray<Quote>) => Effect.Effect<A, E, Fixture.FakeVenue>,
  options: Parameters<typeof Fixture.fake>[0] = {},
  settings: Parameters<typeof Fixture.config>[0] = {}
) => Effect.gen(function*() {
  const connection = yield* ask(Fixture.connect)
  const heard: Array<Quote> = []
  yield* Effect.forkChild(Effect.ignore(Stream.runForEach(connection.quotes, (quote) => Effect.sync(() => heard.push(quote)))))
  yield* pass(3)
  return yield* test(connection, heard)
}).pipe(Effect.scoped, Effect.provide(Fixture.transports), Effect.provide(Layer.merge(Fixture.config(settings), Layer.unwrap(Effect.as(begin, Fixture.fake(options))))))

const [user] = Fixture.fakeOptions.users
const unpaid = { users: user === undefined ? [] : [{ ...user, hasMarketData: false }] }

describe("market data", () => {
  it.effect("tells of front months that the accounts may trade, put together from parts, and comes back by itself", () => signedIn(({ connection, end, stub }) => Effect.gen(function*() {
    const heard: Array<string> = []
    yield* Effect.forkChild(Effect.ignore(Stream.runForEach(connection.quotes, ({ ask: high, bid, instrumentId, last }) => Effect.sync(() => heard.push(`${instrumentId} ${bid} ${high} ${last}`)))))
    yield* pass(1)
    const socket = Option.getOrThrow(Option.fromUndefinedOr(stub.sockets.find(({ url }) => url === "wss://md.test/v1/websocket")))
    assert.deepStrictEqual(socket.said.filter((text) => text !== "[]"), ["authorize\n0\n\nmd-1-canary", "md/subscribeQuote\n1\n\n{\"symbol\":\"MESZ6\"}"])
    const tell = (entries: unknown) => socket.event("md", { quotes: [{ timestamp: Stub.iso(startMs), contractId: Stub.contractId, entries }] })
    tell({ Bid: { price: 6900, size: 3 } })
    tell({ Offer: { price: 6900.25 } })
    tell({ Trade: { price: 6900.25 }, TotalTradeVolume: { size: 10 } })
    tell({ Bid: { price: 6900.1 } })
    tell({ Bid: { price: 6899.75 } })
    yield* pass(1)
    assert.deepStrictEqual(heard, ["MESZ26 27600 27601 27600", "MESZ26 27600 27601 27601", "MESZ26 27599 27601 27601"])
    socket.close(1006, "")
    yield* pass(6)
    assert.deepStrictEqual(stub.socket().said.filter((text) => text !== "[]"), socket.said.filter((text) => text !== "[]"))
    assert.notStrictEqual(stub.socket(), socket)
    assert.isUndefined(end())
  }), { settings: { marketDataUrl: "https://md.test" }, beats: false }))

  it.effect("takes bid and offer of one message together, and a feed that stands still for no live one", () => signedIn(({ connection, stub }) => Effect.gen(function*() {
    const heard: Array<string> = []
    yield* Effect.forkChild(Effect.ignore(Stream.runForEach(connection.quotes, ({ ask: high, atMs, bid }) => Effect.sync(() => heard.push(`${bid} ${high} ${atMs - startMs}`)))))
    yield* pass(1)
    const socket = Option.getOrThrow(Option.fromUndefinedOr(stub.sockets.find(({ url }) => url === "wss://md.test/v1/websocket")))
    const row = (entries: unknown) => ({ timestamp: Stub.iso(startMs), contractId: Stub.contractId, entries })
    socket.event("md", { quotes: [row({ Bid: { price: 6900 }, Offer: { price: 6900.25 } })] })
    socket.event("md", { quotes: [row({ Bid: { price: 6900.25 } }), row({ Offer: { price: 6900.5 } })] })
    yield* pass(0)
    assert.deepStrictEqual(heard, ["27600 27601 0", "27601 27602 0"])
    yield* pass(1)
    assert.strictEqual(heard.length, 2)
    socket.raw("h")
    yield* pass(0)
    assert.strictEqual(heard.length, 2)
  }), { settings: { marketDataUrl: "https://md.test" }, beats: false }))

  for (const [name, options, settings] of [["that nobody has paid for", unpaid, {}], ["that is not set up", {}, { marketDataUrl: null }]] as const) {
    it.effect(`${name} leaves the house blind, and trading`, () => quoted((connection, heard) => Effect.gen(function*() {
      yield* ask(connection.submit(order("a", "buy", 1, { accountId: account }), instrument))
      assert.strictEqual((yield* ask(connection.positions(account)))[0]?.net, 1)
      yield* pass(10)
      assert.deepStrictEqual(heard, [])
      const error = yield* ask(Effect.flip(connection.bars(instrument.id, startMs - 600_000, startMs, 60_000)))
      assert.include(["Refused", "Unsupported"], error._tag)
    }), options, settings))
  }

  it.effect("pages back through bars that come in parts", () => quoted((connection) => Effect.gen(function*() {
    yield* TestClock.adjust("1 second")
    const bars = yield* ask(connection.bars(instrument.id, startMs - 6 * 3_600_000, startMs, 60_000))
    assert.strictEqual(bars.length, new Set(bars.map(({ openAtMs }) => openAtMs)).size)
    assert.deepStrictEqual([bars[0]?.openAtMs, bars.at(-1)?.closeAtMs], [startMs - 6 * 3_600_000, startMs])
    assert.strictEqual(bars.length, 360)
  })))
})
