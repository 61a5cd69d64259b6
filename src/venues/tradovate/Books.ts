/**
 * The venue's rows, joined. An order is told in pieces: the order without price or quantity, its versions with them, the commands that made and
 * changed it, its fills. Owns: that they are joined by their ids, in whatever order they come, and which version is in force.
 */
import { Result } from "effect"
import * as Wire from "#src/venues/tradovate/Wire.ts"
import { isTerminal } from "#src/venues/tradovate/Translate.ts"
import * as Bounded from "#src/venues/shared/Bounded.ts"
import * as Reread from "#src/venues/shared/Reread.ts"

/** Orders, each with all its pieces; the oldest are asked for again. */
const ordersMax = 8_192
const commandsMax = 3 * ordersMax
const positionsMax = 4_096

export interface Pieces {
  order: Wire.Order | undefined
  readonly versions: Map<number, Wire.OrderVersion>
  /** Every state that a command was ever in: they may come in any order. */
  readonly states: Map<number, Set<string>>
  readonly fills: Map<number, Wire.Fill>
  reason: string | undefined
}

const kinds = ["order", "orderVersion", "command", "commandReport", "executionReport", "fill", "position"] as const
export type Kind = (typeof kinds)[number]
export const isKind = (entityType: string): entityType is Kind => kinds.some((kind) => kind === entityType)

export type Taken =
  | { readonly _tag: "Order"; readonly orderId: number }
  | { readonly _tag: "Command"; readonly command: Wire.Command }
  | { readonly _tag: "Position"; readonly position: Wire.Position }

const rejectedStates = new Set(["RiskRejected", "ExecutionRejected"])
const pendingStates = new Set(["Pending", "RiskPassed", "OnHold", "PendingExecution"])

/**
 * States of one moment come in any order: what is at work was pending before, what has ended does not begin again. A child that is put to work
 * is pending for a second time, and as good as held.
 */
const ageOf = (order: Wire.Order): number =>
  order.ordStatus === "PendingNew" || order.ordStatus === "Unknown" ? 0 : order.ordStatus === "Suspended" ? 1 : isTerminal(order) ? 3 : 2

/** A change counts once the venue has taken it; one that it refused never. The version that an order began with is in force whatever its command says. */
export const versionOf = ({ order, states, versions }: Pieces): Wire.OrderVersion | undefined => {
  const all = [...versions.values()].sort((a, b) => b.id - a.id)
  const isInForce = ({ id }: Wire.OrderVersion) => {
    const seen = [...states.get(id) ?? []]
    return !seen.some((state) => rejectedStates.has(state)) && (seen.length === 0 || seen.some((state) => !pendingStates.has(state)))
  }
  const taken = all.filter((version, place) => place === all.length - 1 || isInForce(version))
  const newest = taken[0]
  const isAwaited = order?.ordStatus === "PendingReplace" && newest !== undefined && newest === all[0] && states.get(newest.id)?.has("Replaced") !== true
  return isAwaited ? taken[1] ?? newest : newest
}

/** Changes that the venue did not take after all. */
export const refusedChanges = ({ states }: Pieces): number => [...states.values()].filter((seen) => [...seen].some((state) => rejectedStates.has(state))).length

const unreadable = "it is not what the protocol says"

const keyOf = ({ accountId, contractId }: { readonly accountId: number; readonly contractId: number }): string => `${accountId} ${contractId}`

/** A failure: the row cannot be read. Undefined: it changes nothing that anybody sees yet. */
type Taker = (row: unknown) => Result.Result<Taken | undefined, string>
const taker = <A>(decode: ReturnType<typeof Reread.rows<A>>, take: (row: A) => Taken | undefined): Taker =>
  (row) => Result.mapBoth(decode(row), { onFailure: () => unreadable, onSuccess: take })

/** By whichever books: most rows of a list were in the one before. */
const readers = {
  order: Reread.rows(Wire.Order),
  orderVersion: Reread.rows(Wire.OrderVersion),
  command: Reread.rows(Wire.Command),
  commandReport: Reread.rows(Wire.CommandReport),
  executionReport: Reread.rows(Wire.ExecutionReport),
  fill: Reread.rows(Wire.Fill),
  position: Reread.rows(Wire.Position)
}

/** An order's own row, in no books. */
export const orderIn = (row: unknown) => Result.mapError(readers.order(row), () => unreadable)

