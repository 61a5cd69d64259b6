/**
 * `venue drill`: one contract in at the market with its stop, seen at the venue, and out again. Owns: that each step is bounded in time, and that
 * whatever is not as expected ends in a flatten.
 */
import { Clock, Console, Data, DateTime, Duration, Effect, Option, Result, Schema, Stream } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import type { Asker as Named, Ticket } from "#schemas/contracts/Commands.ts"
import type { AccountView, AtVenueView, FlattenReceipt, OrderView } from "#schemas/contracts/Views.ts"
import { PositiveDecimal } from "#schemas/Decimal.ts"
import { AccountId, type AlertId } from "#schemas/Ids.ts"
import * as Asker from "./Asker.ts"
import * as Client from "./Client.ts"
import * as Confirm from "./Confirm.ts"
import * as Receipt from "./DrillReceipt.ts"
import { Failure } from "./Failure.ts"
import { level } from "./Order.ts"
import { jsonFlag } from "./Queries.ts"
import * as Table from "./Table.ts"

const lookEveryMs = 250
const quotedWithinMs = 75_000
const quoteAgainMs = 5_000
const filledWithinMs = 30_000
const protectedWithinMs = 15_000
const flatWithinMs = 30_000
const flattenWithin = "30 seconds"
/** A venue that says flat once may have a fill on its way. */
const flatAnswersNeeded = 2
const ordersLooked = 200

/** A step did not end as it must. What is held then is not waited for. */
class Amiss extends Data.TaggedError("Amiss")<{ readonly step: string; readonly message: string }> {}

interface Drill {
  readonly ticket: Ticket
  readonly asker: Named
  readonly say: (text: string) => Effect.Effect<void>
}

/** Until it is there; a text is what was seen instead. A house that does not answer may answer later. */
const within = Effect.fnUntraced(function*<A>(step: string, withinMs: number, look: Effect.Effect<Option.Option<A> | string, Failure | Amiss>) {
  const endMs = (yield* Clock.currentTimeMillis) + withinMs
  while (true) {
    const seen = yield* look.pipe(Effect.timeoutOrElse({ duration: Duration.millis(withinMs), orElse: () => Effect.succeed("no answer") }), Effect.catchTag("Failure", ({ message }) => Effect.succeed(message)))
    if (typeof seen !== "string" && Option.isSome(seen)) return seen.value
    if ((yield* Clock.currentTimeMillis) >= endMs) {
      return yield* new Amiss({ step, message: `not within ${withinMs / 1_000} s; seen last: ${typeof seen === "string" ? seen : "nothing"}` })
    }
    yield* Effect.sleep(Duration.millis(lookEveryMs))
  }
})

const notReady = (account: AccountView | undefined, id: AccountId): string | undefined => {
  if (account === undefined) return `no account ${id} is configured: \`interlock accounts\` lists them`
  if (!account.enabled) return `account ${id} is disabled: \`interlock promote ${id}\` enables it`
  if (account.state !== "open") return `account ${id} is ${account.state}: it must be open`
  if (account.stoppedBy.length > 0) return `account ${id} is stopped by ${account.stoppedBy.join(", ")}: resume it first`
  if (account.unknownOrders > 0) return `account ${id} has an order of unknown fate: \`interlock orders\` shows it`
  return undefined
}

const held = ({ inHand, orders, positions }: AtVenueView): ReadonlyArray<string> => [
  ...positions.map(({ quantity, symbol }) => `${quantity} of ${symbol}`),
  ...orders.map(({ side, status, symbol }) => `an order to ${side} ${symbol} (${status})`),
  ...(inHand.length === 0 ? [] : [`${inHand.length} on the way there`])
]

const atVenue = (accountId: AccountId) => Client.ask((client) => client.AtVenue({ accountId }))

/** Before anything leaves: the account is open, and by the venue's own word flat. */
const ready = Effect.fnUntraced(function*(id: AccountId) {
  const accounts = yield* Client.ask((client) => client.Accounts())
  const account = accounts.find((one) => one.id === id)
  const against = notReady(account, id)
  if (account === undefined || against !== undefined) return yield* new Failure({ end: "failed", error: "notReady", message: against ?? "" })
  const view = yield* atVenue(id)
  const has = held(view)
  if (has.length > 0) return yield* new Failure({ end: "failed", error: "notFlat", message: `account ${id} is not flat at the venue: ${has.join(", ")}; a drill begins flat and with nothing resting` })
  return { account, view }
})

const ordersOf = (id: AccountId, since: ReadonlyArray<AlertId>) => Effect.map(
  Client.ask((client) => client.Orders({ limit: ordersLooked })),
  (orders) => orders.filter(({ accountId, alertId }) => accountId === id && since.includes(alertId))
)

const dead: ReadonlySet<OrderView["status"]> = new Set(["Withheld", "Rejected", "Canceled", "Expired"])
const orderText = ({ leg, reason, status }: OrderView): string => `${leg} ${status}${reason === undefined ? "" : ` (${reason})`}`

