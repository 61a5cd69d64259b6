/** The person at the desk: tells what became of orders that nobody else will ever tell of. */
import { AccountCommand } from "#schemas/AccountCommand.ts"
import { type AccountId, AlertId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Account } from "#src/simulation/machine/Account.ts"
import type { Venue } from "#src/simulation/machine/Venue.ts"
import type { World } from "#src/simulation/machine/World.ts"
import * as Ledger from "#src/simulation/venues/shared/Ledger.ts"

const { CommandGiven } = JournalEvent.cases
/** So long an order has been Unknown before somebody asks the broker by telephone; a lost exit rings the bell, but what is late may still arrive. */
const patienceMs = 600_000
const patienceOfExitMs = 31_000
/** How often somebody looks. */
export const lookEveryMs = 10_000

export const make = (world: World, venueOf: (id: AccountId) => Venue | undefined) => {
  const since = new Map<string, number>()
  let commands = 0

  const attest = (account: Account, orderId: Parameters<typeof AccountCommand.cases.Attest.make>[0]["orderId"]) => {
    commands += 1
    const commandId = AlertId.make(`operator-${commands}`)
    world.journal.stage("operator", [CommandGiven.make({ alertId: commandId, command: "order attest", who: "machine", why: "the broker said so", detail: { orderId } })])
    account.commanded(AccountCommand.cases.Attest.make({ commandId, orderId }))
  }

  return {
    /** Only what the venue surely never had is told as not executed. `isLast`: without waiting. */
    look: (accounts: ReadonlyMap<AccountId, Account>, isLast: boolean) => {
      const nowMs = world.heap.nowMs()
      for (const [id, account] of accounts) {
        for (const { filled, order, status, venueOrderId } of account.book().orders.live.values()) {
          if (status !== "Unknown") {
            since.delete(order.id)
            continue
          }
          const firstMs = since.get(order.id) ?? nowMs
          since.set(order.id, firstMs)
          const venue = venueOf(id)
          const isThere = venue !== undefined && Ledger.find(venue.ledger, `V-${id}`, order.id) !== undefined
          if (isThere || filled > 0 || venueOrderId !== undefined || (!isLast && nowMs - firstMs < (order.leg === "exit" ? patienceOfExitMs : patienceMs))) continue
          attest(account, order.id)
          since.delete(order.id)
        }
      }
    },
  }
}
