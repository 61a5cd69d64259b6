/** Who may come in: tokens of an hour and a half, and at most two sessions of one user, the third of which ends the oldest. */
import * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import { isoOf } from "./Contracts.ts"
import * as Core from "./Core.ts"
import * as Limits from "./Limits.ts"

const sessionsMax = 2
const passwordGoodMs = 365 * 86_400_000

export const isAlive = (core: Core.Core, session: Core.Session): boolean =>
  !session.isEnded && session.tokens.some((token) => (core.tokens.get(token)?.expiresAtMs ?? 0) > core.nowMs())

const isOut = (core: Core.Core, session: Core.Session, wasGood: boolean): void => {
  if (wasGood) Limits.lost(core)
  const forMs = Limits.staysOutMs(core)
  Ledger.write(core.ledger, core.nowMs(), { kind: "reach", up: false, session: session.user.options.name, ...(forMs === undefined ? {} : { forMs }) })
}

/** Its tokens are good for nothing any more, and nothing else changes. */
export const expire = (core: Core.Core, session: Core.Session): void => {
  const wasGood = isAlive(core, session)
  for (const token of session.tokens) core.tokens.delete(token)
  isOut(core, session, wasGood)
}

/** Without a word: its tokens are good for nothing, its sockets go or fall silent. */
export const end = (core: Core.Core, session: Core.Session): void => {
  if (session.isEnded) return
  const wasGood = isAlive(core, session)
  session.isEnded = true
  for (const token of session.tokens) core.tokens.delete(token)
  session.user.sessions.splice(session.user.sessions.indexOf(session), 1)
  isOut(core, session, wasGood)
  for (const connection of core.connections) {
    if (connection.session !== session) continue
    if (core.switches.kicked === "silent") connection.silentUntilMs = Infinity
    else Core.disconnect(core, connection, 1000, "")
  }
}

const addToken = (core: Core.Core, session: Core.Session, isMarketData: boolean): string => {
  const token = `tv-${core.ledger.prefix}-${session.number}-${++core.tokensMade}${isMarketData ? "-md" : ""}`
  session.tokens.push(token)
  core.tokens.set(token, { session, expiresAtMs: core.nowMs() + core.settings.tokenMs, isMarketData })
  return token
}

/** What a sign-in and a renewal answer. */
export const grant = (core: Core.Core, session: Core.Session) => {
  const { user: { id, options: { name } } } = session
  const isGood = (token: string): boolean => (core.tokens.get(token)?.expiresAtMs ?? 0) > core.nowMs()
  for (const token of session.tokens.filter((one) => !isGood(one))) core.tokens.delete(token)
  session.tokens = session.tokens.filter(isGood)
  return {
    accessToken: addToken(core, session, false), mdAccessToken: addToken(core, session, true), expirationTime: isoOf(core.nowMs() + core.settings.tokenMs),
    passwordExpirationTime: isoOf(core.nowMs() + passwordGoodMs), userStatus: "Active", userId: id, name, hasLive: core.switches.environment === "live"
  }
}

const makeRoom = (core: Core.Core, user: Core.User): void => {
  for (const session of user.sessions.filter((one) => !isAlive(core, one))) end(core, session)
  const oldest = user.sessions[0]
  if (user.sessions.length >= sessionsMax && oldest !== undefined) end(core, oldest)
}

export const signIn = (core: Core.Core, user: Core.User, deviceId: string | undefined): Core.Session => {
  makeRoom(core, user)
  const session: Core.Session = { number: ++core.sessionsMade, user, deviceId, tokens: [], isEnded: false }
  user.sessions.push(session)
  Ledger.write(core.ledger, core.nowMs(), { kind: "reach", up: true, session: user.options.name })
  return session
}

/** Somebody else signs in with this name, often enough: whoever was there is out. */
export const kick = (core: Core.Core, name: string): void => {
  const user = core.users.find(({ options }) => options.name === name)
  for (const session of user?.sessions.slice() ?? []) end(core, session)
}

export type Access = Core.Token | "denied" | "expired"

export const accessOf = (core: Core.Core, token: string): Access => {
  const found = core.tokens.get(token)
  if (found === undefined) return "denied"
  return found.expiresAtMs > core.nowMs() ? found : "expired"
}