const filled = ({ ticket: { accountId } }: Drill, commandId: AlertId) => within("entry", filledWithinMs, Effect.gen(function*() {
  const entry = (yield* ordersOf(accountId, [commandId])).find(({ leg }) => leg === "entry")
  if (entry === undefined) return "no entry order yet"
  if (dead.has(entry.status)) return yield* new Amiss({ step: "entry", message: orderText(entry) })
  return entry.status === "Filled" ? Option.some(entry) : orderText(entry)
}))

/** By the venue's own word: the stop works there, for all that is held. */
const protectedThere = ({ ticket: { accountId } }: Drill, commandId: AlertId, entry: OrderView) => within("stop", protectedWithinMs, Effect.gen(function*() {
  const stops = (yield* ordersOf(accountId, [commandId])).filter(({ leg }) => leg === "stop")
  const view = yield* atVenue(accountId)
  const at = view.orders.find((order) => order.stopPrice !== undefined && order.status === "Accepted" && order.quantity === entry.quantity &&
    stops.some(({ clientOrderId }) => clientOrderId === order.clientOrderId))
  if (at !== undefined) return Option.some({ stop: at, atMs: view.atMs })
  const refused = stops.length > 0 && stops.every(({ status }) => dead.has(status)) ? stops.at(-1) : undefined
  if (refused !== undefined) return yield* new Amiss({ step: "stop", message: orderText(refused) })
  return `${held(view).join(", ") || "nothing"} at the venue${stops.map((stop) => `; ${orderText(stop)}`).join("")}`
}))

/** By the venue's own word, twice. */
const flat = ({ ticket: { accountId } }: Drill) => {
  let answers = 0
  return within("flat", flatWithinMs, Effect.map(atVenue(accountId), (view) => {
    const has = held(view)
    answers = has.length === 0 ? answers + 1 : 0
    return answers >= flatAnswersNeeded ? Option.some(view.atMs) : has.length === 0 ? "flat, once" : has.join(", ")
  }))
}

const commanded = <A>(step: string, question: Effect.Effect<A, Failure>) =>
  Effect.mapError(question, ({ message }) => new Amiss({ step, message }))

const clock = (atMs: number): string => DateTime.formatIso(DateTime.makeUnsafe(atMs))

const steps = Effect.fnUntraced(function*(drill: Drill, commandId: AlertId) {
  const { asker, say, ticket: { accountId } } = drill
  const entry = yield* filled(drill, commandId)
  yield* say(`entry filled: ${entry.side} ${entry.quantity} ${entry.symbol} at ${entry.avgPrice ?? "?"}`)
  const { atMs: protectedAtMs, stop } = yield* protectedThere(drill, commandId, entry)
  yield* say(`protected at the venue: stop ${stop.side} ${stop.quantity} at ${stop.stopPrice ?? "?"}, order ${stop.venueOrderId}`)
  const close = yield* commanded("out", Client.ask((client) => client.Close({ accountId, symbol: entry.symbol, ...asker })))
  const flatAtMs = yield* flat(drill)
  yield* say("out: the venue says flat, twice, and that nothing rests")
  const trade = yield* within("trade", flatWithinMs, Effect.map(Client.ask((client) => client.Trades({ limit: ordersLooked })), (trades) =>
    Option.fromUndefinedOr(trades.find(({ alertId }) => alertId === commandId))))
  const orders = yield* ordersOf(accountId, [commandId, close.commandId])
  const stories = yield* Client.ask((client) => Effect.all([client.Why({ alertId: commandId }), client.Why({ alertId: close.commandId })])).pipe(
    Effect.mapError(({ message }) => new Amiss({ step: "receipt", message })))
  return Receipt.of({ commandId, closeId: close.commandId, orders, trade, stories, protectedAtMs, flatAtMs })
})

/** Whatever it holds is closed, and nothing new let in until a person says so. */
const flattened = Effect.fnUntraced(function*({ asker, say, ticket: { accountId } }: Drill) {
  const receipts: Array<FlattenReceipt> = []
  yield* say("flattening")
  const told = yield* Effect.result(Client.ask((client) => Stream.runForEach(client.Flatten({ accountId, ...asker }), (progress) => {
    if (progress._tag === "Step") return say(Table.clean(progress.text))
    receipts.push(progress.receipt)
    return Effect.void
  }), flattenWithin))
  const receipt = receipts[0]
  if (receipt?.state === "flat") return { isFlat: true, text: `flattened: the account is flat, and takes nothing new until \`interlock resume --account ${accountId}\`` }
  const why = receipt?.reason ?? (Result.isFailure(told) ? told.failure.message : "no receipt came")
  return { isFlat: false, text: `NOT FLAT: ${why}; \`interlock flatten --account ${accountId}\`, and look at the broker's own screen` }
})

