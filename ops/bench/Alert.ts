/** The requests that the generator sends: whole HTTP texts with a place for the number that makes each one unique. */

/** Replaced by the number of the request, in as many digits. */
export const numberPlace = "@@@@@@@@@@@@"
export const numberDigits = numberPlace.length
/** As long as a TradingView strategy's alert commonly is. */
export const alertBytes = 472

export interface Wanted {
  readonly secret: string
  readonly strategy: string
  readonly symbol: string
  readonly action: "buy" | "exit"
  readonly nowMs: number
}

const instant = (atMs: number) => `${new Date(atMs).toISOString().slice(0, 19)}Z`

/** Exactly `alertBytes` long. */
export const body = ({ action, nowMs, secret, strategy, symbol }: Wanted): string => {
  const isExit = action === "exit"
  const fields = {
    secret, strategy, action, symbol,
    price: "6901.25", sl: "400t", tp: "800t",
    order_id: isExit ? "Close entry(s) order Long" : "Long",
    time: instant(nowMs - 60_000), timenow: instant(nowMs),
    prev_market_position: isExit ? "long" : "flat",
    prev_market_position_size: isExit ? "1" : "0",
    market_position: isExit ? "flat" : "long",
    market_position_size: isExit ? "0" : "1"
  }
  const length = Buffer.byteLength(JSON.stringify({ ...fields, id: numberPlace }))
  return JSON.stringify({ ...fields, id: `${"bench-".padEnd(Math.max(0, alertBytes - length), "x")}${numberPlace}` })
}

export const post = (path: string, text: string, headers = ""): string =>
  `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n${headers}\r\n${text}`

/** The number that stands in an alert's id. */
export const numberOf = (id: string): number => Number(id.slice(-numberDigits))
