/** Messages between actors: a full mailbox delays them, it never loses them. */
import { Effect, Schedule } from "effect"

const again = Schedule.spaced("100 millis")

/** For messages sent with `discard`: returns once it is in the mailbox. The message is repeated, never what it is about. */
export const surely = <A, E, R>(message: Effect.Effect<A, E, R>): Effect.Effect<void, never, R> =>
  Effect.asVoid(Effect.orDie(Effect.retry(message, again)))
