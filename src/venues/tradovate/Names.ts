/**
 * Which order there is which of ours. Owns: that a name stands for one order only. The venue may take one client id twice: the second order
 * under it is shown as a stranger's, for it is nobody's intent.
 */
import { Effect } from "effect"
import type { ClientOrderId, LoginId } from "#schemas/Ids.ts"
import type * as Wire from "#src/venues/tradovate/Wire.ts"
import * as Bounded from "#src/venues/shared/Bounded.ts"
import * as Shared from "#src/venues/shared/Names.ts"

/** Orders whose name is remembered. Older ones are asked for again. */
export const ordersKnownMax = 8_192

export const make = (login: LoginId) => {
  const ids = new Map<ClientOrderId, number>()
  const names = new Map<number, ClientOrderId>()
  /** Whose orders are whose: it never changes. */
  const accounts = new Map<number, number>()

  const put = (id: ClientOrderId, orderId: number) => {
    Bounded.put(ids, id, orderId, ordersKnownMax)
    Bounded.put(names, orderId, id, ordersKnownMax)
  }
  return {
    /** The venue's own word, in answer to this very order. */
    answered: put,
    isStranger: (orderId: number): boolean => names.get(orderId) === Shared.strangerId(String(orderId)),
    /** Undefined: nobody has said yet. */
    nameOf: (orderId: number): ClientOrderId | undefined => names.get(orderId),
    orderIdOf: (id: ClientOrderId): number | undefined => ids.get(id),
    accountOf: (orderId: number): number | undefined => accounts.get(orderId),
    owned: ({ accountId, id }: Wire.Order) => { if (accounts.get(id) !== accountId) Bounded.put(accounts, id, accountId, ordersKnownMax) },
    /** The command that made an order bears its name, in one field or, where there is no such field, in the other. */
    heard: ({ clOrdId, commandType, customTag50, orderId }: Wire.Command): Effect.Effect<void> => Effect.suspend(() => {
      const mine = names.get(orderId)
      const stranger = Shared.strangerId(String(orderId))
      if (commandType !== "New" || (mine !== undefined && mine !== stranger)) return Effect.void
      const named = Shared.clientOrderIdOf(clOrdId)
      const id = named ?? Shared.clientOrderIdOf(customTag50) ?? stranger
      const before = ids.get(id)
      if (before === undefined || before === orderId) return Effect.sync(() => put(id, orderId))
      put(stranger, orderId)
      return mine === undefined && named !== undefined ? Effect.logError(`login ${login}: the venue has two orders ${id}; the second is shown as ${stranger}`) : Effect.void
    }),
    /** Its command is not shown any more; its version still bears the name. */
    labelled: (orderId: number, text: string | null | undefined) => {
      const id = Shared.clientOrderIdOf(text)
      if (id !== undefined && !names.has(orderId) && !ids.has(id)) put(id, orderId)
    },
    /** Nobody named it for too long. */
    estranged: (orderId: number) => { if (!names.has(orderId)) put(Shared.strangerId(String(orderId)), orderId) }
  }
}
export type Names = ReturnType<typeof make>
