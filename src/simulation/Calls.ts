/** Every call that leaves a life's memory, counted: commits of the journal and requests to venues. Owns: what is done to the nth of them. */
import { Effect } from "effect"
import { type Adapter, Ambiguous, type Connection, Unavailable, type VenueError } from "#src/ports/Venue.ts"

/** `before`: nothing of it has happened. `after`: it has, and nobody knows yet. */
export interface Call {
  readonly kind: "journal" | "network"
  readonly moment: "before" | "after"
  /** From 1, over all kinds and lives; both moments of a call have one number. */
  readonly n: number
  /** `commit`, or the request's name. */
  readonly what: string
  readonly atMs: number
}

/** `fail`: a commit meets a full disk, a request does not leave (or its answer does not come back). `kill`: the process ends there. */
export type Fate = "go" | "fail" | "kill"

export interface Calls {
  readonly count: () => number
  /** Both moments of one call. */
  readonly next: (kind: Call["kind"], what: string) => { readonly before: () => Fate; readonly after: () => Fate }
}

export const make = (fateOf: (call: Call) => Fate, nowMs: () => number): Calls => {
  let n = 0
  return {
    count: () => n,
    next: (kind, what) => {
      n += 1
      const own = n
      const at = (moment: Call["moment"]) => () => fateOf({ kind, what, n: own, moment, atMs: nowMs() })
      return { before: at("before"), after: at("after") }
    }
  }
}

const refused = new Unavailable({ reason: "the simulated wire did not take it" })
const lost = new Ambiguous({ cause: "the simulated wire lost the answer" })

/** `kill` ends the process that asks; the fiber then never goes on. */
export const onWire = (calls: Calls, kill: () => void) => {
  const dying = Effect.andThen(Effect.sync(kill), Effect.never)
  const around = <A, R>(what: string, request: Effect.Effect<A, VenueError, R>): Effect.Effect<A, VenueError, R> =>
    Effect.suspend(() => {
      const call = calls.next("network", what)
      const first = call.before()
      if (first === "kill") return dying
      if (first === "fail") return Effect.fail(refused)
      return Effect.flatMap(request, (answer) => {
        const last = call.after()
        return last === "kill" ? dying : last === "fail" ? Effect.fail(lost) : Effect.succeed(answer)
      })
    })
  const connection = (real: Connection): Connection => ({
    ...real,
    submit: (order, instrument) => around("submit", real.submit(order, instrument)),
    submitBracket: (bracket, instrument) => around("submitBracket", real.submitBracket(bracket, instrument)),
    modify: (account, id, change) => around("modify", real.modify(account, id, change)),
    cancel: (account, id) => around("cancel", real.cancel(account, id)),
    cancelAll: (account, instrument) => around("cancelAll", real.cancelAll(account, instrument)),
    closePosition: (account, instrument, id, lots) => around("closePosition", real.closePosition(account, instrument, id, lots)),
    orderByClientId: (account, id) => around("orderByClientId", real.orderByClientId(account, id)),
    workingOrders: (account) => around("workingOrders", real.workingOrders(account)),
    positions: (account) => around("positions", real.positions(account)),
    balances: (account) => around("balances", real.balances(account)),
    fillsSince: (account, sinceMs) => around("fillsSince", real.fillsSince(account, sinceMs))
  })
  return (adapter: Adapter): Adapter => ({
    ...adapter,
    connect: (login) => Effect.map(around("connect", adapter.connect(login)), connection)
  })
}
