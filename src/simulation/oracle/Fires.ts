/** I9: a strategy fires as often in its day as it may: no more, and not fewer because of a fire that came to nothing or was counted twice. */
import type { Rule, World } from "./World.ts"

const guardStream = "strategy-guard/"

interface Fire {
  readonly day: string
  /** Orders of it that may have left. */
  readonly orders: Set<string>
}

export const make = (world: World): Rule => {
  const { report, settings } = world
  const strategies = new Map<string, Map<string, Fire>>()
  const byAlert = new Map<string, Fire>()

  const firedOn = (strategy: string, day: string): number =>
    [...strategies.get(strategy)?.values() ?? []].filter((fire) => fire.day === day).length

  return {
    row: ({ atMs, event, seq, stream }) => {
      if (event._tag === "OrderIntended") byAlert.get(event.alertId)?.orders.add(event.order.id)
      else if (event._tag === "OrderWithheld") byAlert.get(event.alertId)?.orders.delete(event.orderId)
      if (!stream.startsWith(guardStream)) return
      const strategy = stream.slice(guardStream.length)
      const max = settings.current()?.strategies.get(strategy)?.fires?.max
      if (event._tag === "GuardApproved" && event.tradingDay !== undefined) {
        const fired = firedOn(strategy, event.tradingDay)
        if (max !== undefined && fired >= max) {
          report({ invariant: "I9", atMs, seq, alertId: event.alertId, message: `strategy ${strategy} fired more often than it may in a day`, expected: `at most ${max}`, got: `${fired + 1}` })
        }
        const fire: Fire = { day: event.tradingDay, orders: new Set() }
        byAlert.set(event.alertId, fire)
        strategies.set(strategy, (strategies.get(strategy) ?? new Map<string, Fire>()).set(event.alertId, fire))
      }
      if (event._tag === "GuardSettled") {
        if (byAlert.get(event.alertId)?.orders.size === 0) strategies.get(strategy)?.delete(event.alertId)
        byAlert.delete(event.alertId)
      }
      if (event._tag !== "GuardBlocked" || event.reason.rule !== "fires" || max === undefined) return
      const fired = firedOn(strategy, event.reason.facts?.["tradingDay"] ?? "")
      if (fired >= max) return
      report({
        invariant: "I9", atMs, seq, alertId: event.alertId, message: `strategy ${strategy} was held back although it may still fire`,
        expected: `${max} fires before it is`, got: `${fired} that left anything`
      })
    }
  }
}
