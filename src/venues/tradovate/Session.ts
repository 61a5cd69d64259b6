/**
 * One sign-in: its token, renewed before it ends, and requests in its name. Owns: that an order is sent once and never again, that a question
 * may be asked again, and what a token that is refused means. A sign-in is the last resort: the venue counts them, and a third ends the first.
 */
import { Clock, Deferred, Duration, Effect, Fiber, Random, Redacted, Result, Schema, type Scope, Semaphore } from "effect"
import { Secrets } from "#config/Secrets.ts"
import type { TradovateLogin } from "#schemas/config/LoginConfig.ts"
import * as Answers from "#src/venues/tradovate/Answers.ts"
import * as Kept from "#src/venues/tradovate/Kept.ts"
import * as Left from "#src/venues/tradovate/Left.ts"
import * as Patience from "#src/venues/tradovate/Patience.ts"
import type * as Talk from "#src/venues/tradovate/Talk.ts"
import * as Wire from "#src/venues/tradovate/Wire.ts"
import { Ambiguous, RateLimited, Refused, SignedInElsewhere, Unauthenticated, Unavailable, type VenueError } from "#src/ports/Venue.ts"
import type { Urgency } from "#src/venues/shared/Budget.ts"
import type * as Request from "#src/venues/shared/Request.ts"
import * as Text from "#src/venues/shared/Text.ts"

/** An answer's longest body: a session's commands, orders or fills of all accounts. */
const bytesMax = 16 * 1_024 * 1_024
/** A little less than the session waits for an order, and for a question asked twice. */
const orderWithin = { withinMs: 9_000, bytesMax }
const questionWithin = { withinMs: 4_000, bytesMax }
/** Between the two tries, at least and at most. */
const againAfterMs = [400, 600] as const

/** A token is renewed so long before its end; the venue takes 15 renewals an hour. */
const renewBeforeMs = 15 * 60_000
const renewEveryMsMin = 240_000
const renewAgainMs = 60_000
/** What is refused with a token so young is not for this user. */
const surelyFreshMs = 15_000
/** One that ends sooner is not used for a new connection. */
const usableMs = 60_000
/**
 * The venue takes five sign-ins an hour, those that fail too. After one that failed it is left alone for so long; after one that was good only the
 * third waits: what is held must not, and a passing trouble must not use them all up.
 */
const signInsMax = 4
const signInsWithinMs = 3_600_000
const signInBackOffMs = 15_000

export interface Session {
  readonly userId: number
  /** The venue's account ids, by its account names. */
  readonly accounts: ReadonlyMap<string, number>
  readonly token: () => Left.Token
  /** The venue's words, fit to be shown. */
  readonly clean: (said: string) => string
  /** Changes nothing there: asked once more when no answer came, or after a renewal. `urgent`: what reduces risk waits for its answer. */
  readonly ask: <A>(read: Answers.Reader<A>, asked: Request.Asked, urgency?: "query" | "urgent") => Effect.Effect<A, VenueError>
  /** Sent once. Whatever comes of it is told, nothing is repeated. */
  readonly tell: <A>(read: Answers.Reader<A>, asked: Request.Asked, urgency: Urgency) => Effect.Effect<A, VenueError>
  /** A question over a socket. Asked once: what comes of no answer is asked again over a new connection. */
  readonly over: <A>(talk: Talk.Talk, read: Answers.Reader<A>, endpoint: string, body: unknown) => Effect.Effect<A, VenueError>
}

export interface Around {
  readonly login: TradovateLogin
  readonly kept: Kept.Kept
  readonly send: Request.Send
  /** Fails when the connection is no more. */
  readonly lost: Deferred.Deferred<never, VenueError>
}

/** `leaving`: nothing of ours keeps it any more. */
interface Limits extends Request.Limits {
  readonly leaving?: Effect.Effect<void>
}

/** An entry leaves only if there will be room to protect, to cancel and to close (a question before it) what it opens, and all that is open beside it. */
const requestsPerExposure = 4

/** Asked for over and over. */
const lists = /\/(?:list|ldeps)$/

