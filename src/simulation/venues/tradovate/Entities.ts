/** The venue's entities as rows with numbers for names. Owns: what belongs under what, which kinds are kept how long, and the news of each change. No protocol: rows are told as they lie here. */
import type * as Ledger from "#src/simulation/venues/shared/Ledger.ts"

/** `many`: its name in the snapshot. `master`: the field of the row it lies under. */
export const kinds = {
  user: { many: "users" },
  account: { many: "accounts", master: "userId" },
  currency: { many: "currencies" },
  exchange: { many: "exchanges" },
  product: { many: "products" },
  contractMaturity: { many: "contractMaturities", master: "productId" },
  contract: { many: "contracts", master: "contractMaturityId" },
  position: { many: "positions", master: "accountId" },
  cashBalance: { many: "cashBalances", master: "accountId" },
  order: { many: "orders", master: "accountId", isHistory: true },
  orderVersion: { many: "orderVersions", master: "orderId", isHistory: true },
  command: { many: "commands", master: "orderId", isHistory: true },
  commandReport: { many: "commandReports", master: "commandId", isHistory: true },
  executionReport: { many: "executionReports", master: "commandId", isHistory: true },
  fill: { many: "fills", master: "orderId", isHistory: true }
} as const satisfies Record<string, { readonly many: string; readonly master?: string; readonly isHistory?: boolean }>

export type Kind = keyof typeof kinds

/** Kinds of which this venue has none: asked for they are empty, and a snapshot names them all the same. */
export const emptyKinds = {
  accountRiskStatus: "accountRiskStatuses", marginSnapshot: "marginSnapshots", userAccountAutoLiq: "userAccountAutoLiqs", fillPair: "fillPairs",
  spreadDefinition: "spreadDefinitions", fillFee: "fillFees", orderStrategy: "orderStrategies", orderStrategyLink: "orderStrategyLinks",
  orderStrategyType: "orderStrategyTypes", userProperty: "userProperties", property: "properties", userPlugin: "userPlugins", contractGroup: "contractGroups"
} as const

const emptyNames: ReadonlySet<string> = new Set(Object.keys(emptyKinds).map((name) => name.toLowerCase()))

export const isEmptyKind = (name: string): boolean => emptyNames.has(name.toLowerCase())

const rowsMax = 50_000
const rowsDropped = 1_000
/** As long as an answer may be behind. */
const pastMs = 120_000

export interface Row {
  readonly id: number
  readonly [field: string]: unknown
}

/** What a row says, for the record of what was told. */
export interface Version {
  readonly atMs: number
  readonly row: Row
  readonly event: Ledger.Event | undefined
}

export interface Stored {
  /** Oldest first; the last one holds. */
  versions: Array<Version>
  /** Whose it is; undefined: everybody's. */
  readonly account: string | undefined
  hiddenUntilMs: number
}

export interface News extends Version {
  readonly kind: Kind
  readonly eventType: "Created" | "Updated"
  readonly account: string | undefined
}

interface Table {
  readonly rows: Map<number, Stored>
  readonly byMaster: Map<number, Array<number>>
}

export interface Entities {
  readonly nowMs: () => number
  readonly nextId: () => number
  readonly tables: Readonly<Record<Kind, Table>>
  /** Not told yet. */
  news: Array<News>
}

const isKind = (name: string): name is Kind => Object.hasOwn(kinds, name)
const allKinds = Object.keys(kinds).filter(isKind)

/** A kind as a path names it, in any case. */
export const kindOf = (name: string): Kind | undefined => allKinds.find((kind) => kind.toLowerCase() === name.toLowerCase())

export const make = (nowMs: () => number, nextId: () => number): Entities => {
  const table = (): Table => ({ rows: new Map(), byMaster: new Map() })
  return {
    nowMs, nextId, news: [],
    tables: {
      user: table(), account: table(), currency: table(), exchange: table(), product: table(), contractMaturity: table(), contract: table(), position: table(),
      cashBalance: table(), order: table(), orderVersion: table(), command: table(), commandReport: table(), executionReport: table(), fill: table()
    }
  }
}

const masterField = (kind: Kind): string | undefined => {
  const about = kinds[kind]
  return "master" in about ? about.master : undefined
}

export const isLive = ({ row }: Version): boolean => ["Working", "Suspended", "PendingNew", "PendingReplace", "PendingCancel"].includes(String(row["ordStatus"]))

const forget = (kind: Kind, { byMaster, rows }: Table): void => {
  const field = masterField(kind)
  let left = rowsDropped
  for (const [id, { versions }] of rows) {
    const last = versions.at(-1)
    if (left-- === 0) return
    if (last === undefined || isLive(last)) continue
    rows.delete(id)
    const master = field === undefined ? undefined : last.row[field]
    if (typeof master !== "number") continue
    const under = byMaster.get(master)?.filter((one) => one !== id) ?? []
    if (under.length === 0) byMaster.delete(master)
    else byMaster.set(master, under)
  }
}

/** A row is there, or is as it says now; told as Created or Updated. */
export const put = (entities: Entities, kind: Kind, row: Row, { account, event }: { readonly account?: string | undefined; readonly event?: Ledger.Event | undefined } = {}): void => {
  const table = entities.tables[kind]
  const atMs = entities.nowMs()
  const version: Version = { atMs, row, event }
  const known = table.rows.get(row.id)
  if (known === undefined) {
    table.rows.set(row.id, { versions: [version], account, hiddenUntilMs: 0 })
    const field = masterField(kind)
    const master = field === undefined ? undefined : row[field]
    const siblings = typeof master === "number" ? table.byMaster.get(master) : undefined
    if (siblings !== undefined) siblings.push(row.id)
    else if (typeof master === "number") table.byMaster.set(master, [row.id])
    if (table.rows.size > rowsMax + rowsDropped) forget(kind, table)
  } else {
    known.versions.push(version)
    while ((known.versions[1]?.atMs ?? atMs) < atMs - pastMs) known.versions.shift()
  }
  entities.news.push({ ...version, kind, eventType: known === undefined ? "Created" : "Updated", account: known?.account ?? account })
}

/** Nobody is told: what was always there, and what only a question shows. */
export const set = (entities: Entities, kind: Kind, row: Row, account?: string): void => {
  put(entities, kind, row, { account })
  entities.news.pop()
}

export const find = (entities: Entities, kind: Kind, id: number): Stored | undefined => entities.tables[kind].rows.get(id)

export const rowOf = (entities: Entities, kind: Kind, id: number): Row | undefined => find(entities, kind, id)?.versions.at(-1)?.row

export const under = (entities: Entities, kind: Kind, master: number): ReadonlyArray<Stored> =>
  (entities.tables[kind].byMaster.get(master) ?? []).flatMap((id) => entities.tables[kind].rows.get(id) ?? [])
