/** What all parts of the venue share: books, sign-ins, open streams. Owns: who may come in. */
import * as Shared from "#src/simulation/venues/shared/Core.ts"
import * as Faults from "#src/simulation/venues/shared/Faults.ts"
import * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import type { LedgerRecord } from "#src/simulation/venues/shared/Records.ts"
import * as Told from "#src/simulation/venues/shared/Told.ts"
import type { Timer } from "#src/simulation/venues/shared/Timer.ts"
import type { Listener } from "#src/simulation/venues/shared/Venue.ts"

/** Tokens of one sign-in that are good at the same time. */
const tokensMax = 4

export interface LoginOptions {
  readonly key: string
  readonly secret: string
  readonly accounts: ReadonlyArray<Ledger.AccountOptions>
}

export interface Options {
  readonly seed: number
  readonly style: Ledger.Style
  readonly logins: ReadonlyArray<LoginOptions>
  readonly instruments: ReadonlyArray<Ledger.InstrumentOptions>
  readonly faults?: Faults.FaultPlan
  readonly market?: {
    /** How often resting orders and quotes are looked at; the price moves on in between. */
    readonly everyMs?: number
  }
  readonly latency?: {
    readonly answerMs?: number
    /** From a change in the books to its frame on the stream. */
    readonly streamMs?: number
  }
  readonly heartbeatMs?: number
  readonly sessionMs?: number
  /** Of one sign-in; above it 429. */
  readonly requestsPerMinute?: number
}

export interface Session {
  readonly number: number
  readonly login: LoginOptions
  readonly accounts: ReadonlySet<string>
  readonly tokens: Array<string>
  expiresAtMs: number
  isEnded: boolean
}

export interface Connection {
  readonly session: Session
  readonly listener: Listener
  readonly subscribed: Set<string>
  readonly lastBids: Map<string, number>
  seq: number
  /** Frames vanish until then. */
  silentUntilMs: number
  isOpen: boolean
}

export interface Core extends Shared.Core {
  readonly options: Options
  readonly settings: Shared.Core["settings"] & { readonly sessionMs: number }
  readonly sessions: Map<string, Session>
  readonly connections: Set<Connection>
  readonly told: Told.Told
  readonly requestTimes: Map<string, Array<number>>
  sessionsMade: number
}

export const make = (options: Options, { nowMs, wakeAt }: Timer): Core => {
  const records: Array<LedgerRecord> = []
  const dice = Faults.dice(options.seed, (name, detail) => Ledger.write(ledger, nowMs(), { kind: "fault", name, detail }))
  const ledger = Ledger.make(options.style, nowMs().toString(36), dice, records)
  dice.set(options.faults ?? [])
  Ledger.write(ledger, nowMs(), { kind: "reach", up: true })
  for (const { accounts } of options.logins) for (const account of accounts) Ledger.addAccount(ledger, nowMs(), account)
  for (const instrument of options.instruments) Ledger.addInstrument(ledger, nowMs(), options.seed, instrument)
  const { heartbeatMs = 10_000, latency = {}, market = {}, sessionMs = 86_400_000 } = options
  return {
    options, ledger, dice, nowMs, wakeAt,
    settings: { everyMs: market.everyMs ?? 1_000, answerMs: latency.answerMs ?? 0, streamMs: latency.streamMs ?? 1, heartbeatMs, sessionMs },
    sessions: new Map(), connections: new Set(), requestTimes: new Map(), told: Told.make(),
    hasNews: () => ledger.events.length > 0, ...Shared.asleep, sessionsMade: 0
  }
}

export const disconnect = (core: Core, connection: Connection, code: number, reason: string): void => {
  if (!connection.isOpen) return
  connection.isOpen = false
  core.connections.delete(connection)
  connection.listener.close(code, reason)
}

export const endSession = (core: Core, session: Session, code: number, reason: string): void => {
  if (session.isEnded) return
  session.isEnded = true
  for (const token of session.tokens) core.sessions.delete(token)
  Ledger.write(core.ledger, core.nowMs(), { kind: "reach", up: false, session: session.login.key })
  for (const connection of core.connections) if (connection.session === session) disconnect(core, connection, code, reason)
}

const newToken = (core: Core, session: Session): string => {
  const token = `t${core.ledger.prefix}-${session.number}-${session.tokens.length}-${core.nowMs().toString(36)}`
  session.tokens.push(token)
  session.expiresAtMs = core.nowMs() + core.settings.sessionMs
  core.sessions.set(token, session)
  return token
}

/** One sign-in per key: the one before ends. */
export const signIn = (core: Core, login: LoginOptions): { readonly session: Session; readonly token: string } => {
  kick(core, login.key)
  const session: Session = {
    number: ++core.sessionsMade, login, accounts: new Set(login.accounts.map(({ id }) => id)), tokens: [], expiresAtMs: 0, isEnded: false
  }
  Ledger.write(core.ledger, core.nowMs(), { kind: "reach", up: true, session: login.key })
  return { session, token: newToken(core, session) }
}

export const renew = (core: Core, session: Session): string => {
  const token = newToken(core, session)
  if (session.tokens.length > tokensMax) core.sessions.delete(session.tokens.shift() ?? "")
  return token
}

/** Somebody signed in with this key: whoever was there is out. */
export const kick = (core: Core, key: string): void => {
  for (const session of new Set(core.sessions.values())) if (session.login.key === key) endSession(core, session, 4001, "kicked")
}

export const sessionOf = (core: Core, token: string): Session | undefined => {
  const session = core.sessions.get(token)
  if (session === undefined) return undefined
  if (session.expiresAtMs > core.nowMs()) return session
  endSession(core, session, 4002, "expired")
  return undefined
}

/** The venue is gone, or says that it is closed. */
export const hangUp = (core: Core, outage: Shared.Outage): void => {
  for (const connection of core.connections) disconnect(core, connection, outage === "refused" ? 1006 : 1012, outage)
}