const failedAt = Effect.fnUntraced(function*(drill: Drill, { message, step }: Amiss) {
  yield* drill.say(`FAILED at ${step}: ${message}`)
  const { isFlat, text } = yield* flattened(drill)
  return yield* new Failure({ end: isFlat ? "failed" : "notFlat", error: "drillFailed", message: Table.clean(`the drill failed at ${step}: ${message}; ${text}`), detail: { step, isFlat } })
})

/** Nobody has told a price yet: right after an account is enabled its quotes are still to be asked for. */
const isPriceless = ({ detail }: Failure): boolean => {
  const reason = detail?.["reason"]
  return typeof reason === "object" && reason !== null && "rule" in reason && reason.rule === "NoReferencePrice"
}

const placed = Effect.fnUntraced(function*({ asker, say, ticket }: Drill) {
  const endMs = (yield* Clock.currentTimeMillis) + quotedWithinMs
  while (true) {
    const begun = yield* Effect.result(Client.ask((client) => client.PlaceOrder({ ticket, ...asker })))
    if (Result.isSuccess(begun) || !isPriceless(begun.failure) || (yield* Clock.currentTimeMillis) >= endMs) return begun
    yield* say(`no quote of ${ticket.symbol} yet: nothing was sent, tried again in ${quoteAgainMs / 1_000} s`)
    yield* Effect.sleep(Duration.millis(quoteAgainMs))
  }
})

const driven = Effect.fnUntraced(function*(drill: Drill) {
  const { say } = drill
  const begun = yield* placed(drill)
  if (Result.isFailure(begun)) {
    const { error, message } = begun.failure
    return error === "denied" || error === "notFound" || error === "notNow" ? yield* begun.failure : yield* new Amiss({ step: "order", message })
  }
  const { commandId, lines } = begun.success
  yield* say([...lines, `ordered: ${commandId}`].map(Table.clean).join("\n"))
  return yield* steps(drill, commandId)
})

const run = (drill: Drill) => driven(drill).pipe(
  Effect.catchTag("Amiss", (amiss) => failedAt(drill, amiss)),
  Effect.onInterrupt(() => Effect.flatMap(flattened(drill), ({ text }) => Console.error(`interlock: the drill was broken off; ${Table.clean(text)}`)))
)

const question = ({ mode }: AccountView, { accountId, quantity, side, symbol }: Ticket, stop: string): string =>
  `${mode === "live" ? "LIVE" : "SIMULATED"}: ${side} ${quantity === undefined ? "" : Schema.encodeSync(PositiveDecimal)(quantity)} ${symbol} on ${accountId} at the market, its stop ${stop} away, and out again at once. ` +
  "It costs the spread and the fees, at worst the stop. Now?"

export const command = Command.make("drill", {
  account: Argument.String("account").pipe(Argument.withDescription("The account that trades"), Argument.withSchema(AccountId)),
  symbol: Flag.String("symbol").pipe(Flag.withDescription("What is traded"), Flag.withDefault("MES1!")),
  side: Flag.Literals("side", ["buy", "sell"]).pipe(Flag.withDescription("buy or sell"), Flag.withDefault("buy")),
  quantity: Flag.String("qty").pipe(Flag.withDescription("Contracts or coins"), Flag.withDefault("1"), Flag.withSchema(PositiveDecimal)),
  stop: Flag.String("sl").pipe(Flag.withDescription("Where its stop is put: ticks (40t) or percent (0.5%) from the entry"), Flag.withDefault("40t")),
  yes: Confirm.yesFlag,
  why: Asker.whyFlag,
  json: jsonFlag
}, Effect.fnUntraced(function*({ account: accountId, json, quantity, side, stop, symbol, why, yes }) {
  const stopLoss = yield* level("sl", Option.some(stop))
  if (stopLoss === undefined) return
  const ticket: Ticket = { accountId, symbol, side, quantity, orderType: "market", stopLoss }
  const { account } = yield* ready(accountId)
  if (!yes) yield* Confirm.confirm(question(account, ticket, stop), `interlock venue drill ${accountId}`)
  const asker = yield* Asker.asker(Option.some(Option.getOrElse(why, () => "venue drill")))
  const say = (text: string) => json ? Effect.void : Effect.flatMap(Clock.currentTimeMillis, (atMs) => Console.log(text.split("\n").map((line) => `${clock(atMs)}  ${line}`).join("\n")))
  const receipt = yield* run({ ticket, asker, say })
  yield* Console.log(json ? JSON.stringify({ ok: true, account: accountId, ...receipt }) : `\n${Receipt.human(receipt)}`)
})).pipe(
  Command.withDescription("Prove an account with one contract: in at the market with its stop, seen at the venue, out, flat; a receipt with times, prices and cost"),
  Command.withExamples([{ command: "interlock venue drill DEMO1", description: "Asks first, then buys and sells one MES" }])
)
