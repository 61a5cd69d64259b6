/** Alerts on their way: which of their accounts still owe an outcome. The dispatcher's memory, a fold of the whole journal. */
import { HashMap, Option } from "effect"
import { AccountId, type AlertId, type ClientOrderId } from "#schemas/Ids.ts"
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import type { Signal } from "#schemas/Signal.ts"

type Gated = Extract<JournalEvent, { readonly _tag: "AlertGated" }>

export interface OpenAlert {
  readonly alertId: AlertId
  readonly seq: number
  readonly receivedAtMs: number
  readonly signal: Signal
  readonly gated: Gated | undefined
  readonly done: ReadonlySet<AccountId>
  /** Orders that may have left: intended and not withheld since. */
  readonly orders: ReadonlySet<ClientOrderId>
  /** How often an account's entry surely never left. */
  readonly withheld: ReadonlyMap<AccountId, number>
  readonly redriven: ReadonlyMap<AccountId, number>
}

export interface Open {
  readonly seq: number
  readonly alerts: HashMap.HashMap<AlertId, OpenAlert>
  readonly paused: ReadonlySet<RiskScope>
}

export const empty: Open = { seq: 0, alerts: HashMap.empty(), paused: new Set() }

export const accountOf = (stream: string): AccountId | undefined =>
  stream.startsWith("account/") ? AccountId.make(stream.slice("account/".length)) : undefined

export const find = (open: Open, id: AlertId): OpenAlert | undefined => Option.getOrUndefined(HashMap.get(open.alerts, id))

/** In the order of the journal. */
export const all = (open: Open): ReadonlyArray<OpenAlert> => Array.from(HashMap.values(open.alerts)).sort((one, other) => one.seq - other.seq)

const withAlert = (open: Open, id: AlertId, change: (alert: OpenAlert) => OpenAlert): Open =>
  ({ ...open, alerts: HashMap.modify(open.alerts, id, change) })

const counted = (counts: ReadonlyMap<AccountId, number>, id: AccountId) => new Map(counts).set(id, (counts.get(id) ?? 0) + 1)

const switched = (open: Open, event: Extract<JournalEvent, { readonly _tag: "SwitchSet" }>): Open => {
  if (event.kind !== "pause") return open
  const paused = new Set(open.paused)
  if (event.on) paused.add(event.scope)
  else paused.delete(event.scope)
  return { ...open, paused }
}

const fold = (open: Open, row: JournalRow): Open => {
  const { event } = row
  switch (event._tag) {
    case "AlertAccepted":
      return {
        ...open,
        alerts: HashMap.set(open.alerts, event.alertId, {
          alertId: event.alertId,
          seq: row.seq,
          receivedAtMs: event.delivery.receivedAtMs,
          signal: event.signal,
          gated: undefined,
          done: new Set(),
          orders: new Set(),
          withheld: new Map(),
          redriven: new Map()
        })
      }
    case "AlertGated":
      return withAlert(open, event.alertId, (alert) => ({ ...alert, gated: event }))
    case "AlertRedriven":
      return withAlert(open, event.alertId, (alert) => ({ ...alert, redriven: counted(alert.redriven, event.accountId) }))
    case "AlertSettled":
      return { ...open, alerts: HashMap.remove(open.alerts, event.alertId) }
    case "OrderIntended":
      return withAlert(open, event.alertId, (alert) => ({ ...alert, orders: new Set(alert.orders).add(event.order.id) }))
    case "OrderWithheld": {
      const account = accountOf(row.stream)
      return withAlert(open, event.alertId, (alert) => {
        const orders = new Set(alert.orders)
        orders.delete(event.orderId)
        return { ...alert, orders, withheld: event.retry && account !== undefined ? counted(alert.withheld, account) : alert.withheld }
      })
    }
    case "OutcomeReached": {
      const account = accountOf(row.stream)
      return account === undefined ? open : withAlert(open, event.alertId, (alert) => ({ ...alert, done: new Set(alert.done).add(account) }))
    }
    case "SwitchSet":
      return switched(open, event)
    default:
      return open
  }
}

export const evolve = (open: Open, row: JournalRow): Open => ({ ...fold(open, row), seq: row.seq })

/** Accounts that owe an outcome, in the order of the configuration then. */
export const owing = (alert: OpenAlert): ReadonlyArray<AccountId> =>
  alert.gated === undefined || alert.gated.blocked !== undefined ? [] : alert.gated.accounts.filter((id) => !alert.done.has(id))

export const isSettled = (alert: OpenAlert): boolean => alert.gated !== undefined && owing(alert).length === 0
