/**
 * I9: no entry outside its session or the market's hours, on what is disabled or paused, after the day's loss; and what reduces a position is
 * never held up by any of these.
 */
import * as Decimal from "./Decimal.ts"
import * as Fold from "./Fold.ts"
import * as Hours from "./Hours.ts"
import type { Settings } from "./Settings.ts"
import type { EventOf, Row } from "./Shapes.ts"
import { type Rule, scopesOf, type World } from "./World.ts"

/** Rules that may stop an entry, never a way out. */
const notForExits = /latch|kill|pause|block|session|cooldown|fires|dailyloss|stale|disabled|marketclosed|reduceonly|expectation|unknownorder|lowdisk|maxtrades|maxpositions/i
const reducing = new Set(["exit", "flatten", "cancel", "update"])

export const make = (world: World): Rule => {
  const { fold, report, settings: known, slackMs } = world

  const realized = (of: Fold.Account, fromMs: number): Decimal.Decimal =>
    [...of.trades.values()].reduce((sum, { closedAtMs, pnl }) => closedAtMs >= fromMs ? sum + pnl : sum, 0n)

  const forbidden = (event: EventOf<"EntryDecided">, of: Fold.Account, settings: Settings): readonly [string, string] | undefined => {
    const { decidedAtMs: atMs, instrument } = event
    const account = settings.accounts.get(of.id)
    const strategy = settings.strategies.get(event.strategy)
    if (account === undefined) return ["a configured account", `${of.id} is not configured`]
    if (!account.enabled) return ["an enabled account", `${of.id} is disabled`]
    if (!account.assets.includes(instrument.asset)) return [`one of ${account.assets.join(" ")}`, instrument.asset]
    if (strategy !== undefined && !strategy.enabled) return ["an enabled strategy", `${strategy.id} is disabled`]
    if (strategy !== undefined && !Hours.isInSession(strategy, atMs)) return ["within the strategy's session", `decided at ${atMs}`]
    if (!Hours.isOpen(settings.calendars.get(instrument.calendar), atMs)) return [`an open market (${instrument.calendar})`, `decided at ${atMs}`]
    const { dailyLoss } = account.caps
    const lost = dailyLoss === undefined ? 0n : realized(of, Hours.dayStartMs(account, atMs))
    const hasOther = [...of.holdings.values()].some(({ net }) => net !== 0) // what is open there may have won it back
    return dailyLoss !== undefined && !hasOther && lost <= -Decimal.orZero(dailyLoss)
      ? [`a day's loss above -${dailyLoss}`, Decimal.text(lost)]
      : undefined
  }

  const decided = (event: EventOf<"EntryDecided">, { atMs, seq, stream }: Row): void => {
    const settings = known.of(event.configHash)
    const id = Fold.accountOf(stream)
    if (settings === undefined || id === undefined) return
    const no = forbidden(event, Fold.account(fold, id), settings)
    if (no === undefined) return
    report({ invariant: "I9", atMs, seq, account: id, alertId: event.alertId, message: "an entry was decided where none may be", expected: no[0], got: no[1] })
  }

  /** A pause covers what is decided after it; what was decided before may still leave. */
  const paused = ({ order }: EventOf<"OrderIntended">, { atMs, seq }: Row): void => {
    const intended = order.leg === "entry" && world.latches.size > 0 ? fold.orders.get(order.id) : undefined
    if (intended === undefined) return
    const scopes = scopesOf(world, intended)
    for (const { atMs: sinceMs, kind, scope } of world.latches.values()) {
      if (kind !== "pause" || !scopes.includes(scope) || atMs <= sinceMs + slackMs) continue
      report({
        invariant: "I9", atMs, seq, account: intended.account, alertId: order.alertId, orderId: order.id,
        message: "an entry was decided although it was paused", expected: `none while ${scope} is paused (since ${sinceMs})`, got: `intended at ${atMs}`
      })
    }
  }

  const hasPosition = (alertId: string, accounts: ReadonlyArray<string>): boolean => {
    const strategy = fold.alerts.get(alertId)?.signal?.strategy
    return accounts.some((id) => [...fold.accounts.get(id)?.holdings.values() ?? []].some((held) => held.net !== 0 && held.strategy === strategy))
  }

  const heldUp = (alertId: string, rule: string, accounts: ReadonlyArray<string>, { atMs, seq }: Row): void => {
    const action = fold.alerts.get(alertId)?.signal?.action
    if (action === undefined || !reducing.has(action) || !notForExits.test(rule) || !hasPosition(alertId, accounts)) return
    report({
      invariant: "I9", atMs, seq, alertId, ...(accounts.length === 1 && accounts[0] !== undefined ? { account: accounts[0] } : {}),
      message: `what reduces a position (${action}) was held up by a rule for entries`, expected: "it passes", got: rule
    })
  }

  return {
    before: (row) => {
      const { event } = row
      if (event._tag === "AlertGated" && event.blocked !== undefined) heldUp(event.alertId, event.blocked.reason.rule, event.accounts, row)
      const account = Fold.accountOf(row.stream)
      const isNo = event._tag === "OutcomeReached" && (event.outcome === "denied" || event.outcome === "skipped" || event.outcome === "expired")
      if (isNo && account !== undefined) heldUp(event.alertId, event.reason?.rule ?? "", [account], row)
    },
    row: (row) => {
      if (row.event._tag === "EntryDecided") decided(row.event, row)
      else if (row.event._tag === "OrderIntended") paused(row.event, row)
    }
  }
}
