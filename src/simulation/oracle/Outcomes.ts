/**
 * I2: every alert answered 2xx ends once for every account, within 60 s of the venue being reachable; what is pending until then names its
 * cause, and the cause is there to be seen.
 */
import * as Answers from "./Answers.ts"
import type * as Fold from "./Fold.ts"
import type { Rule, World } from "./World.ts"

const withinMs = 60_000

/** What keeps it from its end, seen from the judge's side. */
const isThere = (cause: string, alertId: string, of: Fold.Account): boolean => {
  const holdings = [...of.holdings.values()]
  const live = holdings.flatMap((held) => [...held.live])
  switch (cause) {
    case "unknown":
      return live.some(({ status }) => status === "Unknown")
    case "restingLimit":
      return live.some(({ row }) => row.alertId === alertId && row.leg === "entry" && row.type !== "market")
    case "waitingForOpen":
      return holdings.some(({ closing }) => closing !== undefined)
    case "working":
      return live.length > 0 || holdings.some(({ closing }) => closing !== undefined)
    default: // `reconciling` too: by now it should be
      return false
  }
}

export const make = (world: World): Rule & { readonly answered: (answer: Answers.Answered) => void } => {
  const { calm, due, fold, report, slackMs } = world

  const venueOf = (account: string): string | undefined => world.bookOf(account)?.venue

  const unfinished = (alertId: string, account: string): string | undefined => {
    const of = fold.accounts.get(account)
    if (of?.outcomes.has(alertId) === true) return undefined
    const pending = of?.pending.get(alertId)
    if (of === undefined || pending === undefined) return "nothing is said of it"
    return isThere(pending.cause, alertId, of) ? undefined : `pending (${pending.cause}), and nothing shows that`
  }

  const accuse = (atMs: number, alertId: string, account: string | undefined, got: string) => report({
    invariant: "I2", atMs, alertId, ...(account === undefined ? {} : { account }),
    message: "an acknowledged alert has no outcome in time", expected: `an outcome, or a cause that holds, ${withinMs} ms after nothing stood in the way`, got
  })

  /** Looks again as long as something is in the way, or a cause holds. */
  const watch = (alertId: string, account: string | undefined, fromMs: number): void => {
    due.at(fromMs + withinMs + slackMs, (atMs) => {
      const calmMs = calm.sinceMs(account === undefined ? undefined : venueOf(account))
      if (calmMs === undefined) return watch(alertId, account, atMs)
      if (calmMs > fromMs) return watch(alertId, account, Math.max(calmMs, atMs - withinMs))
      if (account === undefined) return judgeGates(atMs, alertId)
      const got = unfinished(alertId, account)
      if (got !== undefined) return accuse(atMs, alertId, account, got)
      if (fold.accounts.get(account)?.outcomes.has(alertId) !== true) watch(alertId, account, atMs)
    })
  }

  const judgeGates = (atMs: number, alertId: string): void => {
    const alert = fold.alerts.get(alertId)
    if (alert?.kind === "alert" && alert.gated === undefined) accuse(atMs, alertId, undefined, "no gate has judged it")
  }

  return {
    answered: (answer) => {
      const alertId = Answers.isAccepted(answer) ? Answers.alertIdOf(answer) : undefined
      if (alertId === undefined) return
      watch(alertId, undefined, answer.atMs)
      const alert = fold.alerts.get(alertId)
      for (const account of alert?.isBlocked === true ? [] : alert?.gated ?? []) watch(alertId, account, answer.atMs)
    },
    row: ({ atMs, event }) => {
      if (event._tag !== "AlertGated" || event.blocked !== undefined) return
      for (const account of event.accounts) watch(event.alertId, account, world.isOneClock ? atMs : world.nowMs())
    },
    end: (atMs, isSettled) => {
      if (!isSettled) return
      for (const [id, { gated, isBlocked, kind }] of fold.alerts) {
        if (kind !== "alert" || isBlocked) continue
        if (gated === undefined) accuse(atMs, id, undefined, "no gate has judged it")
        for (const account of gated ?? []) {
          const got = unfinished(id, account)
          if (got !== undefined) accuse(atMs, id, account, got)
        }
      }
    }
  }
}