/** One request. Ends in its answer, or in what is known of it. */
const sending = ({ kept, send }: Around, clean: (said: string) => string) =>
  Effect.fnUntraced(function*<A>(read: Answers.Reader<A>, asked: Request.Asked, urgency: Urgency, limits: Limits, bearer?: string) {
    const ready = yield* kept.patience.ready(asked)
    yield* (urgency === "query" ? kept.reads : kept.trades).take(urgency, urgency === "entry" ? requestsPerExposure * (kept.exposures() + 1) : 0)
    if (limits.leaving !== undefined) yield* limits.leaving
    const answer = yield* send(ready, bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }, limits)
    const result = read(lists.test(asked.path)
      ? { status: answer.status, body: kept.texts(`${asked.path} ${JSON.stringify(asked.query)}`, answer.body) }
      : Answers.ofText(answer.status, answer.body), clean)
    if (Result.isSuccess(result)) return result.success
    const failure = result.failure
    if (answer.status === 429) yield* Kept.locked(kept)
    if (failure._tag === "Penalised") return yield* yield* Kept.penalised(kept, asked, failure)
    if (answer.status === 423) yield* Kept.quiet(kept, Answers.warnedMs)
    return yield* Effect.fail<VenueError>(failure)
  })
type Once = ReturnType<typeof sending>

const tokenOf = (signed: Wire.SignedIn, nowMs: number, before?: Left.Token): Left.Token | undefined => {
  const userId = signed.userId ?? before?.userId
  const lifeMs = Math.min(Left.lifeMsMax, signed.expirationTime - nowMs)
  return userId === undefined ? undefined : {
    text: signed.accessToken,
    marketData: signed.mdAccessToken ?? signed.accessToken,
    userId,
    madeAtMs: nowMs,
    signedInAtMs: before?.signedInAtMs ?? nowMs,
    endsAtMs: nowMs + (lifeMs > 0 ? lifeMs : Left.lifeMsMax), // its clock and ours differ by more than a token lives
    isRenewed: before !== undefined
  }
}

/** A new session there. An end of the connection does not end it: its token would be lost, and the venue counts. */
const signingIn = ({ kept, login }: Around, once: Once, secrets: { readonly password: string; readonly sec: string | undefined }) => {
  const made = Effect.gen(function*() {
    const nowMs = yield* Patience.nowMs
    const recent = kept.signIns.all.filter(({ atMs }) => nowMs - atMs < signInsWithinMs)
    const first = recent.at(-signInsMax)?.atMs
    const own = recent.filter((one) => one.login === login.id)
    const last = kept.failedSignInAtMs ?? own.at(-2)?.atMs
    const waitMs = Math.max(first === undefined ? 0 : first + signInsWithinMs - nowMs, last === undefined ? 0 : last + signInBackOffMs - nowMs)
    if (waitMs > 0) return yield* new RateLimited({ retryAfterMs: waitMs })
    const failedBefore = kept.failedSignInAtMs
    const mine = { login: login.id, atMs: nowMs }
    const leaving = Effect.suspend(() => {
      kept.signIns.all = [...recent, mine]
      kept.failedSignInAtMs = nowMs // until it is known to be good
      return kept.remember
    })
    const neverLeft = Effect.suspend(() => {
      kept.signIns.all = kept.signIns.all.filter((one) => one !== mine)
      kept.failedSignInAtMs = failedBefore
      return kept.remember
    })
    const { appId, appVersion, cid, deviceId, name } = login.tradovate
    const body = {
      name, password: secrets.password, appId, appVersion, deviceId,
      ...(cid === undefined ? {} : { cid }), ...(secrets.sec === undefined ? {} : { sec: secrets.sec })
    }
    const signed = yield* once(Answers.signedIn, { method: "POST", path: "/v1/auth/accesstokenrequest", body }, "urgent", { ...orderWithin, leaving }).pipe(
      Effect.tapError(({ _tag }) => _tag === "Unavailable" ? neverLeft : Effect.void),
      Effect.catchTag("Refused", ({ reason }) => Effect.fail(new Unauthenticated({ reason })))
    )
    const token = tokenOf(signed, yield* Clock.currentTimeMillis)
    if (token === undefined) return yield* astray("no user")
    kept.token = token
    kept.failedSignInAtMs = undefined
    yield* kept.remember
    return token
  })
  return Effect.suspend(() => {
    const before = kept.signingIn
    if (before !== undefined) return Deferred.await(before)
    const done = kept.signingIn = Deferred.makeUnsafe<Left.Token, VenueError>()
    const outliving = Effect.flatMap(Effect.exit(made), (exit) => {
      kept.signingIn = undefined
      return Deferred.done(done, exit)
    })
    return Effect.andThen(Effect.forkDetach(outliving), Deferred.await(done))
  })
}