export const filledOf = ({ fills }: Pieces): number => [...fills.values()].reduce((sum, { qty }) => sum + qty, 0)

export const make = () => {
  const orders = new Map<number, Pieces>()
  /** Reports name a command, not its order. */
  const orderOf = new Map<number, number>()
  const early = new Map<number, Wire.CommandReport>()
  const positions = new Map<string, Wire.Position>()

  const piecesOf = (orderId: number): Pieces => {
    const known = orders.get(orderId)
    if (known !== undefined) return known
    const begun: Pieces = { order: undefined, versions: new Map(), states: new Map(), fills: new Map(), reason: undefined }
    Bounded.put(orders, orderId, begun, ordersMax)
    return begun
  }
  const stated = (orderId: number, commandId: number, state: string | null | undefined, reason?: string) => {
    const { states } = piecesOf(orderId)
    const seen = states.get(commandId) ?? new Set()
    if (state !== undefined && state !== null) seen.add(state)
    states.set(commandId, seen)
    if (reason !== undefined) piecesOf(orderId).reason = reason
  }
  const touched = (orderId: number): Taken => ({ _tag: "Order", orderId })
  const reasonIn = ({ rejectReason, text }: { readonly rejectReason?: string | null | undefined; readonly text?: string | null | undefined }): string | undefined =>
    rejectReason === undefined || rejectReason === null || rejectReason === "" ? undefined : text === undefined || text === null || text === "" ? rejectReason : `${rejectReason}: ${text}`

  const listed = (order: Wire.Order): Taken => {
    const pieces = piecesOf(order.id)
    if (pieces.order === undefined || ageOf(order) >= ageOf(pieces.order)) pieces.order = order
    return touched(order.id)
  }
  const takers: Readonly<Record<Kind, Taker>> = {
    order: taker(readers.order, listed),
    orderVersion: taker(readers.orderVersion, (version) => {
      piecesOf(version.orderId).versions.set(version.id, version)
      return touched(version.orderId)
    }),
    command: taker(readers.command, (command) => {
      Bounded.put(orderOf, command.id, command.orderId, commandsMax)
      stated(command.orderId, command.id, command.commandStatus)
      const report = early.get(command.id)
      if (report !== undefined) stated(command.orderId, command.id, report.commandStatus, reasonIn(report))
      early.delete(command.id)
      return { _tag: "Command", command }
    }),
    commandReport: taker(readers.commandReport, (report) => {
      const orderId = orderOf.get(report.commandId)
      if (orderId === undefined) Bounded.put(early, report.commandId, report, commandsMax)
      else stated(orderId, report.commandId, report.commandStatus, reasonIn(report))
      return orderId === undefined ? undefined : touched(orderId)
    }),
    executionReport: taker(readers.executionReport, (report) => {
      const reason = reasonIn(report)
      if (reason !== undefined) piecesOf(report.orderId).reason = reason
      return reason === undefined ? undefined : touched(report.orderId)
    }),
    fill: taker(readers.fill, (fill) => {
      piecesOf(fill.orderId).fills.set(fill.id, fill)
      return touched(fill.orderId)
    }),
    position: taker(readers.position, (position) => {
      const key = keyOf(position)
      const before = positions.get(key)
      if (before !== undefined && (before.timestamp > position.timestamp || (before.timestamp === position.timestamp && before.netPos === position.netPos))) return undefined
      Bounded.put(positions, key, position, positionsMax)
      return { _tag: "Position", position }
    })
  }

  return {
    orders: (): ReadonlyMap<number, Pieces> => orders,
    get: (orderId: number): Pieces | undefined => orders.get(orderId),
    positions: (accountId: number): ReadonlyArray<Wire.Position> => [...positions.values()].filter((position) => position.accountId === accountId),
    /** Contracts of accounts that hold something, or that an entry may still fill in: a child closes what its parent opened. */
    exposures: (): number => {
      const open = new Set<string>()
      for (const [key, { netPos }] of positions) if (netPos !== 0) open.add(key)
      for (const { order } of orders.values()) {
        if (order !== undefined && !isTerminal(order) && (order.parentId === undefined || order.parentId === null)) open.add(keyOf(order))
      }
      return open.size
    },
    listed,
    take: (kind: Kind, row: unknown) => takers[kind](row)
  }
}
export type Books = ReturnType<typeof make>
