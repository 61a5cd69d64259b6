/**
 * A login's connection: made, kept, made again after a wait that grows; or at once when somebody asks for it. One at a time: the old one is
 * closed before another is made, always by the configuration as it is then.
 */
import { Cause, Duration, Effect, Latch, Option, Queue, Stream } from "effect"
import type * as Tell from "#actors/broker-session/Tell.ts"
import { Clocks } from "#config/Clocks.ts"
import { HouseConfig } from "#config/House.ts"
import type { LoginConfig } from "#schemas/config/LoginConfig.ts"
import type { LoginId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import { type Connection, RateLimited, SignedInElsewhere, Unauthenticated, Venues } from "#src/ports/Venue.ts"

const { SessionConnected, SessionLost } = JournalEvent.cases

/** Waits between tries to connect, from the first again after a steady connection. */
const reconnectSeconds = [0.25, 0.5, 1, 2, 5] as const
/** Between sign-ins that the venue turns down: it may count them. */
const signInSeconds = [5, 10, 20, 40, 60] as const
const silenceMsMax = 600_000
/** A connection that lasted so long was one: the next is made soon again. */
const steadyAfter = "30 seconds"
/**
 * Whoever signs in elsewhere ends our session. Once we come back; who does it again soon means it, and has the login to himself so long,
 * milliseconds, or until a person restarts the session. What is to be protected or closed here does not wait for that.
 */
const elsewhereMs = 600_000
const insistsWithinMs = 2 * elsewhereMs
/** What is to be protected or closed may wait for a venue that is there no longer than so, milliseconds; after so many tries in a row it is not there. */
const neededMs = 500
const neededTriesMax = 20

interface Wait {
  readonly ms: number
  /** Where an account needs the connection. */
  readonly neededMs: number
}

const waitOf = (cause: Cause.Cause<unknown>, tries: number, failures: number, isTheirs: boolean): Wait => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  const isTurnedDown = error instanceof Unauthenticated || error instanceof SignedInElsewhere
  const seconds = isTurnedDown ? signInSeconds : reconnectSeconds
  const listedMs = 1_000 * (seconds[Math.min(tries, seconds.length - 1)] ?? 60)
  const quietMs = error instanceof RateLimited ? Math.min(silenceMsMax, error.retryAfterMs) : 0
  const soonMs = isTurnedDown || failures >= neededTriesMax ? listedMs : Math.min(listedMs, neededMs)
  return { ms: Math.max(quietMs, isTheirs ? elsewhereMs : listedMs), neededMs: Math.max(quietMs, soonMs) }
}

/** Whoever signs in elsewhere: for the second time within a while? */
const watchElsewhere = (login: LoginId, monotonicMs: Effect.Effect<number>) => {
  let elsewhereAtMs = -Infinity
  return Effect.fnUntraced(function*(cause: Cause.Cause<unknown>) {
    if (!Option.exists(Cause.findErrorOption(cause), (error) => error instanceof SignedInElsewhere)) return false
    const nowMs = yield* monotonicMs
    const isAgain = nowMs - elsewhereAtMs < insistsWithinMs
    elsewhereAtMs = nowMs
    if (isAgain) yield* Effect.logError(`login ${login} is used elsewhere: unless something of ours is to be protected or closed it is left alone for ${elsewhereMs / 60_000} minutes; \`interlock session restart ${login}\` takes it back`)
    return isAgain
  })
}

export const make = Effect.fnUntraced(function*(login: LoginId, tell: Tell.Tell, note: (event: JournalEvent) => Effect.Effect<unknown>) {
  const house = yield* HouseConfig
  const venues = yield* Venues
  const quotes = yield* QuoteBook
  const supervision = yield* Supervision
  const clocks = yield* Clocks
  const anew = yield* Queue.sliding<void>(1)
  const needed = yield* Latch.make()
  let connection: Connection | undefined
  let tries = 0
  /** In a row, without a connection between them. */
  let failures = 0
  let isAside = false
  const isInsisted = watchElsewhere(login, clocks.monotonicMs)

  const connected = Effect.fnUntraced(function*(config: LoginConfig) {
    yield* supervision.setSession(login, "connecting")
    const made = yield* venues[config.venue].connect(config)
    yield* note(SessionConnected.make({ login, atMs: yield* clocks.wallMs }))
    connection = made
    failures = 0
    yield* Effect.forkScoped(Effect.delay(Effect.sync(() => { tries = 0 }), steadyAfter))
    yield* supervision.setSession(login, "connected")
    yield* tell.allUp(made.capabilities)
    const events = Stream.runForEachArray(made.events, tell.reported)
    yield* Effect.raceFirst(events, Stream.runForEach(made.quotes, quotes.put))
    return yield* Effect.fail("the venue closed the stream")
  })

  const lost = Effect.fnUntraced(function*(cause: Cause.Cause<unknown>) {
    const reason = Cause.pretty(cause).split("\n")[0] ?? "unknown"
    if (connection === undefined) return yield* Effect.logWarning(`login ${login} cannot connect: ${reason}`)
    connection = undefined
    yield* needed.close // who needs it from here on says so
    yield* supervision.setSession(login, "lost")
    yield* Effect.logWarning(`login ${login} lost its connection: ${reason}`)
    yield* note(SessionLost.make({ login, atMs: yield* clocks.wallMs, reason }))
    yield* tell.allDown
  })

  const stay = Effect.gen(function*() {
    isAside = true // before it looks: who asks it to look again is not overheard
    const config = (yield* house.current).logins.get(login)
    if (config === undefined || !config.enabled) {
      tries = 0
      yield* supervision.setSession(login, "disabled")
      return yield* Queue.take(anew)
    }
    isAside = false
    let isAskedAnew = false
    let wait: Wait = { ms: 0, neededMs: 0 }
    yield* Effect.scoped(connected(config)).pipe(
      Effect.raceFirst(Effect.andThen(Queue.take(anew), Effect.suspend(() => {
        isAskedAnew = true
        return Effect.fail("asked to connect anew")
      }))),
      Effect.tapCause(Effect.fnUntraced(function*(cause) {
        wait = waitOf(cause, tries, failures, yield* isInsisted(cause))
        yield* lost(cause)
      })),
      Effect.catchCause((cause) => Cause.hasDies(cause) ? Effect.failCause(cause) : Effect.void)
    )
    if (isAskedAnew) return
    tries += 1
    failures += 1
    yield* Effect.sleep(Duration.millis(wait.ms)).pipe(
      Effect.raceFirst(Effect.andThen(needed.await, Effect.sleep(Duration.millis(wait.neededMs)))),
      Effect.raceFirst(Queue.take(anew))
    )
  })

  const reconnect = Effect.asVoid(Queue.offer(anew, undefined))
  return {
    connection: () => connection,
    reconnect,
    need: Effect.asVoid(needed.open),
    /** For one that stands aside, as the configuration has it disabled or not at all: maybe no more. */
    lookAgain: Effect.suspend(() => isAside ? reconnect : Effect.void),
    stay
  }
})
