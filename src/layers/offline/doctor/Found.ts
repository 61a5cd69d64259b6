/** How a check says what it found. */
import type { Finding } from "#schemas/contracts/Commands.ts"

const found = (state: Finding["state"]) => (check: string, text: string, remedy?: string): Finding =>
  ({ check, state, text, ...(remedy === undefined ? {} : { remedy }) })

export const ok = found("ok")
export const warning = found("warning")
export const failed = found("failed")
/** It could not be looked at. */
export const unknown = found("unknown")
