/**
 * Does the alert get out in ways the strategy's exit profile allows? A stop, a target, or (`reverse`) a close by signal. An `exit` itself
 * reduces risk and passes whatever the profile says. Nothing an alert can say makes a runner, so `runner` is not asked here.
 */
import { blocks, type Gate, passes } from "#src/gates/Gate.ts"

export const exitProfile: Gate = {
  name: "exitProfile",
  appliesTo: "entries",
  outcome: "skipped",
  judge: ({ signal, strategy }) => {
    const used = [
      ...(signal.stopLoss === undefined ? [] : ["stop"] as const),
      ...(signal.takeProfit === undefined ? [] : ["target"] as const),
      ...(signal.action === "reverse" ? ["signalExit"] as const : [])
    ]
    const profile = strategy.exitProfile
    const allowed = (["stop", "target", "signalExit"] as const).filter((way) => profile[way])
    const inputs = { used: used.join(" ") || "none", allowed: allowed.join(" ") || "none" }
    const forbidden = used.find((way) => !profile[way])
    return forbidden === undefined
      ? passes("the alert uses no exit beyond the profile", inputs)
      : blocks(`the alert uses ${forbidden}, which the exit profile of strategy ${strategy.id} does not allow`, inputs)
  }
}
