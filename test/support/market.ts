/** A market that says what the test tells it to, at any instant and for any seed. */
import { Context, Effect, Layer, Option, Ref } from "effect"
import { type Instrument, Ticks } from "#schemas/Instrument.ts"
import { Market, type Price } from "#src/ports/Market.ts"

/** In ticks. */
export const price = (bid: number, ask: number, last: number = bid): Price =>
  ({ bid: Ticks.make(bid), ask: Ticks.make(ask), last: Ticks.make(last) })

/** `name` is an instrument's id or the root that its months share; the id counts before the root. */
export class MarketScript extends Context.Service<MarketScript, {
  /** The quote from now on, in ticks. Resting orders meet it with the venue's next quote. */
  set(name: string, bid: number, ask: number, last?: number): Effect.Effect<void>
  /** No market any more under this name. */
  silence(name: string): Effect.Effect<void>
}>()("test/support/MarketScript") {}

/** Gives `Market` and its script. An instrument that is not named has no market. */
export const scripted = (start: Readonly<Record<string, Price>>): Layer.Layer<Market | MarketScript> =>
  Layer.effectContext(Effect.gen(function*() {
    const prices = yield* Ref.make(new Map(Object.entries(start)))
    const market = Market.of({
      quote: (_seed: number, { id, root }: Instrument) =>
        Effect.map(Ref.get(prices), (all) => Option.fromUndefinedOr(all.get(id) ?? all.get(root)))
    })
    const script = MarketScript.of({
      set: (name, bid, ask, last) => Ref.update(prices, (all) => new Map(all).set(name, price(bid, ask, last))),
      silence: (name) => Ref.update(prices, (all) => new Map([...all].filter(([kept]) => kept !== name)))
    })
    return Context.make(Market, market).pipe(Context.add(MarketScript, script))
  }))

/** Every root of the default catalogue where the catalogue starts it, one tick wide, until a test says otherwise. */
export const layer = scripted({
  MES: price(27_600, 27_601),
  MNQ: price(101_600, 101_601),
  ES: price(27_600, 27_601),
  NQ: price(101_600, 101_601),
  MGC: price(41_000, 41_001),
  MCL: price(6_000, 6_001),
  PF_XBTUSD: price(90_000, 90_001),
  PF_ETHUSD: price(30_000, 30_001)
})
