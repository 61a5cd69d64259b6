/** Prices changed by hand: a working entry's own, or the levels of the protection that an order belongs to. A stop moves either way, never through the market. */
import { BigDecimal, Result } from "effect"
import type { AccountCommand } from "#schemas/AccountCommand.ts"
import type { Instrument, Ticks } from "#schemas/Instrument.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Level } from "#schemas/Signal.ts"
import type { Reason } from "#schemas/Verdict.ts"
import type { Book } from "#src/lifecycle/Book.ts"
import { averageEntryTicks } from "#src/lifecycle/Enter.ts"
import * as Exposure from "#src/lifecycle/Exposure.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import * as Move from "#src/lifecycle/Move.ts"
import { entryInFlight, latchedReason, reason } from "#src/lifecycle/Refuse.ts"
import * as Stopped from "#src/lifecycle/Stopped.ts"
import * as Conform from "#src/orders/Conform.ts"
import * as Units from "#src/orders/Units.ts"
import { type Decided, done } from "./Decided.ts"
import { again, find, hasEnded, type Named, refused } from "./Named.ts"
import * as Reprice from "./Reprice.ts"
import * as Risk from "./Risk.ts"

const { ModifyIntended, ProtectionMoved } = JournalEvent.cases

type Command = Extract<AccountCommand, { readonly _tag: "Modify" }>

interface Levels {
  readonly stop?: Ticks
  readonly target?: Ticks
}

const price = (instrument: Instrument, ticks: number): string => BigDecimal.format(Units.priceOf(instrument, ticks))

/** A stop behind the market would trigger at once, a target before it fill at once. Without any quote only what lies farther than before is known to be behind. */
const throughMarket = ({ bracket }: Named, leg: "stop" | "target", ticks: Ticks, facts: Facts): Reason | undefined => {
  const { instrument, isLong, plan } = bracket
  const quote = facts.quote(instrument.id)
  const isAbove = isLong === (leg === "target")
  if (quote === undefined) {
    const before = plan[leg]
    const isFarther = before !== undefined && (isAbove ? ticks >= before : ticks <= before)
    return isFarther ? undefined : reason("NoQuote", `no quote of ${instrument.id}: where the market is cannot be seen, and a ${leg} is not moved toward it blindly`, {
      asked: price(instrument, ticks)
    })
  }
  const market = isLong ? quote.bid : quote.ask
  if (isAbove ? ticks > market : ticks < market) return undefined
  return reason(
    "ThroughMarket",
    `a ${leg} of a ${isLong ? "long" : "short"} position lies at least one tick ${isAbove ? "above" : "below"} the market at ${price(instrument, market)}, ` +
      `not at ${price(instrument, ticks)}: to get out now use \`interlock close\``,
    { asked: price(instrument, ticks), market: price(instrument, market), quoteAgeMs: String(facts.nowMs - quote.atMs) }
  )
}

const isWider = ({ isLong, plan }: Named["bracket"], stop: Ticks): boolean =>
  plan.stop !== undefined && (isLong ? stop < plan.stop : stop > plan.stop)

/** Farther away is more to lose: never where an operator stopped new risk, and as much as the day allows. */
const tooMuch = (book: Book, { bracket, known }: Named, stop: Ticks, held: number, facts: Facts): Reason | undefined => {
  const { instrument, isLong, plan } = bracket
  const scope = isWider(bracket, stop) ? Stopped.latchOn(Stopped.ofOrder(bracket, known), facts) : undefined
  if (scope !== undefined) return latchedReason(scope)
  const quote = facts.quote(instrument.id)
  const fromTicks = quote === undefined ? plan.stop : isLong ? quote.bid : quote.ask
  return isWider(bracket, stop) && fromTicks !== undefined ? Risk.denied(book, bracket, { fromTicks, stopTicks: stop, lots: held }, facts) : undefined
}

const held = (book: Book, named: Named, command: Command, lots: number, facts: Facts): Result.Result<Levels, Reason> =>
  Result.gen(function*() {
    const entryTicks = averageEntryTicks(book, named.bracket)
    const moved = function*(leg: "stop" | "target", level: Level | undefined, to: typeof Move.target) {
      if (level === undefined) return undefined
      const ticks = yield* to(named.bracket, level, entryTicks)
      const no = throughMarket(named, leg, ticks, facts)
      return no === undefined ? ticks : yield* Result.fail(no)
    }
    const stop = yield* moved("stop", command.stopLoss, Move.stopAnywhere)
    const target = yield* moved("target", command.takeProfit, Move.target)
    const no = stop === undefined ? undefined : tooMuch(book, named, stop, lots, facts)
    if (no !== undefined) return yield* Result.fail(no)
    return { ...(stop === undefined ? {} : { stop }), ...(target === undefined ? {} : { target }) }
  })