/** Between the venue's token and its end. */
const renewing = (
  { kept, lost }: Around, once: Once, signIn: ReturnType<typeof signingIn>, inForce: () => Left.Token, use: (token: Left.Token) => Effect.Effect<void>
) => Effect.gen(function*() {
  const scope = yield* Effect.scope
  const turn = yield* Semaphore.make(1)
  let isOver = false

  /**
   * Refused and not renewed. Whether it ran out or was revoked is not said, and what is held must not wait: the next connection finds a new one.
   * Whoever signed in elsewhere is known by the streams that end with it.
   */
  const over = (error: VenueError) => Effect.suspend(() => {
    isOver = true
    kept.token = undefined
    const reason = `the token is refused and was not renewed (${error.message})`
    return Effect.matchEffect(signIn, {
      onFailure: (again) => Deferred.fail(lost, again._tag === "RateLimited" ? again : new Unauthenticated({ reason: `${reason}: ${again.message}` })),
      onSuccess: () => Deferred.fail(lost, new Unavailable({ reason: `${reason}: signed in anew` }))
    })
  })

  const renewed = Effect.fnUntraced(function*(used: Left.Token) {
    const signed = yield* once(Answers.signedIn, { method: "GET", path: "/v1/auth/renewaccesstoken" }, "urgent", questionWithin, used.text)
    const next = tokenOf(signed, yield* Clock.currentTimeMillis, used)
    if (next !== undefined) yield* use(next)
  })
  /** One at a time; whoever comes with a token that is no more the one in use finds it done. A connection that is over gives up one token, not the next one too. */
  const renew = (used: Left.Token): Effect.Effect<void, VenueError> => turn.withPermit(Effect.suspend(() => {
    if (isOver) return Effect.fail(new Unavailable({ reason: "the token of this connection is refused" }))
    return used !== inForce() ? Effect.void : Effect.flatMap(Effect.forkDetach(renewed(used)), Fiber.join).pipe(
      Effect.tapError((error) => error._tag === "Unauthenticated" || error._tag === "Refused" ? over(error) : Effect.void)
    )
  }))

  const keep = Effect.forever(Effect.gen(function*() {
    const { endsAtMs, madeAtMs } = inForce()
    const nowMs = yield* Clock.currentTimeMillis
    yield* Effect.sleep(Duration.millis(Math.max(0, madeAtMs + renewEveryMsMin - nowMs, endsAtMs - renewBeforeMs - nowMs)))
    yield* renew(inForce()).pipe(Effect.catch((error) =>
      Effect.andThen(Effect.logWarning("a token could not be renewed", error), Effect.sleep(renewAgainMs))))
  }))
  return { renew, keep, renewBeside: (used: Left.Token) => Effect.asVoid(Effect.forkIn(Effect.ignore(renew(used)), scope)) }
})

/** A token that was renewed a moment ago is good: what is refused all the same is not for this user. */
const notAllowed = Effect.fnUntraced(function*({ isRenewed, madeAtMs }: Left.Token, { reason }: Unauthenticated) {
  return isRenewed && (yield* Clock.currentTimeMillis) - madeAtMs < surelyFreshMs ? new Refused({ kind: "other", reason: `not allowed: ${reason}` }) : undefined
})

