/** Who asks, and why: journaled with every command. */
import { userInfo } from "node:os"
import { Effect, Option } from "effect"
import * as Flag from "effect/cli/Flag"
import type { Asker } from "#schemas/contracts/Commands.ts"

/** As much as the journal keeps of either; nothing is refused because its reason is long. */
const whoMax = 120
const whyMax = 500

export const whyFlag = Flag.String("why").pipe(Flag.optional, Flag.withDescription("The reason, kept with the command"))

/** A process without a user of its own has no name. */
const user = (): string => {
  try {
    return userInfo().username
  } catch {
    return "unknown"
  }
}

export const asker = (why: Option.Option<string>): Effect.Effect<Asker> =>
  Effect.sync(() => ({ who: `cli:${user()}`.slice(0, whoMax), ...(Option.isSome(why) ? { why: why.value.slice(0, whyMax) } : {}) }))
