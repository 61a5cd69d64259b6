/** What all parts of this venue share: books, entities, users, open sockets. Owns: its settings. */
import * as Shared from "#src/simulation/venues/shared/Core.ts"
import * as Faults from "#src/simulation/venues/shared/Faults.ts"
import * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import type { LedgerRecord } from "#src/simulation/venues/shared/Records.ts"
import type { Timer } from "#src/simulation/venues/shared/Timer.ts"
import * as Told from "#src/simulation/venues/shared/Told.ts"
import type { Listener } from "#src/simulation/venues/shared/Venue.ts"
import * as Entities from "./Entities.ts"
import * as Switches from "./Switches.ts"

export interface UserOptions {
  readonly name: string
  readonly password: string
  /** Of an API key: asked for once they are given here. */
  readonly cid?: number
  readonly sec?: string
  /** `id` is the account's name on the wire; its number is the venue's. */
  readonly accounts: ReadonlyArray<Ledger.AccountOptions>
  /** Without it quotes and charts are refused. */
  readonly hasMarketData?: boolean
}

/** Calls within a rolling hour. */
export interface Limits {
  readonly user: number
  readonly anonymous: number
  readonly accessTokenRequest: number
  readonly renewAccessToken: number
  readonly me: number
  readonly syncRequest: number
}

const usualLimits: Limits = { user: 5_000, anonymous: 1_000, accessTokenRequest: 5, renewAccessToken: 15, me: 10, syncRequest: 300 }

export interface Options {
  readonly seed: number
  readonly users: ReadonlyArray<UserOptions>
  /** `symbol` is the house's name of a contract, `MESZ26`; on the wire it is `MESZ6`. */
  readonly instruments: ReadonlyArray<Ledger.InstrumentOptions>
  readonly switches?: Partial<Switches.Switches>
  readonly limits?: Partial<Limits>
  readonly faults?: Faults.FaultPlan
  readonly market?: { readonly everyMs?: number }
  readonly latency?: {
    readonly answerMs?: number
    readonly streamMs?: number
    /** From a command's acceptance to its execution; meanwhile another one is refused. */
    readonly exchangeMs?: number
  }
  readonly heartbeatMs?: number
  /** A socket whose client says nothing for so long is cut off. */
  readonly idleMs?: number
  readonly tokenMs?: number
}

export interface Session {
  readonly number: number
  readonly user: User
  readonly deviceId: string | undefined
  tokens: Array<string>
  isEnded: boolean
}

export interface Token {
  readonly session: Session
  readonly expiresAtMs: number
  /** A token of market data opens nothing else. */
  readonly isMarketData: boolean
}

export interface User {
  readonly id: number
  readonly options: UserOptions
  /** Oldest first. */
  readonly sessions: Array<Session>
  /** Account numbers by name, and the other way round. */
  readonly accountIds: ReadonlyMap<string, number>
  readonly accountNames: ReadonlyMap<number, string>
}

export interface Connection {
  readonly listener: Listener
  /** Contract numbers whose quotes were asked for. */
  readonly subscribed: Set<number>
  readonly lastBids: Map<number, number>
  readonly charts: Map<number, Chart>
  session: Session | undefined
  isMarketData: boolean
  isSynced: boolean
  heardAtMs: number
  /** Frames vanish until then. */
  silentUntilMs: number
  isOpen: boolean
}

export interface Chart {
  readonly contractId: number
  readonly stepMs: number
  lastBid: number | undefined
}

/** One caller's calls of one kind in the last hour, and where he stands on the ladder. */
export interface Counter {
  times: Array<number>
  warnedAtMs: number
  penalizedAtMs: number
  lockedUntilMs: number
  lockMs: number
}

export interface Core extends Shared.Core {
  readonly options: Options
  readonly switches: Switches.Switches
  readonly limits: Limits
  readonly settings: Shared.Core["settings"] & { readonly exchangeMs: number; readonly idleMs: number; readonly tokenMs: number }
  readonly entities: Entities.Entities
  readonly users: ReadonlyArray<User>
  readonly tokens: Map<string, Token>
  readonly connections: Set<Connection>
  readonly told: Told.Told
  readonly counters: Map<string, Counter>
  readonly tickets: Map<string, { readonly key: string; notBeforeMs: number }>
  sessionsMade: number
  tokensMade: number
  /** When Day orders expire next. */
  dayEndsAtMs: number
}

const firstUserId = 1_500_001
const firstAccountId = 2_300_001

const usersOf = (options: ReadonlyArray<UserOptions>): ReadonlyArray<User> => {
  let next = firstAccountId
  return options.map((user, index) => {
    const ids = user.accounts.map(({ id }) => [id, next++] as const)
    return { id: firstUserId + index, options: user, sessions: [], accountIds: new Map(ids), accountNames: new Map(ids.map(([name, id]) => [id, name])) }
  })
}

const minuteMs = 60_000

export const make = (options: Options, { nowMs, wakeAt }: Timer): Core => {
  const records: Array<LedgerRecord> = []
  const switches = { ...Switches.usual, ...options.switches }
  const dice = Faults.dice(options.seed, (name, detail) => Ledger.write(ledger, nowMs(), { kind: "fault", name, detail }))
  const ledger = Ledger.make("native", String(1 + Math.floor(nowMs() / minuteMs)), dice, records, {
    activation: switches.activation, rejectsWrongSide: switches.wrongSideStop === "rejected", changesIds: false, hasPlainIds: true
  })
  dice.set(options.faults ?? [])
  Ledger.write(ledger, nowMs(), { kind: "reach", up: true })
  for (const { accounts } of options.users) for (const account of accounts) Ledger.addAccount(ledger, nowMs(), account)
  for (const instrument of options.instruments) Ledger.addInstrument(ledger, nowMs(), options.seed, instrument)
  const { heartbeatMs = 2_500, idleMs = 10_000, latency = {}, market = {}, tokenMs = 5_400_000 } = options
  const entities = Entities.make(nowMs, () => Number(Ledger.nextId(ledger, "")))
  return {
    options, switches, limits: { ...usualLimits, ...options.limits }, ledger, dice, nowMs, wakeAt,
    settings: {
      everyMs: market.everyMs ?? 1_000, answerMs: latency.answerMs ?? 0, streamMs: latency.streamMs ?? 1, exchangeMs: latency.exchangeMs ?? 0,
      heartbeatMs, idleMs, tokenMs
    },
    entities, users: usersOf(options.users), tokens: new Map(), connections: new Set(), told: Told.make(), counters: new Map(), tickets: new Map(),
    hasNews: () => ledger.events.length > 0 || entities.news.length > 0, ...Shared.asleep, sessionsMade: 0, tokensMade: 0, dayEndsAtMs: -Infinity
  }
}

export const disconnect = (core: Core, connection: Connection, code: number, reason: string): void => {
  if (!connection.isOpen) return
  connection.isOpen = false
  core.connections.delete(connection)
  connection.listener.close(code, reason)
}
