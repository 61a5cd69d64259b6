/** `resolve`: a person's word on an order of unknown fate. */
import { BigDecimal, Effect, Option, Schema } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { PositiveDecimal } from "#schemas/Decimal.ts"
import { ClientOrderId } from "#schemas/Ids.ts"
import * as Asker from "./Asker.ts"
import { Failure } from "./Failure.ts"
import { tell } from "./Order.ts"
import { jsonFlag } from "./Queries.ts"

const usage = (message: string) => new Failure({ end: "usage", error: "usage", message })

const positive = (text: string) => Option.filter(BigDecimal.fromString(text), Schema.is(PositiveDecimal))

/** `2@6990.25` */
const executedOf = (text: string) => {
  const [, quantity = "", price = ""] = /^([\d.]+)@([\d.]+)$/.exec(text.replaceAll(/\s/g, "")) ?? []
  return Option.all({ quantity: positive(quantity), price: positive(price) })
}

const flags = {
  orderId: Argument.String("orderId").pipe(Argument.withDescription("As `interlock orders` shows it: one that is Unknown"), Argument.withSchema(ClientOrderId)),
  executed: Flag.String("executed").pipe(Flag.withDescription("It was executed: how much, at what price, such as 2@6990.25"), Flag.optional),
  notExecuted: Flag.Boolean("not-executed").pipe(Flag.withDescription("It was not executed at all"), Flag.withDefault(false)),
  why: Asker.whyFlag,
  json: jsonFlag
}

export const command = Command.make("resolve", flags, Effect.fnUntraced(function*({ executed: word, json, notExecuted, orderId, why }) {
  if (Option.isSome(word) === notExecuted) return yield* usage("say one of --executed N@P and --not-executed, as the venue's own screen shows it")
  const executed = Option.flatMap(word, executedOf)
  if (Option.isSome(word) && Option.isNone(executed)) return yield* usage(`--executed is quantity@price, such as 2@6990.25, not ${JSON.stringify(word.value)}`)
  const asker = yield* Asker.asker(why)
  yield* tell((client) => client.ResolveOrder({ orderId, ...(Option.isSome(executed) ? { executed: executed.value } : {}), ...asker }), json)
})).pipe(
  Command.withDescription("Say what became of an Unknown order, once you have looked at the venue yourself; its own word replaces yours"),
  Command.withExamples([
    { command: "interlock resolve il-abc --executed 2@6990.25 --why 'seen on the broker's screen'", description: "It was executed" },
    { command: "interlock resolve il-abc --not-executed", description: "It never was" }
  ])
)
