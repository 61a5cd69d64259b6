/** I20: what an operator is shown is the journal at the same place. */
import * as Fold from "./Fold.ts"
import type { World } from "./World.ts"

export interface View {
  readonly atMs: number
  readonly seq: number
  readonly account: string
  readonly positions: ReadonlyArray<{ readonly instrumentId: string; readonly net: number }>
  readonly orders: ReadonlyArray<{ readonly orderId: string; readonly status: string; readonly lots: number; readonly filled: number }>
}

/** Views of places that the journal has not reached. */
const waitingMax = 100

export const make = (world: World) => {
  const { fold, report } = world
  let waiting: Array<View> = []

  const judge = (view: View): void => {
    const told = { invariant: "I20", atMs: view.atMs, seq: view.seq, account: view.account } as const
    const of = Fold.account(fold, view.account)
    const shown = new Map(view.positions.map(({ instrumentId, net }) => [instrumentId, net]))
    for (const id of new Set([...shown.keys(), ...of.holdings.keys()])) {
      const net = of.holdings.get(id)?.net ?? 0
      if ((shown.get(id) ?? 0) === net) continue
      report({ ...told, message: `a position of ${id} is shown that the journal does not tell`, expected: String(net), got: String(shown.get(id) ?? 0) })
    }
    const listed = new Map(view.orders.map((order) => [order.orderId, order]))
    const live = [...of.holdings.values()].flatMap((held) => [...held.live]).filter(({ status }) => !Fold.isTerminal(status))
    for (const order of live) {
      const seen = listed.get(order.row.id)
      listed.delete(order.row.id)
      const wanted = `${order.status} ${order.filled}/${order.lots}`
      const got = seen === undefined ? "not shown" : `${seen.status} ${seen.filled}/${seen.lots}`
      if (wanted !== got) report({ ...told, orderId: order.row.id, message: "an open order is shown otherwise than the journal tells", expected: wanted, got })
    }
    for (const { orderId, status } of listed.values()) {
      const known = fold.orders.get(orderId)?.status
      if (known !== undefined && known === status) continue // an order that is over may be shown as well
      report({ ...told, orderId, message: "an order is shown that the journal does not tell", expected: known ?? "no such order", got: status })
    }
  }

  return {
    /** False: that place is behind; nobody remembers how it was. */
    view: (view: View): boolean => {
      if (view.seq < fold.seq) return false
      if (view.seq === fold.seq) judge(view)
      else if (waiting.length < waitingMax) waiting.push(view)
      return true
    },
    reached: (seq: number): void => {
      if (waiting.length === 0) return
      for (const view of waiting) if (view.seq === seq) judge(view)
      waiting = waiting.filter((view) => view.seq > seq)
    }
  }
}
