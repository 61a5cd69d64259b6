/**
 * Does the sender's position before this alert match what its last alert left? If not, an alert was lost or came out of order.
 * `hold` blocks that one entry; the alert's own "after" is then what the next one is compared with.
 */
import { BigDecimal, Option } from "effect"
import type { StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import type { SenderPosition } from "#schemas/Signal.ts"
import type { Reason } from "#schemas/Verdict.ts"

export type Finding = { readonly _tag: "Note" | "Block"; readonly reason: Reason }

const text = (direction: string | undefined, size: BigDecimal.BigDecimal | undefined): string =>
  size === undefined ? `${direction ?? "unknown"}` : `${direction ?? "unknown"} ${BigDecimal.format(size)}`

/** Only what both sides say is compared; flat is flat whatever its size. */
const differs = (left: SenderPosition, now: SenderPosition): boolean => {
  if (left.now !== undefined && now.previous !== undefined && left.now !== now.previous) return true
  if (left.now === "flat" && now.previous === "flat") return false
  return left.nowSize !== undefined && now.previousSize !== undefined && !BigDecimal.equals(left.nowSize, now.previousSize)
}

/** `left`: what the strategy's last alert on this symbol said of itself. */
export const check = (
  policy: StrategyConfig["expectation"],
  left: SenderPosition | undefined,
  now: SenderPosition | undefined
): Option.Option<Finding> => {
  if (policy === "ignore" || left === undefined || now === undefined || !differs(left, now)) return Option.none()
  const expected = text(left.now, left.nowSize)
  const got = text(now.previous, now.previousSize)
  return Option.some({
    _tag: policy === "hold" ? "Block" : "Note",
    reason: {
      rule: "expectation",
      message: `The sender says it was ${got}; its last alert left it ${expected}: an alert was lost or came out of order`,
      facts: { expected, got, policy }
    }
  })
}
