/** Every kind of actor dies under load, at the row or frame where it hurts: it comes back once, and what the judge watches for holds. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Journal, JournalUnavailable } from "#src/ports/Journal.ts"
import type { Adapter } from "#src/ports/Venue.ts"
import type { Between } from "#src/simulation/Life.ts"
import { buy, exit, live } from "#test/simulation/named/live.ts"

/** In and out of the market every two seconds, on two accounts. */
const load = Array.from({ length: 16 }, (_, n) => {
  const seconds = 5 + 2 * n
  return [`00:00:${String(seconds).padStart(2, "0")}`, n % 2 === 0 ? buy(`in-${n}`) : exit(`out-${n}`)] as const
})

/** Once, at the nth append of this stream that holds such an event, before or after it has its place. */
const dying = (stream: string, tag: JournalEvent["_tag"], at: number, moment: "before" | "after"): Between => {
  let seen = 0
  const fated = <A, E>(to: string, events: ReadonlyArray<JournalEvent>, write: Effect.Effect<A, E | JournalUnavailable>) =>
    Effect.suspend(() => {
      if (to !== stream || !events.some(({ _tag }) => _tag === tag)) return write
      seen += 1
      if (seen !== at) return write
      return moment === "before" ? Effect.die("injected") : Effect.andThen(write, Effect.die("injected"))
    })
  return {
    journal: (journal: Journal["Service"]) => ({
      ...journal,
      stage: (to, expected, events) => fated(to, events, journal.stage(to, expected, events)),
      stageOnce: (to, key, events, afterSeq) => fated(to, events, journal.stageOnce(to, key, events, afterSeq)),
      append: (to, expected, events) => fated(to, events, journal.append(to, expected, events)),
      appendOnce: (to, key, events) => fated(to, events, journal.appendOnce(to, key, events))
    })
  }
}

/** The fiber that listens dies at the nth event. */
const deaf = (at: number): Between => {
  let seen = 0
  return {
    venues: (adapter: Adapter): Adapter => ({
      ...adapter,
      connect: (login) => Effect.map(adapter.connect(login), (connection) => ({
        ...connection,
        events: Stream.mapEffect(connection.events, (event) => {
          seen += 1
          return seen === at ? Effect.die("injected") : Effect.succeed(event)
        })
      }))
    })
  }
}

const rows: ReadonlyArray<readonly [string, string, JournalEvent["_tag"], number]> = [
  ["a guard as it approves", "strategy-guard/demo-futures", "GuardApproved", 3],
  ["a guard as it settles", "strategy-guard/demo-futures", "GuardSettled", 3],
  ["an account as it decides an entry", "account/paper-1", "EntryDecided", 2],
  ["an account as it hears of a fill", "account/paper-1", "FillReceived", 3],
  ["an account as it decides a close", "account/paper-1", "CloseDecided", 2],
  ["an account as a trade ends", "account/paper-2", "TradeClosed", 2],
  ["the dispatcher as it writes a verdict", "dispatch", "AlertGated", 4],
  ["the dispatcher as it settles", "dispatch", "AlertSettled", 3]
]

describe.each([["native", "before"], ["plain", "after"]] as const)("an actor dies under load, %s", (style, moment) => {
  const told = { style, second: {}, alerts: load, seconds: 50 } as const

  it.each(rows)(`%s, ${moment} the row has its place`, async (_, stream, tag, at) => {
    const { count, report } = await live(told, { between: dying(stream, tag, at, moment) })
    assert.strictEqual(count("Restarted"), 1)
    assert.strictEqual(report.counts["lives"], 1)
    assert.isAtLeast(report.outcomes["filled"] ?? 0, 12)
    assert.isUndefined(report.outcomes["failed"])
  })

  it.each([1, 4, 9, 20])("a session whose ear dies at event %i", async (at) => {
    const { count, report } = await live(told, { between: deaf(at) })
    assert.strictEqual(count("Restarted"), 1)
    assert.isAtLeast(report.outcomes["filled"] ?? 0, 10)
  })
})
