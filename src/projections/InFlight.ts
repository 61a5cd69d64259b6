/** What must not be left alone yet: orders without an answer or being cancelled, positions whose protection is on its way. */
import type { PositionView } from "#schemas/contracts/Views.ts"
import type * as Books from "./Books.ts"
import * as Orders from "./Orders.ts"
import * as PositionViews from "./PositionViews.ts"

export interface OpenPosition {
  readonly accountId: PositionView["accountId"]
  readonly symbol: string
  readonly quantity: string
  readonly protection: PositionView["protection"]["state"]
}

export const openPositions = ({ orders, positions }: Books.State): ReadonlyArray<OpenPosition> =>
  PositionViews.views(positions, { orders, mark: () => undefined, isSimulated: () => false }).map(
    ({ accountId, protection, quantity, symbol }) => ({ accountId, symbol, quantity, protection: protection.state })
  )

export const count = (books: Books.State): number =>
  Orders.working(books.orders).filter(({ isCanceling, status }) => status === "Intended" || isCanceling).length +
  openPositions(books).filter(({ protection }) => protection === "pending" || protection === "none").length
