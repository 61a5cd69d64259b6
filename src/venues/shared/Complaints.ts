/** What a venue said and we could not use: counted always, logged the first time and then ever more rarely, so that nobody floods the log. */
import { Effect, Metric } from "effect"
import type { LoginId } from "#schemas/Ids.ts"

const unreadable = Metric.counter("interlock_venue_unreadable_total", {
  description: "Parts of a venue's answers and events that could not be used, by login and kind", incremental: true
})

export interface Complaints {
  /** `kind` is one of few. */
  readonly about: (kind: string, text: string) => Effect.Effect<void>
  readonly counts: () => ReadonlyMap<string, number>
}

const isPowerOfTwo = (count: number): boolean => (count & (count - 1)) === 0

export const make = (login: LoginId): Complaints => {
  const counts = new Map<string, number>()
  return {
    about: (kind, text) => Effect.suspend(() => {
      const count = (counts.get(kind) ?? 0) + 1
      counts.set(kind, count)
      const counted = Metric.update(Metric.withAttributes(unreadable, { login, kind }), 1)
      return isPowerOfTwo(count) ? Effect.andThen(counted, Effect.logWarning(`login ${login}: ${kind} not used (${count} so far): ${text}`)) : counted
    }),
    counts: () => counts
  }
}
