/** Every adapter before the same trial. */
import { Effect, Layer } from "effect"
import { AccountId } from "#schemas/Ids.ts"
import type { Capabilities } from "#src/ports/Venue.ts"
import * as Paper from "#src/venues/paper/Paper.ts"
import { HouseConfig } from "#config/House.ts"
import * as PaperBench from "#test/src/venues/paper/fixture.ts"
import { MarketScript } from "#test/support/market.ts"
import { Bench, conformance } from "#test/venues/conformance.ts"
import * as Fixture from "#test/venues/reference/fixture.ts"

const all: Capabilities = {
  nativeBrackets: true, reduceOnly: true, oca: true, modify: true, lookupProvesAfterMs: 0, wireEndsWithUs: true, isSimulated: true
}

const paper = (switches: Partial<Pick<Capabilities, "nativeBrackets" | "reduceOnly" | "oca">>) => Layer.effect(Bench, Effect.gen(function*() {
  yield* PaperBench.begin
  const script = yield* MarketScript
  const adapter = yield* Paper.make
  const login = (yield* (yield* HouseConfig).current).logins.get(PaperBench.loginId)
  if (login === undefined) return yield* Effect.die("no login in the fixture")
  return Bench.of({
    connect: adapter.connect(login), login: PaperBench.loginId, account: PaperBench.account, instrument: PaperBench.instrument,
    moves: (bid) => script.set("MES", bid, bid + 1)
  })
})).pipe(Layer.provide(PaperBench.world(switches)))

const reference = (style: "native" | "plain") => Layer.effect(Bench, Effect.gen(function*() {
  const { market } = yield* Fixture.FakeVenue
  const adapter = yield* Fixture.makeAdapter
  return Bench.of({
    connect: adapter.connect(yield* Fixture.login), login: Fixture.loginId, account: AccountId.make("ref-a"), instrument: PaperBench.instrument,
    moves: (bid) => Effect.sync(() => market.set("MESZ26", (bid / 4).toFixed(2)))
  })
})).pipe(
  Layer.provide(Fixture.transports),
  Layer.provide(Layer.merge(Fixture.config(), Layer.unwrap(Effect.as(PaperBench.begin, Fixture.fake(style)))))
)

const bare = { nativeBrackets: false, reduceOnly: false, oca: false }
const network = { lookupProvesAfterMs: 5_500, wireEndsWithUs: false }

conformance("paper", all, paper({}))
conformance("paper, bare", { ...all, ...bare }, paper(bare))
conformance("reference, native", { ...all, ...network }, reference("native"))
conformance("reference, plain", { ...all, ...bare, ...network }, reference("plain"))
