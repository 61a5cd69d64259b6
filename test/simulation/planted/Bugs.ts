/** All planted bugs. */
import type { Bug } from "#test/simulation/planted/Bug.ts"
import * as Dispatch from "#test/simulation/planted/bugs/Dispatch.ts"
import * as Evidence from "#test/simulation/planted/bugs/Evidence.ts"
import * as Ingress from "#test/simulation/planted/bugs/Ingress.ts"
import * as Operator from "#test/simulation/planted/bugs/Operator.ts"
import * as Protection from "#test/simulation/planted/bugs/Protection.ts"
import * as Sizing from "#test/simulation/planted/bugs/Sizing.ts"

export const bugs: ReadonlyArray<Bug> = [...Ingress.bugs, ...Dispatch.bugs, ...Sizing.bugs, ...Protection.bugs, ...Evidence.bugs, ...Operator.bugs]
