/** Views as text for people. What is simulated says so. */
import { DateTime } from "effect"
import { isSimulated } from "#schemas/config/LoginConfig.ts"
import type { AccountView, AlertView, FindingView, FlattenReceipt, OrderView, OutcomeView, PositionView, StatusView, StoryView, SwitchView, TradeView } from "#schemas/contracts/Views.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as Table from "./Table.ts"

const simulated = "SIMULATED"
const dash = "-"

const time = (atMs: number): string => DateTime.formatIso(DateTime.makeUnsafe(atMs))

/** Above lists whose rows cannot say it themselves. */
export const banner = ({ isSimulated }: StatusView): string => (isSimulated ? `${simulated}: nothing here reaches a market\n` : "")

/** Above every list: what the journal has not got is in none of them. */
export const stale = ({ journal: { durable, seq } }: StatusView): string =>
  durable ? "" : `NOT WRITABLE: this is as the journal had it at row ${seq}; what happened since is at the venues only\n`

const table = <A>(what: string, columns: ReadonlyArray<Table.Column<A>>, rows: ReadonlyArray<A>): string =>
  rows.length === 0 ? `no ${what}` : Table.render(columns, rows)

const ingressText = ({ ingress: { killed, paused }, state }: StatusView): string => {
  if (state === "rescue") return "closed: rescue mode"
  return killed ? "KILLED, no new risk" : paused ? "PAUSED, no new entries" : "open"
}

/** Entries that these concern are refused. */
const switches = (rows: ReadonlyArray<SwitchView>): string =>
  table("switches", [
    { name: "STOPPED", of: ({ scope }) => scope },
    { name: "BY", of: ({ kind }) => kind },
    { name: "SINCE", of: ({ atMs }) => (atMs === undefined ? dash : time(atMs)) },
    { name: "WHO", of: ({ who }) => who || dash },
    { name: "WHY", of: ({ why }) => why || dash },
    { name: "", of: ({ durable }) => (durable ? "" : "NOT ON DISK") }
  ], rows)

/** At a venue and not ours: entries there are denied. */
const findings = (rows: ReadonlyArray<FindingView>): string =>
  table("alarms", [
    { name: "ALARM", of: ({ level }) => level.toUpperCase() },
    { name: "ACCOUNT", of: ({ accountId }) => accountId },
    { name: "SINCE", of: ({ sinceMs }) => time(sinceMs) },
    { name: "NOT OURS", of: ({ text }) => text }
  ], rows)

export const status = (view: StatusView): string => {
  const { durable, lowDisk, seq } = view.journal
  const refused = Object.entries(view.refusedDeliveries).map(([error, count]) => `${error} ${count}`).join(", ")
  return [
    `interlock ${view.version}  ${view.state}  ${view.mode}${view.isSimulated ? `  ${simulated}` : ""}`,
    `ingress   ${ingressText(view)}`,
    `journal   ${seq} rows, ${durable ? "durable" : "NOT WRITABLE: alerts are answered 503"}${lowDisk ? ", LOW DISK: no new entries" : ""}`,
    `refused   ${refused === "" ? "nothing" : refused}`,
    ...(view.switches.length === 0 ? [] : ["", switches(view.switches)]),
    ...(view.findings === undefined ? [] : ["", findings(view.findings)]),
    "",
    table("logins", [
      { name: "LOGIN", of: ({ id }) => id },
      { name: "VENUE", of: ({ venue }) => (isSimulated(venue) ? `${venue} (${simulated})` : venue) },
      { name: "STATE", of: ({ state }) => state }
    ], view.sessions),
    "",
    table("accounts", [{ name: "ACCOUNT", of: ({ id }) => id }, { name: "STATE", of: ({ state }) => state }], view.accounts)
  ].join("\n")
}

export const accounts = (rows: ReadonlyArray<AccountView>): string =>
  table("accounts", [
    { name: "ACCOUNT", of: ({ id }) => id },
    { name: "MODE", of: ({ mode }) => (mode === "paper" ? `paper ${simulated}` : mode) },
    { name: "LOGIN", of: ({ login }) => login },
    { name: "STATE", of: ({ state }) => state },
    { name: "ASSETS", of: ({ assets }) => assets.join(",") },
    { name: "DAY P&L", of: ({ currency, dayPnl }) => `${dayPnl} ${currency}`, right: true },
    { name: "LOSS LIMIT", of: ({ dailyLoss }) => dailyLoss ?? dash, right: true },
    { name: "TRADES", of: ({ tradesToday }) => `${tradesToday}`, right: true },
    { name: "OPEN", of: ({ openPositions }) => `${openPositions}`, right: true },
    { name: "UNKNOWN", of: ({ unknownOrders }) => `${unknownOrders}`, right: true },
    { name: "NOT OURS", of: ({ findings: found = [] }) => found.map(({ level, symbol }) => `${level.toUpperCase()} ${symbol}`).join(", ") || dash },
    { name: "STOPPED BY", of: ({ stoppedBy }) => stoppedBy.join(", ") || dash }
  ], rows)

export const positions = (rows: ReadonlyArray<PositionView>): string =>
  table("positions", [
    { name: "ACCOUNT", of: ({ accountId }) => accountId },
    { name: "SYMBOL", of: ({ symbol }) => symbol },
    { name: "QUANTITY", of: ({ quantity }) => quantity, right: true },
    { name: "AVERAGE", of: ({ avgPrice }) => avgPrice, right: true },
    { name: "OPEN P&L", of: ({ currency, unrealizedPnl }) => (unrealizedPnl === null ? "no quote" : `${unrealizedPnl} ${currency}`), right: true },
    { name: "PROTECTION", of: ({ protection }) => (protection.state === "protected" ? protection.state : protection.state.toUpperCase()) },
    { name: "STOP", of: ({ protection }) => protection.stop ?? dash, right: true },
    { name: "TARGETS", of: ({ protection }) => protection.targets?.join(",") ?? dash, right: true },
    { name: "", of: ({ isSimulated }) => (isSimulated ? simulated : "") }
  ], rows)

