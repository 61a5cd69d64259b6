/** What the fake's own tests share: a venue on virtual time, one customer, and short ways to ask. */
import { Effect, Result } from "effect"
import * as Faults from "#src/simulation/venues/shared/Faults.ts"
import type { Options } from "#src/simulation/venues/reference/Core.ts"
import type { LedgerRecord } from "#src/simulation/venues/shared/Records.ts"
import * as Reference from "#src/simulation/venues/reference/Reference.ts"

export const plan = (text: string): Faults.FaultPlan => Result.getOrThrow(Faults.parse(text))

export const options = (given: Partial<Options> = {}): Options => ({
  seed: 7,
  style: "native",
  logins: [{ key: "demo", secret: "demo", accounts: [{ id: "A1", currency: "USD", cash: "50000", feePerLot: "0.62" }, { id: "A2", currency: "USD", cash: "1000.5", feePerLot: "0" }] }],
  instruments: [{ symbol: "MESZ26", tick: "0.25", pointValue: "5", step: "1" }],
  ...given
})

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  // Whatever came, to be looked at by a test.
  readonly body: { readonly [key: string]: unknown }
  readonly text: string
}

/** Signed in, with a price of 5000.00 unless the walk is wanted. */
export const customer = (given: Partial<Options> = {}, isWalking = false) =>
  Effect.gen(function*() {
    const venue = yield* Reference.make(options(given))
    if (!isWalking) venue.market.set("MESZ26", "5000")
    let token = ""
    const raw = (method: string, path: string, body?: unknown) =>
      venue.handle({ method, path: `/v1/${path}`, headers: { authorization: `Bearer ${token}` }, body: body === undefined ? "" : JSON.stringify(body) })
    const ask = (method: string, path: string, body?: unknown) =>
      Effect.map(raw(method, path, body), ({ body: text, headers, status }): Answer => {
        let parsed: Answer["body"] = {}
        try {
          parsed = JSON.parse(text)
        } catch {
          // a test that damages answers looks at the text
        }
        return { status, headers, body: parsed, text }
      })
    const signIn = Effect.gen(function*() {
      const answer = yield* ask("POST", "session", { key: "demo", secret: "demo" })
      token = String(answer.body["token"])
      return answer
    })
    yield* signIn
    const order = (fields: object) => ask("POST", "orders", { account: "A1", symbol: "MESZ26", side: "buy", type: "market", qty: "1", ...fields })
    return { venue, ask, raw, order, signIn, token: () => token, kinds: <K extends LedgerRecord["kind"]>(kind: K) => ofKind(venue.ledger, kind) }
  })

export const ofKind = <K extends LedgerRecord["kind"]>(ledger: ReadonlyArray<LedgerRecord>, kind: K) =>
  ledger.filter((record): record is Extract<LedgerRecord, { kind: K }> => record.kind === kind)