/** Of an entry that has not filled: counted from its price, the one that this command gives it or the one it has. */
const unfilled = (book: Book, named: Named, command: Command, facts: Facts): Result.Result<Levels, Reason> =>
  Result.gen(function*() {
    const { bracket } = named
    const { instrument, isLong } = bracket
    const entry = Exposure.of(book, bracket).entries[0]
    if (entry === undefined) return yield* Result.fail(hasEnded(named.known.order.id, named.known.status))
    const quote = facts.quote(instrument.id)
    const asked = command.limitPrice ?? command.stopPrice
    const entryTicks = asked !== undefined && Units.isRepresentable(instrument, asked)
      ? Units.ticksOf(instrument, asked, (command.limitPrice === undefined) === isLong ? "up" : "down")
      : entry.order.limit ?? entry.order.stop ?? (isLong ? quote?.ask : quote?.bid)
    if (entryTicks === undefined) return yield* Result.fail(reason("NoReferencePrice", "no quote: where the entry will fill cannot be told", {}))
    const level = (leg: "stop" | "target", of: Level | undefined) =>
      of === undefined ? Result.succeed(undefined) : Conform.levelTicks(instrument, { level: of, leg, side: isLong ? "buy" : "sell", entryTicks })
    const stop = yield* level("stop", command.stopLoss)
    const target = yield* level("target", command.takeProfit)
    const no = stop === undefined || !isWider(bracket, stop) ? undefined : Risk.denied(book, bracket, { fromTicks: entryTicks, stopTicks: stop, lots: Exposure.atRiskLots(book, bracket) }, facts)
    if (no !== undefined) return yield* Result.fail(no)
    return { ...(stop === undefined ? {} : { stop }), ...(target === undefined ? {} : { target }) }
  })

const levels = (book: Book, named: Named, command: Command, facts: Facts): Result.Result<Levels, Reason> => {
  const { bracket } = named
  const { id } = bracket.instrument
  if (command.stopLoss === undefined && command.takeProfit === undefined) return Result.succeed({})
  if (bracket.closing !== undefined) return Result.fail(reason("Closing", `${id} is being closed: its protection goes with it`, { instrument: id }))
  if (bracket.plan.mode === "external" && command.stopLoss !== undefined) {
    return Result.fail(reason("ExternalProtection", `strategy ${bracket.strategy} protects ${id} elsewhere: there is no stop of ours to move`, { strategy: bracket.strategy }))
  }
  const lots = Exposure.of(book, bracket).held
  if (lots > 0 && bracket.nextPlan !== undefined && Exposure.of(book, bracket).entries.length > 0) return Result.fail(entryInFlight(bracket))
  return lots > 0 ? held(book, named, command, lots, facts) : unfilled(book, named, command, facts)
}

const told = ({ bracket: { instrument, plan } }: Named, { stop, target }: Levels, isHeld: boolean): ReadonlyArray<string> => {
  const from = (ticks: Ticks | undefined) => (ticks === undefined ? "" : ` from ${price(instrument, ticks)}`)
  const moved = [
    ...stop === undefined ? [] : [`stop${from(plan.stop)} to ${price(instrument, stop)}`],
    ...target === undefined ? [] : [`target${from(plan.target)} to ${price(instrument, target)}`]
  ]
  return moved.length === 0 ? [] : [`${instrument.id}: ${moved.join(", ")}${isHeld ? "" : ", in force with its fill"}`]
}

const decided = (book: Book, command: Command, facts: Facts): Result.Result<Decided, Reason> =>
  Result.gen(function*() {
    const named = yield* find(book, command.orderId)
    const { bracket, known: { order } } = named
    const { instrument, plan } = bracket
    const asked = yield* levels(book, named, command, facts)
    const prices = Reprice.isAsked(command) ? yield* Reprice.change(book, named, command, asked.stop, facts) : undefined
    const isMove = (asked.stop ?? plan.stop) !== plan.stop || (asked.target ?? plan.target) !== plan.target
    if (prices === undefined && !isMove) {
      return yield* Result.fail(reason("NothingToChange", `nothing changes: the protection of ${instrument.id} lies there already`, { orderId: order.id }))
    }
    const { commandId } = command
    const entry = prices === undefined ? [] : [`entry ${order.id}: ${Object.entries(prices).map(([name, ticks]) => `${name} ${price(instrument, ticks)}`).join(", ")}`]
    return done([...entry, ...told(named, isMove ? asked : {}, Exposure.of(book, bracket).held > 0)].join("\n"), [
      ...prices === undefined ? [] : [ModifyIntended.make({ alertId: commandId, orderId: order.id, lots: order.lots, ...prices })],
      ...isMove ? [ProtectionMoved.make({ alertId: commandId, instrumentId: instrument.id, ...asked })] : []
    ])
  })

export const modify = (book: Book, command: Command, facts: Facts): Decided => {
  const before = again(book, command.commandId)
  if (before !== undefined) return before
  const result = decided(book, command, facts)
  return Result.isSuccess(result) ? result.success : refused(command.commandId, result.failure)
}
