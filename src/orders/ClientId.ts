/** Deterministic client order ids: the same intent has the same id in every life, and another intent never has it. */
import { createHash } from "node:crypto"
import { ClientOrderId } from "#schemas/Ids.ts"

const alphabet = "abcdefghijklmnopqrstuvwxyz234567"
/** Marks an order as of our own shape: one that we did not make means a second writer. */
export const prefix = "il-"
const bytesKept = 16

const base32 = (bytes: Uint8Array): string => {
  let text = ""
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet[(value >>> bits) & 31]
    }
    value &= (1 << bits) - 1
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text
}

/** `generation` counts journaled intents of this leg for this cause, never attempts on the wire. */
export const make = (of: {
  readonly installationId: string
  readonly cause: string
  readonly accountId: string
  readonly instrumentId: string
  readonly leg: string
  readonly generation: number
}): ClientOrderId => {
  const text = JSON.stringify([of.installationId, of.cause, of.accountId, of.instrumentId, of.leg, of.generation])
  return ClientOrderId.make(prefix + base32(createHash("sha256").update(text).digest().subarray(0, bytesKept)))
}
