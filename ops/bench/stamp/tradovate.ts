/**
 * Tradovate's fake as a process: `node tradovate.ts <users> <accounts> <contracts>`, commas between them, accounts dealt out to the users in turn;
 * the password of all in BENCH_SECRET. It stamps its orders, and has no limit, no latency and no faults.
 */
import { Console, Effect } from "effect"
import * as Serve from "#src/simulation/venues/shared/Serve.ts"
import * as Tradovate from "#src/simulation/venues/tradovate/Tradovate.ts"
import * as Stamped from "./Stamped.ts"

const list = (text: string | undefined): ReadonlyArray<string> => (text ?? "").split(",")
const [, , users, accounts, contracts] = process.argv
const names = list(users)
const without = 1_000_000_000

/** As `Config` has them; no way of the price reaches an alert's stop or target. */
const instrument = (symbol: string) => ({ symbol, tick: "0.25", pointValue: "5", step: "1", startTicks: 27_600, swingTicks: 50 })
const orders = new Set(["/v1/order/placeoso", "/v1/order/placeorder"])

await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
  const venue = yield* Tradovate.make({
    seed: 20260101, instruments: list(contracts).map(instrument), latency: { answerMs: 0, streamMs: 1 },
    limits: { user: without, anonymous: without, accessTokenRequest: without, renewAccessToken: without, me: without, syncRequest: without },
    users: names.map((name, n) => ({
      name, password: process.env["BENCH_SECRET"] ?? "", hasMarketData: true,
      accounts: list(accounts).filter((_, at) => at % names.length === n).map((id) => ({ id, currency: "USD", cash: "100000000", feePerLot: "0.62" }))
    }))
  })
  const stamped = Stamped.of(venue, { isOrder: (method, path) => method === "POST" && orders.has(path), id: "clOrdId", account: "accountSpec" })
  const { url } = yield* Serve.serve(stamped, { port: 0 })
  yield* Console.log(`ready ${url}`)
  return yield* Effect.never
})))
