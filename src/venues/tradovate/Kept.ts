/**
 * What a login keeps over its connections, as long as the process lives: its token, what it may still ask for, what things there are called.
 * Token and sign-ins outlive the process too.
 */
import { type Deferred, Effect, Option, Redacted, Schema } from "effect"
import type { TradovateLogin } from "#schemas/config/LoginConfig.ts"
import type { LoginId } from "#schemas/Ids.ts"
import type { SessionTokens } from "#src/ports/SessionTokens.ts"
import type { VenueError } from "#src/ports/Venue.ts"
import * as Answers from "#src/venues/tradovate/Answers.ts"
import * as Names from "#src/venues/tradovate/Names.ts"
import * as Patience from "#src/venues/tradovate/Patience.ts"
import type * as Talk from "#src/venues/tradovate/Talk.ts"
import type * as Wire from "#src/venues/tradovate/Wire.ts"
import * as Budget from "#src/venues/shared/Budget.ts"
import * as Complaints from "#src/venues/shared/Complaints.ts"
import * as Reread from "#src/venues/shared/Reread.ts"

/** The venue's own limit of one user, and the time it counts over. */
const requestsUsual = 5_000
const hourMs = 3_600_000
/**
 * Reads take no trade's place, and trades no read's: of the limit 50 % are for questions, 40 % for what changes something, cancels and what
 * protects always before entries. A budget keeps shares of what it is told: 50 % of it for questions, 90 % for what is urgent.
 */
const tradesPart = 0.4 / 0.9

const Token = Schema.Struct({
  text: Schema.String,
  /** For market data. */
  marketData: Schema.String,
  userId: Schema.Number,
  /** By the wall clock. */
  madeAtMs: Schema.Number,
  endsAtMs: Schema.Number,
  /** By a renewal, not by a sign-in. */
  isRenewed: Schema.Boolean
})
export type Token = typeof Token.Type

/** What the next life is told. `user`: whose it is. */
const Left = Schema.fromJsonString(Schema.Struct({ user: Schema.String, token: Schema.optional(Token), signInsAtMs: Schema.Array(Schema.Number), failedSignInAtMs: Schema.optional(Schema.Number) }))
const readLeft = Schema.decodeUnknownOption(Left)
const writeLeft = Schema.encodeSync(Left)

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
  token: Token | undefined
  /** The token that a life before left, as long as none came after it. */
  left: Token | undefined
  /** Once in a life: what the one before left. Before a sign-in, and before the token is looked for. */
  readonly restore: Effect.Effect<void>
  /** Writes token and sign-ins down for the next life. */
  readonly remember: Effect.Effect<void>
  /** On its way; the next connection waits for it. */
  signingIn: Deferred.Deferred<Token, VenueError> | undefined
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

/** What outlives the process, there and back. */
const outliving = (tokens: SessionTokens["Service"], kept: () => Kept) => {
  let isRestored = false
  const restore = Effect.gen(function*() {
    if (isRestored) return
    const found = Option.flatMap(yield* tokens.read(kept().login), (text) => readLeft(Redacted.value(text)))
    isRestored = true
    if (Option.isNone(found)) return
    const { login, signIns, user } = kept()
    const { failedSignInAtMs, signInsAtMs, token, user: before } = found.value
    if (!signIns.all.some((one) => one.login === login)) {
      signIns.all = [...signInsAtMs.map((atMs) => ({ login, atMs })), ...signIns.all].sort((a, b) => a.atMs - b.atMs)
    }
    if (before !== user) return
    Object.assign(kept(), { token, left: token, failedSignInAtMs })
  })
  const remember = Effect.suspend(() => {
    const { failedSignInAtMs, login, signIns, token, user } = kept()
    const signInsAtMs = signIns.all.flatMap((one) => one.login === login ? [one.atMs] : [])
    return tokens.keep(login, Redacted.make(writeLeft({ user, token, signInsAtMs, failedSignInAtMs })))
  })
  return { restore, remember }
}

/** Another user has nothing of the one before; a limit that is set anew begins anew. */
export const keeping = (tokens: SessionTokens["Service"]) => {
  const all = new Map<LoginId, Kept>()
  const signIns: SignIns = { all: [] }
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
      ...outliving(tokens, () => kept),
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
