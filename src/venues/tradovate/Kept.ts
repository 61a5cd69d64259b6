/** What a login keeps over its connections, as long as the process lives: its token, what it may still ask for, what things there are called. */
import { type Deferred, Effect } from "effect"
import type { TradovateLogin } from "#schemas/config/LoginConfig.ts"
import type { LoginId } from "#schemas/Ids.ts"
import type { VenueError } from "#src/ports/Venue.ts"
import * as Answers from "#src/venues/tradovate/Answers.ts"
import * as Names from "#src/venues/tradovate/Names.ts"
import * as Patience from "#src/venues/tradovate/Patience.ts"
import type * as Talk from "#src/venues/tradovate/Talk.ts"
import type * as Wire from "#src/venues/tradovate/Wire.ts"
import * as Budget from "#src/venues/shared/Budget.ts"
import * as Complaints from "#src/venues/shared/Complaints.ts"

/** The venue's own limit of one user, and the time it counts over. */
const requestsUsual = 5_000
const hourMs = 3_600_000
/**
 * Reads take no trade's place, and trades no read's: of the limit 50 % are for questions, 40 % for what changes something, cancels and what
 * protects always before entries. A budget keeps shares of what it is told: 50 % of it for questions, 90 % for what is urgent.
 */
const tradesPart = 0.4 / 0.9

export interface Token {
  readonly text: string
  /** For market data. */
  readonly marketData: string
  readonly userId: number
  /** By the wall clock. */
  readonly madeAtMs: number
  readonly endsAtMs: number
  /** By a renewal, not by a sign-in. */
  readonly isRenewed: boolean
}

/** The venue counts sign-ins by address, whoever's they are. */
export interface SignIns {
  /** Of the last hour. */
  atMs: ReadonlyArray<number>
}

export interface Kept {
  /** Whose it is. */
  readonly user: string
  readonly reads: Budget.Budget
  readonly trades: Budget.Budget
  readonly patience: Patience.Patience
  readonly names: Names.Names
  /** What a contract is never changes. */
  readonly contracts: {
    readonly contracts: Map<number, Wire.Contract>
    readonly maturities: Map<number, Wire.Maturity>
    readonly products: Map<number, Wire.Product>
  }
  readonly complaints: Complaints.Complaints
  token: Token | undefined
  /** On its way; the next connection waits for it. */
  signingIn: Deferred.Deferred<Token, VenueError> | undefined
  readonly signIns: SignIns
  /** Its own last one. */
  signInAtMs: number | undefined
  /** The one of the two forms of its first question that the stream took last. */
  syncForm: "users" | "accounts"
  /** Of the connection in force: a login has one. */
  lost: Deferred.Deferred<never, VenueError> | undefined
}

/** Another user has nothing of the one before; a limit that is set anew begins anew. */
export const keeping = () => {
  const all = new Map<LoginId, Kept>()
  const signIns: SignIns = { atMs: [] }
  return ({ id, tradovate: { name, requestsPerHour = requestsUsual, url } }: TradovateLogin): Kept => {
    const user = JSON.stringify([url, name, requestsPerHour])
    const before = all.get(id)
    if (before?.user === user) return before
    const kept: Kept = {
      user,
      reads: Budget.make(requestsPerHour, hourMs),
      trades: Budget.make(Math.floor(requestsPerHour * tradesPart), hourMs),
      patience: Patience.make(),
      names: Names.make(id),
      contracts: { contracts: new Map(), maturities: new Map(), products: new Map() },
      complaints: before?.complaints ?? Complaints.make(id),
      token: undefined,
      signingIn: undefined,
      signIns,
      signInAtMs: undefined,
      syncForm: "users",
      lost: before?.lost
    }
    all.set(id, kept)
    return kept
  }
}

/** A question over a socket is a request like any other: it is counted, keeps silence, and what the venue says to it counts for all. */
export const overSocket = Effect.fnUntraced(function*<A>(kept: Kept, talk: Talk.Talk, read: Answers.Reader<A>, endpoint: string, body: unknown) {
  const asked = { method: "POST", path: endpoint, body } as const
  const ready = yield* kept.patience.ready(asked)
  yield* kept.reads.take("query")
  return yield* talk.request(read, endpoint, ready.body).pipe(
    Effect.tapError((error) => error._tag !== "RateLimited" ? Effect.void : error.retryAfterMs === Answers.lockedMs ? kept.patience.locked : quiet(kept, error.retryAfterMs)),
    Effect.catchTag("Penalised", (penalty) => Effect.flatMap(kept.patience.penalised(asked, penalty), Effect.fail<VenueError>))
  )
})

/** Both budgets keep silence. */
export const quiet = ({ reads, trades }: Kept, forMs: number): Effect.Effect<void> => Effect.andThen(reads.quiet(forMs), trades.quiet(forMs))