/** Both ways to speak, with whatever token is in force. */
const speaking = (once: Once, inForce: () => Left.Token, { renew, renewBeside }: Effect.Success<ReturnType<typeof renewing>>): Pick<Session, "ask" | "tell"> => {
  const ask = <A>(read: Answers.Reader<A>, asked: Request.Asked, urgency: "query" | "urgent" = "query"): Effect.Effect<A, VenueError> => {
    const inName = Effect.suspend(() => {
      const used = inForce()
      return once(read, asked, urgency, questionWithin, used.text).pipe(
        Effect.catchTag("Unauthenticated", () => Effect.andThen(renew(used), Effect.suspend(() => once(read, asked, urgency, questionWithin, inForce().text)))),
        Effect.catchTag("Unauthenticated", (error) => Effect.flatMap(notAllowed(inForce(), error), (no) => Effect.fail<VenueError>(no ?? error)))
      )
    })
    return Effect.catchIf(inName, ({ _tag }) => _tag === "Ambiguous" || _tag === "Unavailable", () =>
      Effect.andThen(Effect.flatMap(Random.nextIntBetween(...againAfterMs), Effect.sleep), inName))
  }
  const tell = <A>(read: Answers.Reader<A>, asked: Request.Asked, urgency: Urgency): Effect.Effect<A, VenueError> => Effect.suspend(() => {
    const used = inForce()
    return Effect.catchTag(once(read, asked, urgency, orderWithin, used.text), "Unauthenticated", (error) => Effect.gen(function*() {
      const no = yield* notAllowed(used, error)
      if (no === undefined) yield* renewBeside(used)
      return yield* Effect.fail<VenueError>(no ?? error)
    }))
  })
  return { ask, tell }
}

/** All or none: an account that is left out could not be traded, nor protected. */
const decodeAccounts = Schema.decodeUnknownResult(Schema.Array(Wire.Account))

/** Signs in, or goes on with the token of the connection before; renews for as long as the scope lives. */
export const open = Effect.fnUntraced(function*(around: Around): Effect.fn.Return<Session, VenueError, Secrets | Scope.Scope> {
  const { kept, login: { tradovate } } = around
  const secrets = yield* Secrets
  const password = Redacted.value(yield* secrets.get(tradovate.password))
  const sec = tradovate.sec === undefined ? undefined : Redacted.value(yield* secrets.get(tradovate.sec))
  const given = () => [password, ...(sec === undefined ? [] : [sec]), ...(kept.token === undefined ? [] : [kept.token.text, kept.token.marketData])]
  const clean = Text.make(given)
  const once = sending(around, clean)
  const signIn = signingIn(around, once, { password, sec })

  const listed = (token: Left.Token) => once(Answers.rows, { method: "GET", path: "/v1/account/list" }, "query", questionWithin, token.text)
  const anew = Effect.gen(function*() {
    const token = yield* signIn
    return { token, rows: yield* listed(token) }
  })
  yield* kept.restore
  const before = kept.token
  const isUsable = before !== undefined && before.endsAtMs - (yield* Clock.currentTimeMillis) > usableMs
  /**
   * Others sign in while nobody listens, too: whoever does is left alone for as long as one that is heard. A token of the life before tells nothing of
   * now: a start is somebody's word that the login is ours.
   */
  const refusedBefore = Effect.fnUntraced(function*({ reason }: Unauthenticated) {
    if (kept.token !== undefined && kept.token !== before) return { token: kept.token, rows: yield* listed(kept.token) } // renewed meanwhile
    const isOfLifeBefore = kept.token === kept.left
    kept.token = undefined
    if (isOfLifeBefore) return yield* anew
    return yield* new SignedInElsewhere({ reason: `signed in elsewhere: the token is refused before its end: ${reason}` })
  })
  const { rows, token: first } = isUsable
    ? yield* Effect.catchTag(Effect.map(listed(before), (all) => ({ token: before, rows: all })), "Unauthenticated", refusedBefore)
    : yield* anew
  let token = first
  const read = decodeAccounts(rows)
  if (Result.isFailure(read)) return yield* astray("accounts that cannot be read")
  const accounts = new Map(read.success.flatMap(({ active, archived, id, name }) => active === false || archived === true ? [] : [[name, id] as const]))

  const tokens = yield* renewing(around, once, signIn, () => token, (next) => Effect.suspend(() => {
    token = next
    kept.token = next
    return kept.remember
  }))
  yield* Effect.forkScoped(tokens.keep)
  return { userId: first.userId, accounts, token: () => token, clean, ...speaking(once, () => token, tokens), over: (...question) => Kept.overSocket(kept, ...question) }
})

/** Nobody's evidence: it speaks of something else than was asked for. */
export const astray = (what: string) => new Ambiguous({ cause: `the answer speaks of ${what}` })

/** A question before an order: without its answer surely nothing left. */
export const beforeLeaving = <A, R>(question: Effect.Effect<A, VenueError, R>): Effect.Effect<A, VenueError, R> =>
  Effect.catchTag(question, "Ambiguous", ({ cause }) => Effect.fail(new Unavailable({ reason: `not sent: ${cause}` })))
