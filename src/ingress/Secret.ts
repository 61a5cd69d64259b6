/** Is this the lane's secret? Compared in constant time, as digests, so that neither its length nor its beginning shows. */
import { hash, timingSafeEqual } from "node:crypto"
import { Redacted } from "effect"

/** A body may claim the secret under several names, the path once more. */
const claimsMax = 5

const digestOf = (text: string): Buffer => hash("sha256", text, "buffer")

export const matches = (secret: Redacted.Redacted, claims: ReadonlyArray<string>): boolean => {
  const value = Redacted.value(secret)
  if (value === "") return false
  const digest = digestOf(value)
  return claims.slice(0, claimsMax).reduce((found, claim) => timingSafeEqual(digest, digestOf(claim)) || found, false)
}
