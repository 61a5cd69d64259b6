/**
 * The venue's rows as ours. Owns: that one row which cannot be read spoils no other, is counted and told; and what is remembered of rows so
 * that they can be asked for again.
 */
import { BigDecimal, Effect, Result, Schema } from "effect"
import type { House } from "#config/House.ts"
import type { Fill } from "#schemas/Fill.ts"
import type { ClientOrderId } from "#schemas/Ids.ts"
import type { OrderReport } from "#schemas/Order.ts"
import type { Bar, Quote } from "#schemas/Quote.ts"
import type { PositionReport } from "#schemas/VenueEvent.ts"
import type { Specs } from "#src/venues/reference/Specs.ts"
import * as Translate from "#src/venues/reference/Translate.ts"
import * as Wire from "#src/venues/reference/Wire.ts"
import * as Bounded from "#src/venues/shared/Bounded.ts"
import type { Complaints } from "#src/venues/shared/Complaints.ts"
import * as Names from "#src/venues/shared/Names.ts"

/** Orders whose symbol is remembered: a change names only the order. The oldest are asked for again. */
export const ordersKnownMax = 8_192
/** Rows read of one list. */
export const rowsMax = 20_000

/** What outlives a connection. */
export interface Memory {
  readonly symbols: Map<ClientOrderId, string>
  /** Of orders that do not bear a name of ours: the client id that they have there, if any. */
  readonly strangers: Map<ClientOrderId, string | undefined>
}
export const emptyMemory = (): Memory => ({ symbols: new Map(), strangers: new Map() })

const one = BigDecimal.make(1n, 0)
const unknownSpec: Translate.Spec = { tickSize: one, lotSize: one }
const awayFromZero = (net: BigDecimal.BigDecimal): BigDecimal.BigDecimal =>
  BigDecimal.isNegative(net) ? BigDecimal.floor(net) : BigDecimal.ceil(net)

const decoders = {
  order: Schema.decodeUnknownResult(Wire.Order),
  fill: Schema.decodeUnknownResult(Wire.Fill),
  position: Schema.decodeUnknownResult(Wire.Position),
  quote: Schema.decodeUnknownResult(Wire.Quote),
  bar: Schema.decodeUnknownResult(Wire.Bar)
}

type Kind = keyof typeof decoders

interface Around {
  readonly clean: (said: string) => string
  readonly complaints: Complaints
  readonly memory: Memory
  /** The login. */
  readonly source: string
  readonly specs: Specs
}

const unreadable = "it is not what the protocol says"

const singles = ({ clean, complaints, memory, source, specs }: Around) => {
  const complain = (kind: Kind, text: string) => Effect.as(complaints.about(kind, clean(text)), undefined)

  /** Undefined, told and counted, where it cannot be read. */
  const read = <A extends { readonly symbol: string }, B>(
    kind: Kind,
    wire: Result.Result<A, unknown>,
    house: House,
    translate: (wire: A, spec: Translate.Spec) => Result.Result<B, string>
  ): Effect.Effect<B | undefined> => {
    if (Result.isFailure(wire)) return complain(kind, unreadable)
    const spec = specs.of(house, wire.success.symbol)
    if (spec === undefined) return complain(kind, `nobody knows ${wire.success.symbol}`)
    const result = translate(wire.success, spec)
    return Result.isSuccess(result) ? Effect.succeed(result.success) : complain(kind, `${wire.success.symbol}: ${result.failure}`)
  }

  const remember = ({ clientId, symbol }: Wire.Order, { clientOrderId }: OrderReport) => {
    Bounded.put(memory.symbols, clientOrderId, symbol, ordersKnownMax)
    if (Names.clientOrderIdOf(clientId) === undefined) Bounded.put(memory.strangers, clientOrderId, clientId ?? undefined, ordersKnownMax)
  }

  /** What no catalogue of ours has is shown all the same: in the venue's steps, else in whole ones. */
  const positionIn = (wire: Wire.Position, house: House): Result.Result<PositionReport, string> => {
    const spec = specs.of(house, wire.symbol)
    return spec === undefined
      ? Translate.positionOf({ ...wire, net: awayFromZero(wire.net) }, unknownSpec)
      : Translate.positionOf(wire, spec)
  }

  return {
    complain,
    positionIn,
    order: (row: unknown, house: House): Effect.Effect<OrderReport | undefined> =>
      read("order", decoders.order(row), house, (wire, spec) => Result.tap(Translate.reportOf(wire, spec, clean), (report) => remember(wire, report))),
    fill: (row: unknown, house: House): Effect.Effect<Fill | undefined> => read("fill", decoders.fill(row), house, Translate.fillOf),
    quote: (row: unknown, house: House, nowMs: number): Effect.Effect<Quote | undefined> =>
      read("quote", decoders.quote(row), house, (wire, spec) => Translate.quoteOf(wire, spec, source, nowMs)),
    position: (row: unknown, house: House): Effect.Effect<PositionReport | undefined> => {
      const wire = decoders.position(row)
      if (Result.isFailure(wire)) return complain("position", unreadable)
      const result = positionIn(wire.success, house)
      return Result.isSuccess(result) ? Effect.succeed(result.success) : complain("position", `${wire.success.symbol}: ${result.failure}`)
    }
  }
}

