/** Text with its secrets taken out: known ones by value, unknown ones by the name they stand under, whatever its case. */
import type { Signal } from "#schemas/Signal.ts"
import type { Invalid } from "#src/ingress/formats/Format.ts"
import { stringOrRest, stringToken } from "#src/ingress/Json.ts"

export type Mask = (text: string) => string

const secretNames = new Set(["secret", "webhooksecret", "webhook_secret", "token", "key", "apikey", "api_key", "password", "passphrase"])

const editors = [
  "[\u201c\u201d\u201e\u201f][^\u201c\u201d\u201e\u201f\"]*[\u201c\u201d\u201e\u201f]",
  "[\u2018\u2019][^\u2018\u2019\"]*[\u2018\u2019]"
].join("|")

/** Strings, in proper or an editor's quotes. */
const tokens = new RegExp(`(${stringOrRest}|${editors})(\\s*:\\s*)?`, "g")
const valueAfter = new RegExp(`${stringToken}|${editors}|[^,}\\]\\s][^,}\\]]*`, "y")

/** What a token says: an escaped secret is still one. */
const spoken = (token: string): string => {
  if (!token.includes("\\")) return token.slice(1, -1)
  try {
    return String(JSON.parse(token))
  } catch {
    return token.slice(1, -1)
  }
}

const maskedToken = (token: string, mask: Mask): string => {
  if (!token.includes("\\")) return token
  const said = spoken(token)
  return mask(said) === said ? token : JSON.stringify(mask(said))
}

/** A body as it came but for its secrets. */
export const body = (text: string, mask: Mask): string => {
  let masked = ""
  let done = 0
  tokens.lastIndex = 0
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    const [whole, token = "", colon] = found
    const end = found.index + whole.length
    masked += text.slice(done, found.index) + maskedToken(token, mask) + (colon ?? "")
    done = end
    if (colon === undefined || !secretNames.has(spoken(token).toLowerCase())) continue
    valueAfter.lastIndex = end
    const value = valueAfter.exec(text)?.[0]
    if (value === undefined || value.startsWith("{") || value.startsWith("[")) continue
    masked += "\"***\""
    done = end + value.length
    tokens.lastIndex = done
  }
  return mask(masked + text.slice(done))
}

/** An exchange's prefix is free text; the symbol after it names something. */
const prefixed = (symbol: string, mask: Mask): string => {
  const end = symbol.lastIndexOf(":") + 1
  return mask(symbol.slice(0, end)) + symbol.slice(end)
}

/** The signal, its free text masked; what names something of ours stays as it is. */
export const freeText = (signal: Signal, mask: Mask): Signal => ({
  ...signal,
  symbol: prefixed(signal.symbol, mask),
  ...(signal.bodyLane === undefined ? {} : { bodyLane: mask(signal.bodyLane) }),
  ...(signal.scriptId === undefined ? {} : { scriptId: mask(signal.scriptId) }),
  ...(signal.sourceSymbol === undefined ? {} : { sourceSymbol: mask(signal.sourceSymbol) }),
  ...(signal.explicitId === undefined ? {} : { explicitId: mask(signal.explicitId) })
})

/** What could be read of a refused body. */
export const partial = (named: Invalid["partial"], mask: Mask): Invalid["partial"] => ({
  ...(named.strategy === undefined ? {} : { strategy: mask(named.strategy) }),
  ...(named.action === undefined ? {} : { action: mask(named.action) }),
  ...(named.symbol === undefined ? {} : { symbol: mask(named.symbol) })
})

/** Undefined where even its symbol or strategy bears a secret: such a one names nothing of ours. */
export const signal = (signal: Signal, mask: Mask): Signal | undefined =>
  mask(signal.symbol) === signal.symbol && mask(signal.strategy) === signal.strategy ? freeText(signal, mask) : undefined
