/** Bodies of alerts to begin with: as documented, as other tools send them, and put together from every field's name. */
import type { Chance } from "../engine/Chance.ts"
import * as Bytes from "../engine/Bytes.ts"
import * as Tree from "../engine/Tree.ts"

const s = "secret"

/** Their secret is put in by `withSecret`. */
const samples: ReadonlyArray<Readonly<Record<string, unknown>>> = [
  { strategy: "demo-futures", action: "buy", symbol: "MES1!" },
  { strategy: "demo-futures", action: "sell", symbol: "CME_MINI:MES1!", price: "6000.25", tp: "60t", sl: "40t", quantity: 2, time: "2026-01-31T14:30:00Z", timenow: "2026-01-31T14:31:07Z" },
  { strategy: "demo-futures", action: "buy", symbol: "MESZ2026", orderType: "limit", limitPrice: 5990.5, timeInForce: "GTC", expiresAt: "2026-12-01T00:00:00Z", sl: { price: "5980" }, tp: { percent: 1.5 } },
  { strategy: "demo-futures", action: "buy", symbol: "MES1!", orderType: "stop_limit", stopPrice: "6001", limitPrice: "6002", sl: { ticks: 40 }, id: "a-17" },
  { strategy: "demo-futures", action: "exit", symbol: "MES1!", alertId: "x" },
  { strategy: "demo-futures", action: "update", symbol: "MES1!", sl: "6005", order_id: "Long", time: 1769869800 },
  { strategy: "demo-crypto", action: "sell", symbol: "BTCUSD", quantity: "0.0005", source_symbol: "KRAKEN:BTCUSD", script_id: "v3", lane: "crypto" },
  { strategy: "demo-futures", action: "sell", symbol: "MES1!", "strategy.market_position": "flat", "strategy.prev_market_position": "long", "strategy.prev_market_position_size": "2", "strategy.market_position_size": 0, "strategy.position_size": 0 },
  { strategy: "demo-futures", action: "reverse", symbol: "MES1!", market_position: "short", quantity: "3" },
  { strategy: "demo-futures", action: "{{strategy.order.action}}", symbol: "{{ticker}}", price: "{{close}}" },
  { action: "buy", symbol: "MES1!", tp: 6100, sl: 5900 },
  { action: "flatten", symbol: "MES1!" },
  { ticker: "MES1!", sentiment: "bullish", quantityType: "fixed_quantity", extra: { note: "a" } },
  { symbol: "MES1!", date: "2026-01-31", data: "buy", quantity: 1, risk_percentage: 1, multiple_accounts: [{ token: "t", account_id: "a", quantity_multiplier: 2 }] }
]

const names = [
  "strategy", "action", "symbol", "price", "tp", "sl", "quantity", "orderType", "limitPrice", "stopPrice", "timeInForce", "expiresAt", "lane", "script_id", "source_symbol",
  "time", "timenow", "id", "alertId", "order_id", "order.id", "market_position", "prev_market_position", "market_position_size", "prev_market_position_size", "position_size",
  "strategy.market_position", "strategy.position_size", "webhookSecret", "token", "key", s
]

/** Broken as charting tools break them; each must still be read. */
const nearly: ReadonlyArray<(text: string) => string> = [
  (text) => `\ufeff${text}`,
  (text) => text.replaceAll("\"", "\u201d"),
  (text) => text.replace("}", ",}"),
  (text) => text.replace("}", ",\"tp\":NaN,\"sl\":na}"),
  (text) => text.replace("{", "{\"source_symbol\": CME_MINI:MES1!,"),
  (text) => text.replace("{", "{\"source_symbol\":\"\"MES1!\"\","),
  (text) => ` \r\n${text}\n`
]

const withSecret = (chance: Chance, fields: Readonly<Record<string, unknown>>, secret: string): Record<string, unknown> => {
  const name = "strategy" in fields ? chance.pick(["secret", "webhookSecret", "key", "secret"]) : "token"
  return chance.hits(0.5) ? { [name]: secret, ...fields } : { ...fields, [name]: secret }
}

const made = (chance: Chance): Record<string, unknown> =>
  Object.fromEntries(Array.from({ length: chance.between(0, 12) }, () => [chance.pick(names), chance.pick(Object.values(chance.pick(samples)))]))

/** A body that its sender may have meant well. */
export const sound = (chance: Chance, secret: string): Tree.Tree =>
  Tree.of(withSecret(chance, chance.hits(0.85) ? chance.pick(samples) : made(chance), secret))

const other = (chance: Chance, secret: string): Uint8Array => Bytes.encode(Tree.print(sound(chance, secret)))

/** Any body: some as sent, most broken in one way or in several. */
export const body = (chance: Chance, secret: string): Uint8Array => {
  const tree = sound(chance, secret)
  const printed = () => Tree.print(Tree.brokenOften(chance, tree, chance.between(1, 3)))
  switch (chance.below(20)) {
    case 0:
    case 1:
      return Bytes.encode(Tree.print(tree))
    case 2:
    case 3:
    case 4:
      return Bytes.encode(chance.pick(nearly)(Tree.print(tree)))
    case 5:
      return chance.hits(0.5) ? Bytes.junk(chance) : Bytes.encode(Tree.print(Tree.hostile(chance)))
    case 6:
      return Bytes.mutate(chance, Bytes.encode(chance.pick(nearly)(printed())), other(chance, secret))
    case 7:
    case 8:
    case 9:
    case 10:
    case 11:
      return Bytes.mutate(chance, Bytes.encode(Tree.print(tree)), other(chance, secret))
    default:
      return Bytes.encode(printed())
  }
}
