/** Tradovate before the same trial as every adapter, in each of the readings that its protocol leaves open. */
import { Effect, Layer } from "effect"
import type { Capabilities } from "#src/ports/Venue.ts"
import * as Readings from "#src/simulation/venues/tradovate/Switches.ts"
import type * as Fake from "#src/simulation/venues/tradovate/Tradovate.ts"
import * as PaperBench from "#test/src/venues/paper/fixture.ts"
import { Bench, conformance } from "#test/venues/conformance.ts"
import * as Fixture from "#test/venues/tradovate/fixture.ts"

const capabilities: Capabilities = {
  nativeBrackets: true, reduceOnly: false, oca: true, modify: true, lookupProvesAfterMs: undefined, wireEndsWithUs: false, isSimulated: false
}

const tradovate = (switches: Parameters<typeof Fake.make>[0]["switches"] = {}) => Layer.effect(Bench, Effect.gen(function*() {
  const { market } = yield* Fixture.FakeVenue
  const adapter = yield* Fixture.makeAdapter
  return Bench.of({
    connect: adapter.connect(yield* Fixture.login), login: Fixture.loginId, account: Fixture.account, instrument: PaperBench.instrument,
    moves: (bid) => Effect.sync(() => market.set("MESZ26", (bid / 4).toFixed(2)))
  })
})).pipe(
  Layer.provide(Fixture.transports),
  Layer.provide(Layer.merge(Fixture.config(), Layer.unwrap(Effect.as(PaperBench.begin, Fixture.fake({ switches })))))
)

/** Every point that no source proves, as it usually is not. */
const otherwise = Object.fromEntries(Object.entries(Readings.readings).map(([name, all]) => [name, all.at(-1)]))

conformance("tradovate", capabilities, tradovate())
conformance("tradovate, the other readings", capabilities, tradovate(otherwise))
