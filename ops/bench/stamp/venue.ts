/**
 * The reference venue's fake as a process: `node venue.ts <accounts> <symbols>`, commas between them; the secret in BENCH_SECRET. It stamps its
 * orders, and has no limit, no latency and no faults.
 */
import { Console, Effect } from "effect"
import * as Reference from "#src/simulation/venues/reference/Reference.ts"
import * as Serve from "#src/simulation/venues/shared/Serve.ts"
import * as Stamped from "./Stamped.ts"

const list = (text: string | undefined): ReadonlyArray<string> => (text ?? "").split(",")
const [, , accounts, symbols] = process.argv

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
  const stamped = Stamped.of(venue, { isOrder: (method, path) => method === "POST" && path === "/v1/orders", id: "clientId", account: "account" })
  const { url } = yield* Serve.serve(stamped, { port: 0 })
  yield* Console.log(`ready ${url}`)
  return yield* Effect.never
})))
