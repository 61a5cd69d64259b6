/**
 * One sign-in: its token, renewed before it ends, and requests in its name. Owns: that an order is sent once and never again, that a question
 * may be asked again, and what a token that is refused means.
 */
import { Clock, Deferred, Duration, Effect, Random, Redacted, Result, type Scope, Semaphore } from "effect"
import { Secrets } from "#config/Secrets.ts"
import type { ReferenceLogin } from "#schemas/config/LoginConfig.ts"
import * as Answers from "#src/venues/reference/Answers.ts"
import { Ambiguous, Unauthenticated, type VenueError } from "#src/ports/Venue.ts"
import type { Budget, Urgency } from "#src/venues/shared/Budget.ts"
import type * as Request from "#src/venues/shared/Request.ts"
import * as Text from "#src/venues/shared/Text.ts"

/** An answer's longest body. */
export const bytesMax = 4 * 1_024 * 1_024
/** A little less than the session waits for an order, and for a question asked twice. */
const orderWithin = { withinMs: 9_000, bytesMax }
const questionWithin = { withinMs: 4_000, bytesMax }
/** Between the two tries, at least and at most. Whole milliseconds: so do all clocks count. */
const againAfterMs = [400, 600] as const

/** A token is renewed so long before its end, at half of a shorter life; never more often than this, whatever the clocks say. */
const renewBeforeMs = 60_000
const renewEveryMsMin = 5_000
const lifeMsMax = 86_400_000

interface Token {
  readonly text: string
  readonly expiresAt: number
}

export interface Session {
  readonly style: "native" | "plain"
  /** The venue's own names. */
  readonly accounts: ReadonlySet<string>
  readonly token: () => string
  /** The venue's words, fit to be shown. */
  readonly clean: (said: string) => string
  /** Changes nothing there: asked once more when no answer came, or after a renewal. */
  readonly ask: <A>(read: Answers.Reader<A>, asked: Request.Asked) => Effect.Effect<A, VenueError>
  /** Sent once. Whatever comes of it is told, nothing is repeated. */
  readonly tell: <A>(read: Answers.Reader<A>, asked: Request.Asked, urgency: Urgency) => Effect.Effect<A, VenueError>
}

export interface Around {
  readonly login: ReferenceLogin
  readonly send: Request.Send
  readonly budget: Budget
  /** Fails when the connection is no more. */
  readonly lost: Deferred.Deferred<never, VenueError>
}

const maskFor = (secret: string) => {
  const given = new Set<string>([secret])
  return { given, clean: Text.make(() => [...given]) }
}

const nextRenewalMs = (expiresAt: number, nowMs: number): number => {
  const lifeMs = Math.min(lifeMsMax, Math.max(0, expiresAt - nowMs))
  return Math.max(renewEveryMsMin, Math.ceil(lifeMs - Math.min(renewBeforeMs, lifeMs / 2)))
}

/** A new session's first questions decide what is protected and what is closed: they do not keep the silence that the venue asked of what can wait. */
const firstQuestionsNanos = 5_000_000_000n

/** Signs in; renews for as long as the scope lives. */
export const open = Effect.fnUntraced(function*({ budget, login, lost, send }: Around): Effect.fn.Return<Session, VenueError, Secrets | Scope.Scope> {
  const secret = Redacted.value(yield* (yield* Secrets).get(login.reference.secret))
  const { clean, given } = maskFor(secret)
  const scope = yield* Effect.scope
  const turn = yield* Semaphore.make(1)

  const once = Effect.fnUntraced(function*<A>(read: Answers.Reader<A>, asked: Request.Asked, urgency: Urgency, limits: Request.Limits, bearer?: string) {
    yield* budget.take(urgency)
    const answer = yield* send(asked, bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }, limits)
    const result = read(answer, clean)
    if (Result.isSuccess(result)) return result.success
    if (result.failure._tag === "RateLimited") yield* budget.quiet(result.failure.retryAfterMs)
    return yield* Effect.fail(result.failure)
  })

  const signIn = { method: "POST", path: "/v1/session", body: { key: login.reference.key, secret } } as const
  const { accounts, style, ...first } = yield* once(Answers.signedIn, signIn, "urgent", orderWithin)
  let token: Token = { text: first.token, expiresAt: first.expiresAt }
  given.add(token.text)

  /** One at a time; whoever comes with a token that is no more the one in use finds it done. */
  const renew = (used: string) => turn.withPermit(Effect.suspend(() => used !== token.text ? Effect.void :
    Effect.map(once(Answers.renewed, { method: "POST", path: "/v1/session/renew" }, "urgent", questionWithin, used), (next) => {
      given.delete(used)
      given.add(next.token)
      token = { text: next.token, expiresAt: next.expiresAt }
    })))

  const lose = (error: VenueError) => Deferred.fail(lost, error)
  const over = (error: VenueError) => lose(new Unauthenticated({ reason: `the token is refused and was not renewed: ${error.message}` }))

  const untilNanos = (yield* Clock.monotonicTimeNanos) + firstQuestionsNanos
  const ask = <A>(read: Answers.Reader<A>, asked: Request.Asked): Effect.Effect<A, VenueError> => {
    const inName = Effect.gen(function*() {
      const used = token.text
      const urgency = (yield* Clock.monotonicTimeNanos) < untilNanos ? "urgent" : "query"
      return yield* once(read, asked, urgency, questionWithin, used).pipe(
        Effect.catchTag("Unauthenticated", () => renew(used).pipe(
          Effect.tapError(over),
          Effect.andThen(Effect.suspend(() => once(read, asked, urgency, questionWithin, token.text))),
          Effect.tapError((error) => error._tag === "Unauthenticated" ? over(error) : Effect.void)
        ))
      )
    })
    return Effect.catchIf(inName, ({ _tag }) => _tag === "Ambiguous" || _tag === "Unavailable", () =>
      Effect.andThen(Effect.flatMap(Random.nextIntBetween(...againAfterMs), Effect.sleep), inName))
  }

  const tell = <A>(read: Answers.Reader<A>, asked: Request.Asked, urgency: Urgency): Effect.Effect<A, VenueError> =>
    Effect.suspend(() => {
      const used = token.text
      return once(read, asked, urgency, orderWithin, used).pipe(
        Effect.tapError(({ _tag }) => _tag === "Unauthenticated" ? Effect.forkIn(Effect.ignore(Effect.tapError(renew(used), over)), scope) : Effect.void)
      )
    })

  const keepRenewing = Effect.forever(Effect.gen(function*() {
    const nowMs = yield* Clock.currentTimeMillis
    yield* Effect.sleep(Duration.millis(nextRenewalMs(token.expiresAt, nowMs)))
    yield* renew(token.text).pipe(Effect.catch((error) =>
      error._tag === "Refused" || error._tag === "Unauthenticated" ? over(error) : Effect.logWarning(`login ${login.id}: its token could not be renewed`, error)))
  }))
  yield* Effect.forkScoped(keepRenewing)

  return { style, accounts: new Set(accounts), token: () => token.text, clean, ask, tell }
})

/** Nobody's evidence: it speaks of something else than was asked for. */
export const astray = (what: string) => new Ambiguous({ cause: `the answer speaks of ${what}` })