const lists = ({ memory, source }: Around, { complain, fill, order, positionIn }: ReturnType<typeof singles>) => ({
  /** All or none: what is left out would look like flat. The same row twice is one, two that differ are no answer. */
  positions: (rows: ReadonlyArray<Wire.Position>, house: House): Result.Result<ReadonlyArray<PositionReport>, string> => Result.gen(function*() {
    const all = new Map<string, PositionReport>()
    for (const row of rows) {
      const report = yield* positionIn(row, house)
      const before = all.get(report.instrumentId)
      if (before !== undefined && before.net !== report.net) return yield* Result.fail(`two positions in ${row.symbol}`)
      all.set(report.instrumentId, report)
    }
    return [...all.values()]
  }),

  /** A venue may take one client id twice: the second order under it is shown as a stranger's, for it is nobody's intent. */
  orders: Effect.fnUntraced(function*(rows: ReadonlyArray<unknown>, house: House) {
    const all = new Map<ClientOrderId, OrderReport>()
    for (const row of rows.slice(0, rowsMax)) {
      const report = yield* order(row, house)
      if (report === undefined) continue
      const before = all.get(report.clientOrderId)
      if (before === undefined) all.set(report.clientOrderId, report)
      else if (before.venueOrderId !== report.venueOrderId) {
        const second = Names.strangerId(report.venueOrderId)
        yield* Effect.logError(`login ${source}: the venue has two orders ${report.clientOrderId}; the second is shown as ${second}`)
        Bounded.put(memory.strangers, second, undefined, ordersKnownMax)
        all.set(second, { ...report, clientOrderId: second })
      }
    }
    return [...all.values()]
  }),

  /** Each fill id once, whatever is repeated. */
  fills: Effect.fnUntraced(function*(rows: ReadonlyArray<unknown>, house: House) {
    const all = new Map<string, Fill>()
    for (const row of rows.slice(-rowsMax)) {
      const one = yield* fill(row, house)
      if (one !== undefined && !all.has(one.id)) all.set(one.id, one)
    }
    return [...all.values()]
  }),

  bars: Effect.fnUntraced(function*(rows: ReadonlyArray<unknown>, instrumentId: Bar["instrumentId"], spec: Translate.Spec, barMs: number) {
    const all: Array<Bar> = []
    for (const row of rows.slice(-rowsMax)) {
      const bar = Result.flatMap(Result.mapError(decoders.bar(row), () => unreadable), (wire) => Translate.barOf(wire, instrumentId, spec, barMs))
      if (Result.isSuccess(bar)) all.push(bar.success)
      else yield* complain("bar", bar.failure)
    }
    return all
  })
})

export const make = (around: Around) => {
  const one = singles(around)
  return { ...one, ...lists(around, one) }
}
export type Reading = ReturnType<typeof make>
