/**
 * AB Trade-X before it named strategies: `{token, action, symbol, ...}` is a market order, or a bracket where `tp` or `sl` stand beside it.
 * A lane that takes this format has one strategy, unless the body names one.
 */
import { Predicate, Result } from "effect"
import { present, reader, type Reader } from "#src/ingress/formats/Fields.ts"
import type { Format, Route } from "#src/ingress/formats/Format.ts"
import * as Parts from "#src/ingress/formats/Parts.ts"

/** Names of the secret in other formats: a body that bears one is not of this kind. */
const otherSecrets = ["secret", "webhookSecret", "key"]

const isMissing = Predicate.isNullish

const onlyStrategy = (read: Reader, route: Route) => {
  const [only, ...more] = route.strategies()
  if (only !== undefined && more.length === 0) return only
  const count = only === undefined ? 0 : more.length + 1
  return read.fail("strategy", `a strategy's id, as ${count} strategies listen on lane ${route.lane}`, "nothing")
}

/** Never a guess: what this format cannot say is refused, not traded as something else. */
const onlyMarket = (read: Reader): void => {
  read.word({ market: "market" }, "market, the only one in this format", "orderType")
}

export const format: Format = {
  recognise: (json) => typeof json["token"] === "string" && isMissing(json["strategy"]) && otherSecrets.every((name) => isMissing(json[name])),
  secretOf: (json) => Parts.strings(json, ["token"]),
  decode: (json, route) => {
    const read = reader(json)
    read.ignore("token")
    const named = Parts.strategy(read)
    const strategy = named ?? (read.problem() === undefined ? onlyStrategy(read, route) : undefined)
    const barAtMs = read.instant("time")
    const explicitId = Parts.identity(read, barAtMs)
    const action = Parts.action(read)
    const symbol = Parts.symbol(read)
    onlyMarket(read)
    const rest = present({
      price: read.positive("price"),
      takeProfit: read.level("tp"),
      stopLoss: read.level("sl"),
      quantity: read.positive("quantity"),
      scriptId: read.text("script_id"),
      sourceSymbol: read.text("source_symbol"),
      barAtMs,
      sentAtMs: read.instant("timenow"),
      explicitId,
      position: Parts.position(read)
    })
    const problem = read.problem()
    if (problem !== undefined || strategy === undefined || action === undefined || symbol === undefined) {
      return Result.fail({ path: "", expected: "", got: "", ...problem, explicitId, partial: Parts.partial(strategy, action, symbol) })
    }
    const meant = Parts.meant(action, rest.position, rest.quantity)
    return Result.succeed({
      signal: { lane: route.lane, strategy, symbol, orderType: "market", ...rest, action: meant.action },
      notes: [...meant.notes, ...read.unknown()]
    })
  }
}
