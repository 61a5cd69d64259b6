/** The command that lifts a pause, or the block of a flatten: a `resume` of everything leaves what was set on a part. */
import type { RiskScope } from "#schemas/RiskScope.ts"

export const command = (scope: RiskScope): string => `\`interlock resume${scope === "all" ? "" : ` --${scope.replace("/", " ")}`}\``
