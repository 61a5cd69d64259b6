/** `order place | modify | cancel`: an order ticket, a changed price, a working order called back. */
import { BigDecimal, Effect, Option, Schema } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { CommandReceipt, type Ticket } from "#schemas/contracts/Commands.ts"
import { PositiveDecimal } from "#schemas/Decimal.ts"
import { AccountId, ClientOrderId } from "#schemas/Ids.ts"
import { type Level, TimeInForce } from "#schemas/Signal.ts"
import * as Asker from "./Asker.ts"
import * as Client from "./Client.ts"
import { Failure } from "./Failure.ts"
import * as Human from "./Human.ts"
import { jsonFlag, show } from "./Queries.ts"
import * as Table from "./Table.ts"

const usage = (message: string) => new Failure({ end: "usage", error: "usage", message })

const decimal = (text: string) => Option.filter(BigDecimal.fromString(text.trim()), Schema.is(PositiveDecimal))

/** `5990`, `20t`, `0.5%` */
const levelOf = (text: string): Option.Option<Level> => {
  const [, number = "", unit = ""] = /^([\d.]+)\s*(t|ticks?|%)?$/i.exec(text.trim()) ?? []
  if (unit === "%") return Option.map(decimal(number), (percent) => ({ _tag: "Percent", percent }))
  if (unit === "") return Option.map(decimal(number), (price) => ({ _tag: "Price", price }))
  const ticks = /^\d{1,9}$/.test(number) ? Number(number) : 0
  return ticks > 0 ? Option.some({ _tag: "Distance", ticks }) : Option.none()
}

export const level = (flag: string, asked: Option.Option<string>): Effect.Effect<Level | undefined, Failure> => {
  if (Option.isNone(asked)) return Effect.succeed(undefined)
  const read = levelOf(asked.value)
  return Option.isSome(read)
    ? Effect.succeed(read.value)
    : Effect.fail(usage(`--${flag} is a price (5990), ticks from the entry (20t) or a percentage of its price (0.5%), not ${JSON.stringify(asked.value)}`))
}

const price = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.withSchema(PositiveDecimal), Flag.optional)
const words = (name: string, description: string) => Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

const orderId = Argument.String("orderId").pipe(Argument.withDescription("As `interlock orders` shows it"), Argument.withSchema(ClientOrderId))
const common = { why: Asker.whyFlag, json: jsonFlag }

const limitPrice = price("limit", "Limit price")
const stopPrice = price("stop-price", "Trigger price of a stop entry; with --limit a stop limit")
const takeProfit = words("tp", "Take profit, written like --sl")

const given = <K extends string, A>(key: K, value: Option.Option<A>): { readonly [key in K]?: A } | Record<never, never> =>
  Option.isSome(value) ? { [key]: value.value } : {}

/** What was decided, and what is simulated says so. The answer first: the banner is asked for afterwards. */
export const tell = Effect.fnUntraced(function*(ask: (client: Client.Client) => Client.Asked<CommandReceipt>, json: boolean) {
  const { receipt, status } = yield* Client.ask((client) => Effect.gen(function*() {
    const receipt = yield* ask(client)
    return { receipt, status: json ? Option.none() : yield* Effect.option(client.Status()) }
  }))
  yield* show(CommandReceipt, receipt, json, ({ commandId, durable, lines }) =>
    Option.match(status, { onNone: () => "", onSome: Human.banner }) +
    [...lines, ...durable ? [] : ["NOT ON DISK: the journal cannot be written; it holds in this process"], `why: npx interlock why ${commandId}`].map(Table.clean).join("\n"))
  if (receipt.durable) return
  return yield* new Failure({ end: "failed", error: "notDurable", message: "it is done in this process, but the journal cannot be written" })
})

const typeOf = (limit: Option.Option<unknown>, stop: Option.Option<unknown>): Ticket["orderType"] =>
  Option.isSome(limit) ? (Option.isSome(stop) ? "stopLimit" : "limit") : Option.isSome(stop) ? "stop" : "market"

