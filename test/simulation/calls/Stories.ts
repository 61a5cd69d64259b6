/** All reference scenarios. */
import type { Story } from "#test/simulation/calls/Story.ts"
import * as Operators from "#test/simulation/calls/stories/Operators.ts"
import * as Orders from "#test/simulation/calls/stories/Orders.ts"
import * as Troubles from "#test/simulation/calls/stories/Troubles.ts"

export const all: ReadonlyArray<Story> = [...Orders.stories, ...Troubles.stories, ...Operators.stories]
