/** Questions of one connection: whose accounts are whose, what they hold, what was filled. Owns: that a picture older than the stream's word is not shown. */
import { BigDecimal, Effect, Result } from "effect"
import type { Fill } from "#schemas/Fill.ts"
import type { AccountId, InstrumentId, LoginId } from "#schemas/Ids.ts"
import type { PositionReport } from "#schemas/VenueEvent.ts"
import * as Answers from "#src/venues/tradovate/Answers.ts"
import * as Batch from "#src/venues/tradovate/Batch.ts"
import type * as Books from "#src/venues/tradovate/Books.ts"
import type { Contracts } from "#src/venues/tradovate/Contracts.ts"
import type { Lookup } from "#src/venues/tradovate/Lookup.ts"
import type { Names } from "#src/venues/tradovate/Names.ts"
import type { Reading } from "#src/venues/tradovate/Reading.ts"
import * as Session from "#src/venues/tradovate/Session.ts"
import type * as Translate from "#src/venues/tradovate/Translate.ts"
import * as Wire from "#src/venues/tradovate/Wire.ts"
import { type Connection, Refused } from "#src/ports/Venue.ts"
import * as Accounts from "#src/venues/shared/Accounts.ts"
import * as Reread from "#src/venues/shared/Reread.ts"

/** Fills are shown from so much earlier: its clock and ours differ, and repeated fills count once. */
const fillsOverlapMs = 60_000
/** The venue's accounts are in dollars: its snapshot of a balance names no currency. */
const currency = "USD"

export interface Around {
  readonly login: LoginId
  readonly session: Session.Session
  readonly contracts: Contracts
  readonly names: Names
  readonly reading: Reading
  readonly lookup: Lookup
  readonly heard: Books.Books
}

const decodeFill = Reread.rows(Wire.Fill)
const decodePosition = Reread.rows(Wire.Position)
const unreadable = "it is not what the protocol says"
const invalid = (reason: string) => new Refused({ kind: "invalid", reason })

/** Of two rows of one contract the later counts; two of one instant that differ are no answer. */
const newest = (rows: ReadonlyArray<Wire.Position>): ReadonlyArray<Wire.Position> | undefined => {
  const all = new Map<number, Wire.Position>()
  for (const row of rows) {
    const before = all.get(row.contractId)
    if (before !== undefined && before.timestamp === row.timestamp && before.netPos !== row.netPos) return undefined
    if (before === undefined || before.timestamp <= row.timestamp) all.set(row.contractId, row)
  }
  return [...all.values()]
}

export const make = Effect.fnUntraced(function*({ contracts, heard, login, lookup, names, reading, session }: Around) {
  const list = (path: string, urgency?: "urgent") => session.ask(Answers.rows, { method: "GET", path }, urgency)
  const allPositions = yield* Batch.make(list("/v1/position/list"))
  const allFills = yield* Batch.make(Effect.gen(function*() {
    const fills: Array<Wire.Fill> = []
    for (const row of yield* list("/v1/fill/list")) {
      const fill = decodeFill(row)
      if (Result.isSuccess(fill)) fills.push(fill.success)
      else yield* reading.complain("fill", unreadable)
    }
    return fills
  }))

  /** The account there, by both of its names. */
  const ownerOf = Effect.fnUntraced(function*(id: AccountId) {
    const name = Accounts.venueAccountOf(yield* contracts.house, login, id)
    if (name === undefined) return yield* invalid(`account ${id} does not belong to login ${login}`)
    const accountId = session.accounts.get(name)
    if (accountId === undefined) return yield* invalid(`the venue lists no account ${name} for login ${login}: correct its venueAccount`)
    const owner: Translate.Owner = { accountSpec: name, accountId }
    return owner
  })

  /** All or none: what is left out would look like flat. */
  const positionRows = Effect.fnUntraced(function*(accountId: number, urgency?: "urgent") {
    const read = Result.all((yield* urgency === undefined ? allPositions : list("/v1/position/list", urgency)).map(decodePosition))
    if (Result.isFailure(read)) return yield* Session.astray("positions that cannot be read")
    const rows = newest(read.success.filter((row) => row.accountId === accountId))
    if (rows === undefined) return yield* Session.astray("two positions in one contract")
    const shown = new Map(rows.map((row) => [row.contractId, row]))
    for (const told of heard.positions(accountId)) {
      const row = shown.get(told.contractId)
      if (row === undefined ? told.netPos !== 0 : row.timestamp < told.timestamp) return yield* Session.astray("positions before what is already known")
    }
    return rows
  })

  return {
    ownerOf,
    positionRows,
    connection: {
      orderByClientId: Effect.fnUntraced(function*(id, order) {
        return yield* lookup.find((yield* ownerOf(id)).accountId, order)
      }),
      workingOrders: Effect.fnUntraced(function*(id) {
        return yield* lookup.working((yield* ownerOf(id)).accountId)
      }),
      positions: Effect.fnUntraced(function*(id) {
        const rows = yield* positionRows((yield* ownerOf(id)).accountId)
        yield* Effect.forEach(rows, ({ contractId }) => contracts.learn(contractId), { discard: true })
        const now = yield* lookup.now
        const all = new Map<InstrumentId, PositionReport>()
        for (const row of rows) {
          const report = reading.position(row, now)
          if (Result.isFailure(report)) return yield* Session.astray(`positions that cannot be read (${session.clean(report.failure)})`)
          all.set(report.success.instrumentId, report.success)
        }
        return [...all.values()]
      }),
      balances: Effect.fnUntraced(function*(id) {
        const { accountId } = yield* ownerOf(id)
        const { totalCashValue } = yield* session.ask(Answers.balance, { method: "POST", path: "/v1/cashBalance/getcashbalancesnapshot", body: { accountId } })
        return { amount: BigDecimal.normalize(totalCashValue), currency }
      }),
      /** A fill names its order, an order its account. */
      fillsSince: Effect.fnUntraced(function*(id, sinceMs) {
        const { accountId } = yield* ownerOf(id)
        const rows = (yield* allFills).filter(({ timestamp }) => timestamp >= sinceMs - fillsOverlapMs)
        if (rows.some(({ orderId }) => names.accountOf(orderId) === undefined)) yield* lookup.orderRows
        const mine = rows.filter(({ orderId }) => names.accountOf(orderId) === accountId)
        if (mine.some(({ orderId }) => names.nameOf(orderId) === undefined)) yield* lookup.commandRows
        for (const { orderId } of rows) if (names.accountOf(orderId) === undefined) yield* reading.complain("fill", `nobody knows whose order ${orderId} is`)
        yield* Effect.forEach(new Set(mine.map(({ contractId }) => contractId)), contracts.learn, { discard: true })
        const now = yield* lookup.now
        const all = new Map<string, Fill>()
        for (const row of mine) {
          const fill = yield* reading.fill(row, now)
          if (fill !== undefined) all.set(fill.id, fill)
        }
        return [...all.values()]
      })
    } satisfies Partial<Connection>
  }
})
export type Asking = Effect.Success<ReturnType<typeof make>>