const place = Command.make("place", {
  account: Argument.String("account").pipe(Argument.withDescription("The account that trades"), Argument.withSchema(AccountId)),
  side: Argument.Literals("side", ["buy", "sell"]).pipe(Argument.withDescription("buy or sell")),
  symbol: Argument.String("symbol").pipe(Argument.withDescription("As alerts write it: MES1!, MESZ26, BTCUSD"), Argument.withSchema(Schema.NonEmptyString)),
  quantity: price("qty", "Contracts or coins; without it the account sizes for itself"),
  limitPrice,
  stopPrice,
  timeInForce: Flag.Literals("tif", TimeInForce.literals).pipe(Flag.withDescription("How long it stays: day (default), gtc, ioc"), Flag.optional),
  stopLoss: words("sl", "Stop loss, always: a price (5990), ticks (20t) or percent (1.5%) from the entry"),
  takeProfit,
  ...common
}, Effect.fnUntraced(function*({ account: accountId, json, limitPrice, quantity, side, stopLoss: sl, stopPrice, symbol, takeProfit: tp, timeInForce, why }) {
  const stopLoss = yield* level("sl", sl)
  if (stopLoss === undefined) return yield* usage("an order needs its protection: name the stop with --sl, a price (5990), ticks (20t) or percent (1.5%) from the entry")
  const takeProfit = yield* level("tp", tp)
  const ticket: Ticket = {
    accountId,
    symbol,
    side,
    orderType: typeOf(limitPrice, stopPrice),
    stopLoss,
    ...given("quantity", quantity),
    ...given("limitPrice", limitPrice),
    ...given("stopPrice", stopPrice),
    ...given("timeInForce", timeInForce),
    ...(takeProfit === undefined ? {} : { takeProfit })
  }
  const asker = yield* Asker.asker(why)
  yield* tell((client) => client.PlaceOrder({ ticket, ...asker }), json)
})).pipe(
  Command.withDescription("Enter by hand, always with a stop; every cap and rule of the account applies"),
  Command.withExamples([
    { command: "interlock order place paper-1 buy MES1! --sl 40t --tp 60t", description: "At the market, sized by the account" },
    { command: "interlock order place paper-1 sell MESZ26 --qty 1 --limit 6010 --sl 6020", description: "One contract at a limit" }
  ])
)

const modify = Command.make("modify", {
  orderId,
  limitPrice,
  stopPrice,
  stopLoss: words("sl", "New stop of the position it belongs to: a price (5990), ticks (20t) or percent (1.5%) from the entry"),
  takeProfit,
  ...common
}, Effect.fnUntraced(function*({ json, limitPrice, orderId, stopLoss: sl, stopPrice, takeProfit: tp, why }) {
  const stopLoss = yield* level("sl", sl)
  const takeProfit = yield* level("tp", tp)
  const change = {
    orderId,
    ...given("limitPrice", limitPrice),
    ...given("stopPrice", stopPrice),
    ...(stopLoss === undefined ? {} : { stopLoss }),
    ...(takeProfit === undefined ? {} : { takeProfit })
  }
  if (Object.keys(change).length === 1) return yield* usage("name what changes: --limit or --stop-price of a working entry, --sl or --tp of its protection")
  const asker = yield* Asker.asker(why)
  yield* tell((client) => client.ModifyOrder({ change, ...asker }), json)
})).pipe(Command.withDescription("Move a working entry's price, or the stop or target of the position an order belongs to"))

const cancel = Command.make("cancel", { orderId, ...common }, Effect.fnUntraced(function*({ json, orderId, why }) {
  const asker = yield* Asker.asker(why)
  yield* tell((client) => client.CancelOrder({ orderId, ...asker }), json)
})).pipe(Command.withDescription("Cancel a working entry or a target; a stop that protects is moved or closed, never cancelled"))

export const command = Command.make("order").pipe(
  Command.withDescription("Orders by hand"),
  Command.withSubcommands([place, modify, cancel])
)
