/** A login's session stopped and started anew by an operator. What waits for its wire waits on or is answered; its accounts reconcile first. */
import { Effect, Option, Stream } from "effect"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import { HouseConfig } from "#config/House.ts"
import { NotFound, NotNow } from "#schemas/contracts/AdminRpc.ts"
import { type Asker, CommandDenied, type CommandReceipt } from "#schemas/contracts/Commands.ts"
import type { LoginId } from "#schemas/Ids.ts"
import { Journal } from "#src/ports/Journal.ts"
import { type SessionState, Supervision } from "#src/ports/Supervision.ts"
import * as Given from "./Given.ts"

/** The session goes on trying; whoever asked is told by then how it stands. */
const connectedWithinMs = 10_000

const words: Readonly<Record<SessionState, string>> = {
  connected: "is connected again, its accounts reconcile before they add risk",
  connecting: `is not connected within ${connectedWithinMs / 1_000} s: it goes on trying, see the log`,
  lost: `is not connected within ${connectedWithinMs / 1_000} s: it goes on trying, see the log`,
  disabled: "was disabled meanwhile"
}

export const make = Effect.gen(function*() {
  const config = yield* HouseConfig
  const journal = yield* Journal
  const supervision = yield* Supervision
  const sessionFor = yield* BrokerSession.client
  const { given, write } = yield* Given.make

  /** Why it was lost before: a second sign-in elsewhere says so itself. */
  const lostFor = Effect.fnUntraced(function*(login: LoginId, state: SessionState) {
    if (state === "connected") return []
    const rows = yield* journal.readStream(`broker-session/${login}`, 0)
    const lost = rows.findLast(({ event }) => event._tag === "SessionLost")?.event
    return [`it was ${state}${lost?._tag === "SessionLost" ? `; lost last: ${lost.reason}` : ""}`]
  })

  /** Told only once somebody looks; then from the first state that is another until it is connected. */
  const restarted = Effect.fnUntraced(function*(login: LoginId) {
    let hasLeft = false
    let last: SessionState = "connecting"
    const restart = sessionFor(login).Reconnect(undefined, { discard: true }).pipe(
      Effect.mapError(() => new NotNow({ message: `the session of ${login} takes no message now: try again` }))
    )
    yield* supervision.changes.pipe(
      Stream.map(({ sessions }) => sessions.get(login) ?? "connecting"),
      Stream.mapEffect((state, index) => Effect.as(index === 0 ? restart : Effect.void, state)),
      Stream.takeUntil((state) => {
        last = state
        hasLeft ||= state !== "connected"
        return hasLeft && (state === "connected" || state === "disabled")
      }),
      Stream.runDrain,
      Effect.timeoutOption(connectedWithinMs)
    )
    return last
  })

  const RestartSession = Effect.fnUntraced(function*({ login, ...asker }: Asker & { readonly login: LoginId }) {
    const { logins } = yield* config.current
    const found = Option.fromUndefinedOr(logins.get(login))
    if (Option.isNone(found)) {
      return yield* new NotFound({ what: login, message: `no login ${login} is configured; there is ${[...logins.keys()].join(", ") || "none"}` })
    }
    if (!found.value.enabled) {
      const message = `login ${login} is disabled: enable it in venues.json, then \`interlock reload\``
      return yield* new CommandDenied({ reason: { rule: "LoginDisabled", message, facts: { login } } })
    }
    const commandId = yield* Given.nextId
    const before = yield* lostFor(login, yield* supervision.session(login))
    const durable = yield* write([given(commandId, "session restart", asker, { login })])
    const receipt: CommandReceipt = { commandId, durable, lines: [...before, `login ${login} ${words[yield* restarted(login)]}`] }
    return receipt
  })
  return { RestartSession }
})
