/**
 * What a login keeps over its connections, as long as the process lives: its token, what it may still ask for, what things there are called.
 * Token, sign-ins and a lock-out outlive the process too.
 */
import { type Deferred, Effect } from "effect"
import type { TradovateLogin } from "#schemas/config/LoginConfig.ts"
import type { LoginId } from "#schemas/Ids.ts"
import type { SessionTokens } from "#src/ports/SessionTokens.ts"
import type { VenueError } from "#src/ports/Venue.ts"
import * as Answers from "#src/venues/tradovate/Answers.ts"
import * as Left from "#src/venues/tradovate/Left.ts"
import * as Names from "#src/venues/tradovate/Names.ts"
import * as Patience from "#src/venues/tradovate/Patience.ts"
import type * as Talk from "#src/venues/tradovate/Talk.ts"
import type * as Wire from "#src/venues/tradovate/Wire.ts"
import * as Budget from "#src/venues/shared/Budget.ts"
import * as Complaints from "#src/venues/shared/Complaints.ts"
import type { Asked } from "#src/venues/shared/Request.ts"
import * as Reread from "#src/venues/shared/Reread.ts"

/** The venue's own limit of one user, and the time it counts over. */
const requestsUsual = 5_000
const hourMs = 3_600_000
/**
 * Reads take no trade's place, and trades no read's: of the limit 50 % are for questions, 40 % for what changes something, cancels and what
 * protects always before entries. A budget keeps shares of what it is told: 50 % of it for questions, 90 % for what is urgent.
 */
const tradesPart = 0.4 / 0.9

/** The venue counts sign-ins by address, whoever's they are. */
export interface SignIns {
  /** Of the last hour. */
  all: ReadonlyArray<{ readonly login: LoginId; readonly atMs: number }>
}

export interface Kept {
  readonly login: LoginId
  /** Whose it is, and at which limits. */
  readonly settings: string
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
  /** Lists as they were answered last. */
  readonly texts: Reread.Texts
  readonly complaints: Complaints.Complaints
  token: Left.Token | undefined
  /** The token that a life before left, as long as none came after it. */
  left: Left.Token | undefined
  /** Once in a life: what the one before left. Before a sign-in, and before the token is looked for. */
  readonly restore: Effect.Effect<void>
  /** Writes token, sign-ins and lock-out down for the next life. */
  readonly remember: Effect.Effect<void>
  /** On its way; the next connection waits for it. */
  signingIn: Deferred.Deferred<Left.Token, VenueError> | undefined
  readonly signIns: SignIns
  /** Its own last one, if that one failed. */
  failedSignInAtMs: number | undefined
  /** The one of the two forms of its first question that the stream took last. */
  syncForm: "users" | "accounts"
  /** Positions, and entries that may become some, of all its accounts: as the stream tells them. */
  exposures: () => number
  /** Of the connection in force: a login has one. */
  lost: Deferred.Deferred<never, VenueError> | undefined
}

const userOf = ({ tradovate: { name, url } }: TradovateLogin): string => JSON.stringify([url, name])

/** Logins whose sign-ins of lives before are counted: the venue counts all of this address. */
interface Counted {
  readonly tokens: SessionTokens["Service"]
  readonly others: Effect.Effect<ReadonlyArray<LoginId>>
  readonly signIns: SignIns
  readonly done: Set<LoginId>
}

/** What outlives the process, there and back. */
const outliving = ({ done, others, signIns, tokens }: Counted, kept: () => Kept) => {
  let isRestored = false
  const restore = Effect.gen(function*() {
    if (isRestored) return
    const { login, patience, user } = kept()
    for (const id of new Set([login, ...yield* others])) {
      const left = yield* Left.read(tokens, id)
      if (left !== undefined && !done.has(id)) {
        signIns.all = [...signIns.all, ...left.signInsAtMs.map((atMs) => ({ login: id, atMs }))].sort((one, other) => one.atMs - other.atMs)
      }
      done.add(id)
      if (id !== login || left === undefined || left.user !== user) continue
      Object.assign(kept(), { token: left.token, left: left.token, failedSignInAtMs: left.failedSignInAtMs })
      if (left.lockedUntilMs !== undefined) patience.lock(left.lockedUntilMs)
    }
    isRestored = true
  })
  const remember = Effect.suspend(() => {
    const { failedSignInAtMs, login, patience, token, user } = kept()
    const signInsAtMs = signIns.all.flatMap((one) => one.login === login ? [one.atMs] : [])
    return Left.keep(tokens, login, { user, token, signInsAtMs, failedSignInAtMs, lockedUntilMs: patience.lockedUntilMs() })
  })
  return { restore, remember }
}

/** Another user has nothing of the one before; a limit that is set anew begins anew. */
export const keeping = (tokens: SessionTokens["Service"], others: Counted["others"]) => {
  const all = new Map<LoginId, Kept>()
  const signIns: SignIns = { all: [] }
  const done = new Set<LoginId>()
  return (login: TradovateLogin): Kept => {
    const { id, tradovate: { requestsPerHour = requestsUsual } } = login
    const settings = JSON.stringify([userOf(login), requestsPerHour])
    const before = all.get(id)
    if (before?.settings === settings) return before
    const kept: Kept = {
      login: id,
      settings,
      user: userOf(login),
      reads: Budget.make(requestsPerHour, hourMs),
      trades: Budget.make(Math.floor(requestsPerHour * tradesPart), hourMs),
      patience: Patience.make(),
      names: Names.make(id),
      contracts: { contracts: new Map(), maturities: new Map(), products: new Map() },
      texts: Reread.texts(),
      complaints: before?.complaints ?? Complaints.make(id),
      token: undefined,
      left: undefined,
      ...outliving({ done, others, signIns, tokens }, () => kept),
      signingIn: undefined,
      signIns,
      failedSignInAtMs: undefined,
      syncForm: "users",
      exposures: () => 0,
      lost: before?.lost
    }
    all.set(id, kept)
    return kept
  }
}

/** Nothing is asked for an hour, whoever asks. */
export const locked = ({ patience, remember }: Kept): Effect.Effect<void> => Effect.andThen(patience.locked, remember)

export const penalised = ({ patience, remember }: Kept, asked: Asked, penalty: Answers.Penalised) => Effect.tap(patience.penalised(asked, penalty), () => remember)

/** A question over a socket is a request like any other: it is counted, keeps silence, and what the venue says to it counts for all. */
export const overSocket = Effect.fnUntraced(function*<A>(kept: Kept, talk: Talk.Talk, read: Answers.Reader<A>, endpoint: string, body: unknown) {
  const asked = { method: "POST", path: endpoint, body } as const
  const ready = yield* kept.patience.ready(asked)
  yield* kept.reads.take("query")
  return yield* talk.request(read, endpoint, ready.body).pipe(
    Effect.tapError((error) => error._tag !== "RateLimited" ? Effect.void : error.retryAfterMs === Answers.lockedMs ? locked(kept) : quiet(kept, error.retryAfterMs)),
    Effect.catchTag("Penalised", (penalty) => Effect.flatMap(penalised(kept, asked, penalty), Effect.fail<VenueError>))
  )
})

/** Both budgets keep silence. */
export const quiet = ({ reads, trades }: Kept, forMs: number): Effect.Effect<void> => Effect.andThen(reads.quiet(forMs), trades.quiet(forMs))
