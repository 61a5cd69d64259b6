/** Who calls too often. Owns: rolling hours, penalty tickets, and the ladder from there over 423 to a lock of an hour that every further call begins anew. */
import * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import type * as Core from "./Core.ts"
import type { Reply } from "./Reads.ts"

const hourMs = 3_600_000
const secondMs = 1_000
const signIn = "auth/accesstokenrequest"

/** Which of the endpoint's own limits a path has, and its back-off. */
const endpoints: Readonly<Record<string, { readonly limit: keyof Core.Limits; readonly backOffMs: number; readonly hasCaptcha: boolean; readonly counts: "all" | "successes" | "failures" }>> = {
  [signIn]: { limit: "accessTokenRequest", backOffMs: 15_000, hasCaptcha: true, counts: "all" },
  "auth/renewaccesstoken": { limit: "renewAccessToken", backOffMs: 15_000, hasCaptcha: false, counts: "successes" },
  "auth/me": { limit: "me", backOffMs: 30_000, hasCaptcha: false, counts: "failures" },
  "user/syncrequest": { limit: "syncRequest", backOffMs: 3_000, hasCaptcha: false, counts: "successes" }
}

const counterOf = ({ counters }: Core.Core, key: string): Core.Counter => {
  const known = counters.get(key) ?? { times: [], warnedAtMs: -Infinity, penalizedAtMs: -Infinity, lockedUntilMs: -Infinity, lockMs: hourMs }
  counters.set(key, known)
  return known
}

const locked: Reply = { status: 429, body: "" }
const warned: Reply = { status: 423, body: "" }

/** Whose calls are meant; undefined: those without a token, or of one endpoint alone. */
const userOf = ({ users }: Core.Core, key: string): Core.User | undefined => users.find(({ id }) => key === `user ${id}`)

/** Nothing of this user is answered until the lock ends. A venue of one user then answers nobody. */
const shutOut = (core: Core.Core, key: string, { lockedUntilMs }: Core.Counter): void => {
  const user = userOf(core, key)
  if (user === undefined) return
  const session = core.users.length === 1 ? {} : { session: user.options.name }
  const write = (up: boolean): void => Ledger.write(core.ledger, core.nowMs(), { kind: "reach", up, ...session })
  const endsAt = (atMs: number): void => Ledger.schedule(core.ledger, atMs, () => {
    const { lockedUntilMs: untilMs } = counterOf(core, key)
    if (untilMs > core.nowMs()) endsAt(untilMs)
    else if (core.outage === undefined) write(true)
  })
  write(false)
  endsAt(lockedUntilMs)
}

/** The first time a warning; the next one within the hour locks. */
export const climb = (core: Core.Core, key: string, lockMs = hourMs): Reply => {
  const counter = counterOf(core, key)
  const nowMs = core.nowMs()
  if (counter.warnedAtMs <= nowMs - hourMs) {
    counter.warnedAtMs = nowMs
    return warned
  }
  Object.assign(counter, { lockMs, lockedUntilMs: nowMs + lockMs })
  shutOut(core, key, counter)
  return locked
}

/** Still locked out: the time begins again. */
export const isLocked = (core: Core.Core, key: string): boolean => {
  const counter = counterOf(core, key)
  const nowMs = core.nowMs()
  if (counter.lockedUntilMs <= nowMs) return false
  counter.lockedUntilMs = nowMs + counter.lockMs
  return true
}

const usedOf = (core: Core.Core, key: string): Array<number> => {
  const counter = counterOf(core, key)
  const fromMs = core.nowMs() - hourMs
  const first = counter.times.findIndex((atMs) => atMs > fromMs)
  if (first !== 0) counter.times = first < 0 ? [] : counter.times.slice(first)
  return counter.times
}

