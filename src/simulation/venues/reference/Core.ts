/** What all parts of the venue share: books, sign-ins, open streams, and one timer. Owns: who may come in, and when the venue next has something to do of itself. */
import * as Desk from "./Desk.ts"
import * as Faults from "./Faults.ts"
import * as Ledger from "./Ledger.ts"
import type { LedgerRecord } from "./Records.ts"

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

/** What the other end of a stream is given. */
export interface Listener {
  readonly frame: (text: string) => void
  readonly close: (code: number, reason: string) => void
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

/** Why nobody answers: the machine is gone, or it says so itself. */
export type Outage = "refused" | "maintenance"

export interface Core {
  readonly options: Options
  readonly settings: { readonly everyMs: number; readonly answerMs: number; readonly streamMs: number; readonly heartbeatMs: number; readonly sessionMs: number }
  readonly ledger: Ledger.Ledger
  readonly dice: Faults.Dice
  readonly nowMs: () => number
  /** Calls `run` at that instant or soon after. */
  readonly wakeAt: (atMs: number) => void
  readonly sessions: Map<string, Session>
  readonly connections: Set<Connection>
  readonly requestTimes: Map<string, Array<number>>
  readonly toldFills: WeakMap<Ledger.WireFill, number>
  outage: Outage | undefined
  flushAtMs: number
  beatAtMs: number
  /** When resting orders and quotes are looked at next. */
  stepAtMs: number
  sessionsMade: number
}

export const make = (options: Options, nowMs: () => number, wakeAt: (atMs: number) => void): Core => {
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
    sessions: new Map(), connections: new Set(), requestTimes: new Map(), toldFills: new WeakMap(),
    outage: undefined, flushAtMs: Infinity, beatAtMs: Infinity, stepAtMs: Infinity, sessionsMade: 0
  }
}

const isWatched = ({ connections, ledger: { books } }: Core): boolean => {
  for (const { working } of books.values()) if (working.length > 0) return true
  for (const { subscribed } of connections) if (subscribed.size > 0) return true
  return false
}

/** The market is looked at in steps as long as orders rest or somebody has asked for quotes. */
export const watch = (core: Core): void => {
  if (core.stepAtMs !== Infinity || !isWatched(core)) return
  const { everyMs } = core.settings
  const nowMs = core.nowMs()
  core.stepAtMs = nowMs - nowMs % everyMs + everyMs
  core.wakeAt(core.stepAtMs)
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

/** Nobody is answered, all streams end; with maintenance the markets shut too. */
export const setOutage = (core: Core, outage: Outage | undefined): void => {
  if (core.outage === outage) return
  const wasUp = core.outage === undefined
  core.outage = outage
  if (wasUp !== (outage === undefined)) Ledger.write(core.ledger, core.nowMs(), { kind: "reach", up: outage === undefined })
  if (outage === undefined) return
  for (const connection of core.connections) disconnect(core, connection, outage === "refused" ? 1006 : 1012, outage)
}

/** Halts begin and end for many at once. */
export const setMarkets = (core: Core, books: ReadonlyArray<Ledger.Book>, isOpen: boolean): void => {
  for (const book of books) Desk.setOpen(core.ledger, core.nowMs(), book, isOpen)
}
