/** What venues call orders and instruments, as names of ours. */
import { createHash } from "node:crypto"
import { Schema } from "effect"
import { ClientOrderId, InstrumentId } from "#schemas/Ids.ts"

const isOurs = Schema.is(ClientOrderId)
const isName = Schema.is(InstrumentId)

/**
 * A name of our own for an order that has none we could use, the same each time. Nobody asks for it by this name: what it stands for is
 * remembered where it is heard.
 */
export const strangerId = (venueOrderId: string): ClientOrderId =>
  ClientOrderId.make(/^[a-z0-9-]{1,26}$/.test(venueOrderId)
    ? `venue-${venueOrderId}`
    : `venue-${createHash("sha256").update(venueOrderId).digest("hex").slice(0, 24)}`)

export const clientOrderIdOf = (clientId: string | null | undefined): ClientOrderId | undefined =>
  clientId !== undefined && clientId !== null && isOurs(clientId) ? clientId : undefined

/** A symbol that no name of ours may look like is shown under one that may. */
export const instrumentIdOf = (symbol: string): InstrumentId =>
  isName(symbol) ? symbol : InstrumentId.make(`x-${symbol.replace(/[^A-Za-z0-9._-]/gu, "_").slice(0, 40)}`)
