/** The least time between two fires of a strategy. */
import { Option } from "effect"
import type { Reason } from "#schemas/Verdict.ts"

/** A last fire in the future is a clock that was set back: it holds nothing up. */
export const check = (coolDownMs: number, lastFireAtMs: number | undefined, atMs: number): Option.Option<Reason> => {
  if (lastFireAtMs === undefined || lastFireAtMs > atMs || atMs - lastFireAtMs >= coolDownMs) return Option.none()
  return Option.some({
    rule: "coolDown",
    message: `${atMs - lastFireAtMs} ms after the last fire; at least ${coolDownMs} ms must pass`,
    facts: { coolDownMs: String(coolDownMs), sinceLastMs: String(atMs - lastFireAtMs) },
    clearsAtMs: lastFireAtMs + coolDownMs
  })
}