export const orders = (rows: ReadonlyArray<OrderView>): string =>
  table("orders", [
    { name: "CREATED", of: ({ createdAtMs }) => time(createdAtMs) },
    { name: "ACCOUNT", of: ({ accountId }) => accountId },
    { name: "LEG", of: ({ leg }) => leg },
    { name: "SIDE", of: ({ side }) => side },
    { name: "QUANTITY", of: ({ quantity }) => quantity, right: true },
    { name: "SYMBOL", of: ({ symbol }) => symbol },
    { name: "TYPE", of: ({ type }) => type },
    { name: "PRICE", of: ({ limitPrice, stopPrice }) => [limitPrice, stopPrice].filter((price) => price !== undefined).join("/") || dash, right: true },
    { name: "FILLED", of: ({ filled }) => filled, right: true },
    { name: "AVERAGE", of: ({ avgPrice }) => avgPrice ?? dash, right: true },
    { name: "STATUS", of: ({ status: state }) => state },
    { name: "ORDER", of: ({ clientOrderId }) => clientOrderId },
    { name: "REASON", of: ({ reason }) => reason ?? "" }
  ], rows)

export const trades = (rows: ReadonlyArray<TradeView>): string =>
  table("trades", [
    { name: "CLOSED", of: ({ closedAtMs }) => time(closedAtMs) },
    { name: "ACCOUNT", of: ({ accountId }) => accountId },
    { name: "STRATEGY", of: ({ strategy }) => strategy },
    { name: "SIDE", of: ({ side }) => side },
    { name: "QUANTITY", of: ({ quantity }) => quantity, right: true },
    { name: "SYMBOL", of: ({ symbol }) => symbol },
    { name: "IN", of: ({ entryPrice }) => entryPrice, right: true },
    { name: "OUT", of: ({ exitPrice }) => exitPrice, right: true },
    { name: "FEES", of: ({ fees }) => fees, right: true },
    { name: "P&L", of: ({ currency, realizedPnl }) => `${realizedPnl} ${currency}`, right: true },
    { name: "", of: ({ inferred }) => (inferred ? "inferred" : "") }
  ], rows)

const outcome = ({ accountId, cause, outcome: reached }: OutcomeView): string =>
  `${accountId} ${reached}${cause === undefined ? "" : ` (${cause})`}`

export const alerts = (rows: ReadonlyArray<AlertView>): string =>
  table("alerts", [
    { name: "SEQ", of: ({ seq }) => `${seq}`, right: true },
    { name: "RECEIVED", of: ({ receivedAtMs }) => time(receivedAtMs) },
    { name: "LANE", of: ({ lane }) => lane },
    { name: "STRATEGY", of: ({ strategy }) => strategy ?? dash },
    { name: "ACTION", of: ({ action }) => action ?? dash },
    { name: "SYMBOL", of: ({ symbol }) => symbol ?? dash },
    { name: "STATUS", of: ({ refusal, status: state }) => (refusal === undefined ? state : `${state}: ${refusal.error}`) },
    { name: "ALERT", of: ({ alertId }) => alertId },
    { name: "OUTCOMES", of: ({ outcomes }) => outcomes.map(outcome).join(", ") || dash }
  ], rows)

const reasonText = ({ clearsAtMs, message, rule }: Reason): string =>
  `: ${message} [${rule}]${clearsAtMs === undefined ? "" : `, clears ${time(clearsAtMs)}`}`

const kindOf = (id: string): string => id.startsWith("operator-") ? "command" : id.startsWith("reconcile-") ? "reconciliation" : "alert"

export const story = ({ alert, body, lines }: StoryView): string => [
  `${kindOf(alert.alertId)} ${alert.alertId}  ${alert.status}  ${time(alert.receivedAtMs)}`,
  ...alert.outcomes.map((one) => `  ${outcome(one)}${one.reason === undefined ? "" : reasonText(one.reason)}`),
  ...body === "" ? [] : [`body ${body}`],
  "",
  "SINCE ARRIVAL      STEP"
].map(Table.clean).concat(lines.map(({ sinceBeforeMs, sinceFirstMs, text }) =>
  Table.clean(`${`${sinceFirstMs} ms`.padStart(13)}  ${`+${sinceBeforeMs}`.padStart(7)}  ${text}`))).join("\n")

/** One step of a flatten as it is taken. */
export const step = ({ accountId, atMs, text }: { readonly accountId: string; readonly atMs: number; readonly text: string }): string =>
  Table.clean(`${time(atMs)}  ${accountId}  ${text}`)

const states = { flat: "flat", notFlat: "NOT FLAT", unknown: "UNKNOWN" } as const

/** How each account ended. */
export const receipts = (rows: ReadonlyArray<FlattenReceipt>): string =>
  table("accounts", [
    { name: "ACCOUNT", of: ({ accountId }) => accountId },
    { name: "STATE", of: ({ state }) => states[state] },
    { name: "", of: ({ isSimulated }) => (isSimulated ? simulated : "") },
    { name: "REASON", of: ({ reason }) => reason ?? dash }
  ], rows)