/** Nothing is done: the same again with this ticket, not before its time; with a captcha never. */
export const penalty = (core: Core.Core, key: string, backOffMs: number, hasCaptcha: boolean): Reply => {
  const ticket = `p-${Ledger.nextId(core.ledger, "p")}`
  core.tickets.set(ticket, { key, notBeforeMs: hasCaptcha ? Infinity : core.nowMs() + backOffMs })
  return { status: 200, body: { "p-ticket": ticket, "p-time": Math.ceil(backOffMs / secondMs), ...(hasCaptcha ? { "p-captcha": true } : {}) } }
}

/** A ticket in time opens the way; too early, its wait grows. Undefined: there is no ticket, or it is spent. */
export const redeem = (core: Core.Core, key: string, name: string | undefined): Reply | "passed" | undefined => {
  const ticket = name === undefined ? undefined : core.tickets.get(name)
  if (name === undefined || ticket === undefined || ticket.key !== key) return undefined
  const leftMs = ticket.notBeforeMs - core.nowMs()
  if (leftMs > 0) {
    if (ticket.notBeforeMs === Infinity) return climb(core, key)
    ticket.notBeforeMs += leftMs
    return { status: 200, body: { "p-ticket": name, "p-time": Math.ceil((ticket.notBeforeMs - core.nowMs()) / secondMs) } }
  }
  core.tickets.delete(name)
  return "passed"
}

/** Signed in so often within a back-off, nobody tries again before its end. */
const atOnceMax = 2
/** The first sign-in of a day, and one whose answer was lost. */
const signInsBesideLosses = 2

/** A session that was good has ended. */
export const lost = (core: Core.Core): void => {
  usedOf(core, "sessions lost").push(core.nowMs())
}

/**
 * How long whoever has lost his session now stays out, if he is careful: sign-ins are counted by address, and the last one of an hour is left to a
 * person. Undefined: he may come in at once, or has wasted his sign-ins: far more of them than sessions that the venue ended.
 */
export const staysOutMs = (core: Core.Core): number | undefined => {
  const times = usedOf(core, `anonymous ${signIn}`)
  if (times.length > usedOf(core, "sessions lost").length + signInsBesideLosses) return undefined
  const oldest = times.at(1 - core.limits.accessTokenRequest)
  const second = times.at(-atOnceMax)
  const untilMs = Math.max(oldest === undefined ? 0 : oldest + hourMs, second === undefined ? 0 : second + (endpoints[signIn]?.backOffMs ?? 0))
  return untilMs > core.nowMs() ? untilMs - core.nowMs() : undefined
}

/** Of the caller as a whole. */
export const overall = (core: Core.Core, caller: string, most: number): Reply | undefined => {
  if (isLocked(core, caller)) return locked
  const times = usedOf(core, caller)
  if (times.length >= most) return climb(core, caller)
  times.push(core.nowMs())
  return undefined
}

/** Of this endpoint: once over, a penalty first. */
export const ofEndpoint = (core: Core.Core, caller: string, path: string, ticket: string | undefined): Reply | undefined => {
  const about = endpoints[path]
  if (about === undefined) return undefined
  const key = `${caller} ${path}`
  if (isLocked(core, key)) return locked
  const redeemed = redeem(core, key, ticket)
  if (redeemed !== undefined) return redeemed === "passed" ? undefined : redeemed
  const times = usedOf(core, key)
  if (about.counts === "all") times.push(core.nowMs())
  if (times.length < core.limits[about.limit] || (about.counts === "all" && times.length === core.limits[about.limit])) return undefined
  const counter = counterOf(core, key)
  if (counter.penalizedAtMs > core.nowMs() - hourMs) return climb(core, key)
  counter.penalizedAtMs = core.nowMs()
  return penalty(core, key, about.backOffMs, about.hasCaptcha)
}

/** What came of a call, for the limits that only count one or the other. */
export const count = (core: Core.Core, caller: string, path: string, isSuccess: boolean): void => {
  const about = endpoints[path]
  if (about === undefined || about.counts === "all" || (about.counts === "successes") !== isSuccess) return
  usedOf(core, `${caller} ${path}`).push(core.nowMs())
}
