/** `send`: posts a real alert to the real webhook, as a charting service would. */
import { Console, Effect, Option, Schema } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type { SendTarget } from "#schemas/contracts/AdminRpc.ts"
import { Action, OrderType, TimeInForce } from "#schemas/Signal.ts"
import * as Client from "./Client.ts"
import { Failure } from "./Failure.ts"
import { jsonFlag } from "./Queries.ts"
import { unreachable } from "./Runtime.ts"
import { clean } from "./Table.ts"

const answerMax = "10 seconds"

const words = (name: string, description: string) => Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

const flags = {
  action: Argument.Literals("action", Action.literals).pipe(Argument.withDescription(`What to do: ${Action.literals.join(", ")}`)),
  symbol: Argument.String("symbol").pipe(Argument.withDescription("As the strategy's alerts write it, such as MES1!")),
  strategy: Flag.String("strategy").pipe(Flag.withAlias("s"), Flag.withDescription("The strategy it speaks for; its lane is found by it")),
  sl: words("sl", "Stop loss: a price (5990), ticks (40t) or percent (0.5%) from the entry"),
  tp: words("tp", "Take profit, written like --sl"),
  quantity: words("quantity", "Contracts or coins; without it each account sizes for itself"),
  price: words("price", "The price at the signal: for slippage, never a limit"),
  orderType: Flag.Literals("order-type", OrderType.literals).pipe(Flag.withDescription("Default market"), Flag.optional),
  limitPrice: words("limit", "Limit price"),
  stopPrice: words("stop", "Trigger price of a stop or stopLimit entry"),
  timeInForce: Flag.Literals("tif", TimeInForce.literals).pipe(Flag.withDescription("How long a limit stays"), Flag.optional),
  scriptId: words("script", "Script that it comes from"),
  sourceSymbol: words("source-symbol", "Chart symbol that it comes from"),
  id: words("id", "Its own identity: sent again with the same one, it is the same alert"),
  json: jsonFlag
}

interface Asked {
  readonly action: string
  readonly symbol: string
  readonly strategy: string
  readonly [name: string]: string | boolean | Option.Option<string>
}

/** Body fields that are not called as their flags are. */
const fieldNames: Readonly<Record<string, string>> = { scriptId: "script_id", sourceSymbol: "source_symbol" }

/** The canonical body; `json` is a flag of ours. */
const bodyOf = (asked: Asked, secret: string): Record<string, string> => {
  const body: Record<string, string> = { secret }
  for (const [name, value] of Object.entries(asked)) {
    const text = typeof value === "object" ? Option.getOrUndefined(value) : value
    if (typeof text === "string") body[fieldNames[name] ?? name] = text
  }
  return body
}

const post = Effect.fnUntraced(function*({ lane, secret, webhookUrl }: typeof SendTarget.Type, asked: Asked) {
  const client = yield* HttpClient.HttpClient
  const request = HttpClientRequest.post(`${webhookUrl.replace(/\/$/, "")}/webhook/${encodeURIComponent(lane)}`).pipe(
    HttpClientRequest.bodyJsonUnsafe(bodyOf(asked, secret))
  )
  const response = yield* client.execute(request)
  return { status: response.status, body: yield* response.text }
}, Effect.timeout(answerMax), Effect.mapError(() => unreachable("the webhook does not answer")), Effect.provide(FetchHttpClient.layer))

const Answer = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown))

/** Refused: the answer's own words, with the status. */
const refused = (status: number, answer: Option.Option<typeof Answer.Type>): Failure => {
  const said = Option.getOrElse(answer, (): typeof Answer.Type => ({}))
  const message = typeof said["message"] === "string" ? said["message"] : "no reason was given"
  const path = typeof said["path"] === "string" && !message.startsWith(said["path"]) ? ` at ${said["path"]}` : ""
  const error = typeof said["error"] === "string" ? said["error"] : "refused"
  return new Failure({ end: "failed", error, message: `refused with ${status}, ${error}${path}: ${clean(message)}`, detail: { ...said, status, message } })
}

const human = (answer: typeof Answer.Type): string =>
  [
    Object.entries(answer).map(([name, value]) => `${name} ${typeof value === "string" ? clean(value) : JSON.stringify(value)}`).join("  "),
    ...(typeof answer["alertId"] === "string" ? [`why: npx interlock why ${clean(answer["alertId"])}`] : [])
  ].join("\n")

export const command = Command.make("send", flags, Effect.fnUntraced(function*(asked) {
  const target = yield* Client.ask((client) => client.SendTarget({ strategy: asked.strategy }))
  const { body, status } = yield* post(target, asked)
  const answer = Schema.decodeUnknownOption(Answer)(body)
  if (status < 200 || status >= 300) return yield* refused(status, answer)
  yield* Console.log(asked.json ? body.trim() : human(Option.getOrElse(answer, (): typeof Answer.Type => ({ answer: body }))))
})).pipe(
  Command.withDescription("Post a real alert through the real webhook, and print its answer"),
  Command.withExamples([
    { command: "interlock send buy MES1! --strategy demo-futures --sl 40t --tp 60t", description: "A market entry with its protection in ticks" },
    { command: "interlock send exit MES1! --strategy demo-futures", description: "Close what the strategy holds" }
  ])
)
