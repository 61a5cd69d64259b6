/** Every venue before the same trial: how its bench is made, what it lacks and why. */
import { Effect, Layer } from "effect"
import { HouseConfig } from "#config/House.ts"
import { AccountId } from "#schemas/Ids.ts"
import type { LoginConfig } from "#schemas/config/LoginConfig.ts"
import type { Adapter, Capabilities } from "#src/ports/Venue.ts"
import * as Readings from "#src/simulation/venues/tradovate/Switches.ts"
import type * as Tradovate from "#src/simulation/venues/tradovate/Tradovate.ts"
import type { Venue } from "#src/simulation/venues/shared/Venue.ts"
import * as Paper from "#src/venues/paper/Paper.ts"
import * as PaperFixture from "#test/src/venues/paper/fixture.ts"
import { MarketScript } from "#test/support/market.ts"
import * as ReferenceFixture from "#test/venues/reference/fixture.ts"
import * as TradovateFixture from "#test/venues/tradovate/fixture.ts"
import { Bench } from "./Bench.ts"
import { type HouseBench, paperHouse, referenceHouse, tradovateHouse } from "./House.ts"
import type { Lacks } from "./Scenario.ts"

export interface Bank {
  /** As the matrix heads its column. */
  readonly name: string
  /** Whose README shows it. */
  readonly venue: "paper" | "reference" | "tradovate"
  readonly lacks: Lacks
  /** Made anew for each trial, with a world of its own. */
  readonly bench: Layer.Layer<Bench>
  readonly house: Layer.Layer<HouseBench>
}

const tickText = (bid: number) => (bid / 4).toFixed(2)
const futures = "MESZ26"

/** What a wire with a person behind it has in common. */
const wired = (venue: Venue, account: string, make: Effect.Effect<Adapter>, login: LoginConfig, nobody: LoginConfig) => Effect.map(make, (adapter) => ({
  connect: adapter.connect(login),
  afterRestart: Effect.flatMap(make, (another) => another.connect(login)),
  asNobody: adapter.connect(nobody),
  unentitled: adapter.connect(login),
  instrument: PaperFixture.instrument,
  moves: (bid: number) => Effect.sync(() => venue.market.set(futures, tickText(bid))),
  outside: { venue, account, symbol: futures }
}))

const all: Capabilities = {
  nativeBrackets: true, reduceOnly: true, oca: true, modify: true, closeTakesOrders: false, lookupProvesAfterMs: 0, wireEndsWithUs: true, isSimulated: true
}
const bare = { nativeBrackets: false, reduceOnly: false, oca: false }
const network = { lookupProvesAfterMs: 5_500, wireEndsWithUs: false }

const paper = (expected: Capabilities, switches: Partial<typeof bare>) => Layer.effect(Bench, Effect.gen(function*() {
  yield* PaperFixture.begin
  const script = yield* MarketScript
  const services = yield* Effect.context<Effect.Services<typeof Paper.make>>()
  const make = Effect.provideContext(Paper.make, services)
  const adapter = yield* make
  const login = (yield* (yield* HouseConfig).current).logins.get(PaperFixture.loginId)
  if (login === undefined) return yield* Effect.die("no login in the fixture")
  const connect = adapter.connect(login)
  return Bench.of({
    expected, connect, afterRestart: Effect.flatMap(make, (another) => another.connect(login)), asNobody: connect, unentitled: connect,
    login: PaperFixture.loginId, account: PaperFixture.account, sibling: AccountId.make("paper-3"), instrument: PaperFixture.instrument,
    moves: (bid) => script.set("MES", bid, bid + 1), outside: undefined
  })
})).pipe(Layer.provide(PaperFixture.world({ ...switches, lotsPerFillMax: 4 })))

const reference = (style: "native" | "plain", expected: Capabilities) => Layer.effect(Bench, Effect.gen(function*() {
  const venue = yield* ReferenceFixture.FakeVenue
  const login = yield* ReferenceFixture.login
  if (login.venue !== "reference") return yield* Effect.die("not a login of this venue")
  const services = yield* Effect.context<Effect.Services<typeof ReferenceFixture.makeAdapter>>()
  const common = yield* wired(venue, "A1", Effect.provideContext(ReferenceFixture.makeAdapter, services), login, { ...login, reference: { ...login.reference, key: "nobody" } })
  return Bench.of({ ...common, expected, login: ReferenceFixture.loginId, account: ReferenceFixture.accountA, sibling: AccountId.make("ref-b") })
})).pipe(
  Layer.provide(ReferenceFixture.transports),
  Layer.provide(Layer.merge(ReferenceFixture.config(), Layer.unwrap(Effect.as(PaperFixture.begin, ReferenceFixture.fake(style, { sessionMs: 3_600_000 })))))
)

