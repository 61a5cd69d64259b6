/**
 * The venue's joined rows as ours. Owns: what is still missing before one can be told, that a row which cannot be read spoils no other, is
 * counted and told.
 */
import { Effect, Result } from "effect"
import type { House } from "#config/House.ts"
import type { Fill } from "#schemas/Fill.ts"
import type { InstrumentId } from "#schemas/Ids.ts"
import type { OrderReport } from "#schemas/Order.ts"
import type { PositionReport } from "#schemas/VenueEvent.ts"
import * as Books from "#src/venues/tradovate/Books.ts"
import type { Contracts } from "#src/venues/tradovate/Contracts.ts"
import type { Names } from "#src/venues/tradovate/Names.ts"
import * as Translate from "#src/venues/tradovate/Translate.ts"
import type * as Wire from "#src/venues/tradovate/Wire.ts"
import type { Complaints } from "#src/venues/shared/Complaints.ts"

export interface Around {
  readonly clean: (said: string) => string
  readonly complaints: Complaints
  readonly contracts: Contracts
  readonly names: Names
}

/** Where and when it is read. */
export interface Now {
  readonly house: House
  readonly nowMs: number
}

export type Gap = "order" | "version" | "name" | "contract"

export const make = ({ clean, complaints, contracts, names }: Around) => {
  const complain = (kind: string, text: string) => Effect.as(complaints.about(kind, clean(text)), undefined)
  const told = <A>(kind: string, read: Result.Result<A, string>): Effect.Effect<A | undefined> =>
    Result.isSuccess(read) ? Effect.succeed(read.success) : complain(kind, read.failure)

  const at = (contractId: number, { house, nowMs }: Now): { readonly id: InstrumentId; readonly spec: Translate.Spec } | undefined => {
    const id = contracts.instrumentIdOf(contractId, house, nowMs)
    const spec = id === undefined ? undefined : contracts.specOf(contractId, id, house)
    return id === undefined || spec === undefined ? undefined : { id, spec }
  }

  return {
    complain,
    knows: (contractId: number, now: Now): boolean => at(contractId, now) !== undefined,
    /** What has to be heard, or asked for, before this order can be told of. */
    gapIn: (pieces: Books.Pieces | undefined, now: Now): Gap | undefined => {
      if (pieces?.order === undefined) return "order"
      if (at(pieces.order.contractId, now) === undefined) return "contract"
      if (names.nameOf(pieces.order.id) === undefined) return "name"
      return Books.versionOf(pieces) === undefined ? "version" : undefined
    },
    order: (pieces: Books.Pieces, now: Now): Effect.Effect<OrderReport | undefined> => {
      const { order, reason } = pieces
      const version = Books.versionOf(pieces)
      const place = order === undefined ? undefined : at(order.contractId, now)
      const name = order === undefined ? undefined : names.nameOf(order.id)
      if (order === undefined || version === undefined || place === undefined || name === undefined) return complain("order", "a part of it is missing")
      const known = { order, version, name, filled: Books.filledOf(pieces), reason: reason === undefined ? undefined : clean(reason) }
      return told("order", Translate.reportOf(known, place.id, place.spec))
    },
    fill: (fill: Wire.Fill, now: Now): Effect.Effect<Fill | undefined> => {
      const place = at(fill.contractId, now)
      return place === undefined
        ? complain("fill", `nobody knows contract ${fill.contractId}`)
        : told("fill", Translate.fillOf(fill, names.isStranger(fill.orderId) ? undefined : names.nameOf(fill.orderId), place.id, place.spec))
    },
    position: (position: Wire.Position, now: Now): Result.Result<PositionReport, string> => {
      const place = at(position.contractId, now)
      return place === undefined ? Result.fail(`nobody knows contract ${position.contractId}`) : Translate.positionOf(position, place.id, place.spec)
    },
    told
  }
}
export type Reading = ReturnType<typeof make>
