/** Commands that look: `status accounts positions orders trades alerts why`. */
import { Console, Effect, Option, Schedule, Schema } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { AccountView, AlertView, OrderView, PositionView, StatusView, StoryView, TradeView } from "#schemas/contracts/Views.ts"
import { AlertId } from "#schemas/Ids.ts"
import * as Client from "./Client.ts"
import * as Human from "./Human.ts"

const watchEvery = "2 seconds"
const clearScreen = "\u001b[2J\u001b[H"

export const jsonFlag = Flag.Boolean("json").pipe(Flag.withDescription("Print the exact answer as one line of JSON"), Flag.withDefault(false))

const since = Flag.Int("since").pipe(Flag.withDescription("Only what came after this place (SEQ) in the journal; without it the newest"), Flag.optional)
const limit = Flag.Int("limit").pipe(
  Flag.withDescription("At most this many (1 to 10,000, default 1,000)"),
  Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))),
  Flag.optional
)
const pageFlags = { since, limit, json: jsonFlag }

const pageOf = (flags: { readonly since: Option.Option<number>; readonly limit: Option.Option<number> }) => ({
  ...(Option.isSome(flags.since) ? { since: flags.since.value } : {}),
  ...(Option.isSome(flags.limit) ? { limit: flags.limit.value } : {})
})

/** One line, exactly as the contract says. */
const encoded = <A>(schema: Schema.Codec<A, unknown>, value: A): string => JSON.stringify(Schema.encodeSync(schema)(value))

export const show = <A>(schema: Schema.Codec<A, unknown>, value: A, isJson: boolean, human: (value: A) => string) =>
  Console.log(isJson ? encoded(schema, value) : human(value))

/** A list whose rows cannot say that they are simulated stands under a banner that does. */
const listed = Effect.fnUntraced(function*<A>(
  ask: (client: Client.Client) => Client.Asked<ReadonlyArray<A>>,
  schema: Schema.Codec<A, unknown>,
  isJson: boolean,
  human: (rows: ReadonlyArray<A>) => string
) {
  if (isJson) return yield* Console.log(encoded(Schema.Array(schema), yield* Client.ask(ask)))
  const [status, rows] = yield* Client.ask((client) => Effect.all([client.Status(), ask(client)]))
  yield* Console.log(Human.banner(status) + Human.stale(status) + human(rows))
})

const showStatus = (isJson: boolean, before: string) =>
  Effect.flatMap(Client.ask((client) => client.Status()), (view) => show(StatusView, view, isJson, (one) => before + Human.status(one)))

const status = Command.make("status", {
  watch: Flag.Boolean("watch").pipe(Flag.withDescription("Show it anew every two seconds"), Flag.withDefault(false)),
  json: jsonFlag
}, ({ json, watch }) => {
  const before = watch && process.stdout.isTTY ? clearScreen : ""
  return watch ? Effect.asVoid(Effect.repeat(showStatus(json, before), Schedule.spaced(watchEvery))) : showStatus(json, before)
}).pipe(Command.withDescription("How the house is doing: journal, logins, accounts"))

const accounts = Command.make("accounts", { json: jsonFlag }, ({ json }) =>
  Effect.flatMap(Client.ask((client) => client.Accounts()), (rows) => show(Schema.Array(AccountView), rows, json, Human.accounts))
).pipe(Command.withDescription("Accounts with their day's figures"))

const positions = Command.make("positions", { json: jsonFlag }, Effect.fnUntraced(function*({ json }) {
  if (json) return yield* Console.log(encoded(Schema.Array(PositionView), yield* Client.ask((client) => client.Positions())))
  const [house, rows] = yield* Client.ask((client) => Effect.all([client.Status(), client.Positions()]))
  yield* Console.log(Human.stale(house) + Human.positions(rows))
})).pipe(Command.withDescription("Open positions and what protects them"))

const orders = Command.make("orders", pageFlags, ({ json, ...flags }) =>
  listed((client) => client.Orders(pageOf(flags)), OrderView, json, Human.orders)
).pipe(Command.withDescription("Orders, oldest first"))

const trades = Command.make("trades", pageFlags, ({ json, ...flags }) =>
  listed((client) => client.Trades(pageOf(flags)), TradeView, json, Human.trades)
).pipe(Command.withDescription("Positions that were opened and closed, oldest first"))

const alerts = Command.make("alerts", pageFlags, ({ json, ...flags }) =>
  listed((client) => client.Alerts(pageOf(flags)), AlertView, json, Human.alerts)
).pipe(Command.withDescription("The inbox: every alert and how it ended on each account"))

const why = Command.make("why", { alertId: Argument.String("alertId").pipe(Argument.withDescription("As `interlock alerts` shows it"), Argument.withSchema(AlertId)), json: jsonFlag }, Effect.fnUntraced(function*({ alertId, json }) {
  const [house, story] = yield* Client.ask((client) => Effect.all([client.Status(), client.Why({ alertId })]))
  yield* show(StoryView, story, json, (view) => Human.banner(house) + Human.stale(house) + Human.story(view))
})).pipe(Command.withDescription("Tell what became of an alert, step by step, and why"))

export const commands = [status, accounts, positions, orders, trades, alerts, why] as const
