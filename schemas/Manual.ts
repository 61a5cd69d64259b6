/** Orders by hand: the built-in strategy that owns them, and the entrance they are said to come through. No configuration may take these names. */
import { LaneId, StrategyId } from "./Ids.ts"

export const manualStrategy = StrategyId.make("manual")
export const manualLane = LaneId.make("manual")
