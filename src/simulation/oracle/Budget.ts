/** I11: a login never asks its venue for more than its budget allows in any minute. */
import type { LedgerRecord } from "./Shapes.ts"
import type { Directory, Touched } from "./Venues.ts"
import type { Rule, World } from "./World.ts"

const windowMs = 60_000

export const make = (world: World, directory: Directory, given: Readonly<Record<string, number>>): Rule => {
  const recent = new Map<string, Array<number>>()
  /** Until when a breach has been told: one minute, one verdict. */
  const told = new Map<string, number>()

  /** A request that names no account is the login's where the venue knows but one. */
  const loginOf = (touched: Touched | undefined, venue: string): string | undefined => {
    if (touched !== undefined) return touched.book.login
    const logins = new Set(Object.values(directory[venue] ?? {}).map(({ login }) => login))
    return logins.size === 1 ? [...logins][0] : undefined
  }

  const asked = (login: string, at: LedgerRecord, venue: string): void => {
    const most = given[login] ?? world.settings.current()?.logins.get(login)?.reference?.requestsPerMinute
    if (most === undefined) return
    const times = recent.get(login) ?? []
    recent.set(login, times)
    times.push(at.atMs)
    while ((times[0] ?? Infinity) <= at.atMs - windowMs) times.shift()
    if (times.length <= most || at.atMs < (told.get(login) ?? -Infinity)) return
    told.set(login, at.atMs + windowMs)
    world.report({
      invariant: "I11", atMs: at.atMs, n: at.n, venue, message: `login ${login} asked its venue more often than its budget allows`,
      expected: `at most ${most} requests in ${windowMs} ms`, got: String(times.length)
    })
  }

  return {
    record: (record, touched, venue) => {
      const login = record.kind === "request" ? loginOf(touched, venue) : undefined
      if (login !== undefined) asked(login, record, venue)
    }
  }
}
