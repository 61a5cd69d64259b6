/**
 * The reference venue's fake as a process: `node venue.ts <accounts> <symbols>`, commas between them; the secret in BENCH_SECRET. It stamps
 * (CLOCK_MONOTONIC) every order whose last byte has come; `GET /stamps` gives them and forgets them. It has no limit, no latency and no faults.
 */
import { Console, Effect } from "effect"
import * as Reference from "#src/simulation/venues/reference/Reference.ts"
import * as Serve from "#src/simulation/venues/shared/Serve.ts"

const list = (text: string | undefined): ReadonlyArray<string> => (text ?? "").split(",")
const [, , accounts, symbols] = process.argv

/** Parsed only when they are asked for. */
let stamps: Array<readonly [body: string, atNs: number]> = []

const orderOf = (body: string): { readonly account?: unknown; readonly clientId?: unknown } => {
  const order: unknown = JSON.parse(body)
  return typeof order === "object" && order !== null ? order : {}
}

const told = (): string => {
  const text = JSON.stringify(stamps.map(([body, atNs]) => {
    const { account, clientId } = orderOf(body)
    return [String(clientId), String(account), atNs]
  }))
  stamps = []
  return text
}

const stamped = (venue: Reference.Reference): Reference.Reference => ({
  ...venue,
  handle: (request) => {
    const { body, method, path } = request
    if (method === "POST" && path === "/v1/orders") stamps.push([body, Number(process.hrtime.bigint())])
    if (path === "/stamps") return Effect.succeed({ status: 200, headers: { "content-type": "application/json" }, body: told() })
    return venue.handle(request)
  }
})

/** As `Config` has them; no way of the price reaches an alert's stop or target. */
const instrument = (symbol: string) => ({ symbol, tick: "0.25", pointValue: "5", step: "1", startTicks: 27_600, swingTicks: 50 })

await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
  const venue = yield* Reference.make({
    seed: 20260101, style: "native", latency: { answerMs: 0, streamMs: 1 }, instruments: list(symbols).map(instrument),
    logins: [{
      key: "bench", secret: process.env["BENCH_SECRET"] ?? "",
      accounts: list(accounts).map((id) => ({ id, currency: "USD", cash: "100000000", feePerLot: "0.62" }))
    }]
  })
  const { url } = yield* Serve.serve(stamped(venue), { port: 0 })
  yield* Console.log(`ready ${url}`)
  return yield* Effect.never
})))