const tradovateCan: Capabilities = {
  nativeBrackets: true, reduceOnly: false, oca: true, modify: true, closeTakesOrders: true, lookupProvesAfterMs: undefined, wireEndsWithUs: false, isSimulated: false
}

const tradovate = (more: Pick<Parameters<typeof Tradovate.make>[0], "switches" | "latency">) => Layer.effect(Bench, Effect.gen(function*() {
  const venue = yield* TradovateFixture.FakeVenue
  const login = yield* TradovateFixture.login
  if (login.venue !== "tradovate") return yield* Effect.die("not a login of this venue")
  const services = yield* Effect.context<Effect.Services<typeof TradovateFixture.makeAdapter>>()
  const make = Effect.provideContext(TradovateFixture.makeAdapter, services)
  const common = yield* wired(venue, "DEMO1", make, login, { ...login, tradovate: { ...login.tradovate, name: "nobody" } })
  const { marketDataUrl: _, ...unpaid } = login.tradovate
  return Bench.of({
    ...common, unentitled: Effect.flatMap(make, (adapter) => adapter.connect({ ...login, tradovate: unpaid })), expected: tradovateCan,
    login: TradovateFixture.loginId, account: TradovateFixture.account, sibling: AccountId.make("tv-b")
  })
})).pipe(
  Layer.provide(TradovateFixture.transports),
  Layer.provide(Layer.merge(TradovateFixture.config(), Layer.unwrap(Effect.as(PaperFixture.begin, TradovateFixture.fake(more)))))
)

/** Every point that no source proves, as it usually is not. */
export const otherReadings: Parameters<typeof Tradovate.make>[0]["switches"] =
  Object.fromEntries(Object.entries(Readings.readings).map(([name, readings]) => [name, readings.at(-1)]))

const hasNoBrackets: Lacks = { "native brackets": "no native brackets", "refused child": "no native brackets" }
const hasBrackets: Lacks = { "no native brackets": "has native brackets" }
const noReduceOnly: Lacks = { "reduce-only": "no reduce-only orders" }

const inside = "no wire: it lives inside the house"
const paperLacks: Lacks = {
  wire: inside, stream: inside, token: inside, "counted sign-ins": inside, tickets: inside, entitlements: inside, pictures: inside, "refused child": "rejects at once",
  hand: "no other owner", exchange: "never closes", races: "one thing at a time"
}
const referenceLacks: Lacks = {
  "counted sign-ins": "takes any number of sign-ins", tickets: "penalties have no tickets", entitlements: "quotes for everybody"
}

const tradovateLacks: Lacks = { ...hasBrackets, ...noReduceOnly, fees: "fees are told apart and late" }

export const banks: ReadonlyArray<Bank> = [
  { name: "all switches on", venue: "paper", lacks: { ...paperLacks, ...hasBrackets }, bench: paper(all, {}), house: paperHouse({}) },
  { name: "bare", venue: "paper", lacks: { ...paperLacks, ...hasNoBrackets, ...noReduceOnly }, bench: paper({ ...all, ...bare }, bare), house: paperHouse(bare) },
  { name: "native", venue: "reference", lacks: { ...referenceLacks, ...hasBrackets }, house: referenceHouse("native"), bench: reference("native", { ...all, ...network }) },
  { name: "plain", venue: "reference", lacks: { ...referenceLacks, ...hasNoBrackets, ...noReduceOnly }, house: referenceHouse("plain"), bench: reference("plain", { ...all, ...bare, ...network }) },
  { name: "usual readings", venue: "tradovate", lacks: tradovateLacks, bench: tradovate({}), house: tradovateHouse({}) },
  { name: "other readings", venue: "tradovate", lacks: tradovateLacks, bench: tradovate({ switches: otherReadings, latency: { answerMs: 20, exchangeMs: 15 } }), house: tradovateHouse(otherReadings) }
]
