/** What a pause, kill or block covers. An asset class may be narrowed to a mode: `asset/futures/live`. */
import { Schema } from "effect"

export const RiskScope = Schema.Union([
  Schema.Literal("all"),
  Schema.TemplateLiteral(["lane/", Schema.String]),
  Schema.TemplateLiteral(["strategy/", Schema.String]),
  Schema.TemplateLiteral(["script/", Schema.String]),
  Schema.TemplateLiteral(["account/", Schema.String]),
  Schema.TemplateLiteral(["asset/", Schema.String]),
  Schema.TemplateLiteral(["login/", Schema.String])
])
export type RiskScope = typeof RiskScope.Type
