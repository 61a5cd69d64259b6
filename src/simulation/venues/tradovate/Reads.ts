/** Questions about entities: list, item, items, find, deps, ldeps, suggest. Owns: what of them a user may see, and as of when. */
import type * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import type * as Core from "./Core.ts"
import * as Entities from "./Entities.ts"
import * as Scribe from "./Scribe.ts"

const staleMs = 30_000
const hiddenMs = 5_000
const suggestedMax = 10

/** Answered, to whom it belongs; `tells` is what the body says of orders and fills. `text`: the body as it is sent, where it is known already. */
export interface Reply {
  readonly status: number
  readonly body: unknown
  readonly text?: string
  readonly tells?: ReadonlyArray<Ledger.Event>
}

export const notFound: Reply = { status: 404, body: "Not found" }

const isMine = (user: Core.User, account: string | undefined): boolean => account === undefined || user.accountIds.has(account)

/** F29: what moves is shown as it was half a minute ago. */
const moves: ReadonlySet<Entities.Kind> = new Set(["order", "position", "cashBalance", "fill"])

const asOf = (core: Core.Core, kind: Entities.Kind): number =>
  moves.has(kind) && core.dice.hit("F29", kind) !== undefined ? core.nowMs() - staleMs : core.nowMs()

const sinceMs = (core: Core.Core, kind: Entities.Kind): number =>
  core.switches.snapshot === "session" && "isHistory" in Entities.kinds[kind] ? Scribe.dayBegan(core.nowMs()) : -Infinity

/** An order that works is shown with its price and size, however old they are. */
const isOfLive = (core: Core.Core, kind: Entities.Kind, { row }: Entities.Version): boolean => {
  const order = kind === "orderVersion" ? Entities.find(core.entities, "order", Number(row["orderId"]))?.versions.at(-1) : undefined
  return order !== undefined && Entities.isLive(order)
}

const isShown = (core: Core.Core, kind: Entities.Kind, { hiddenUntilMs, versions }: Entities.Stored): boolean => {
  const last = versions.at(-1)
  return hiddenUntilMs <= core.nowMs() && last !== undefined && (last.atMs >= sinceMs(core, kind) || Entities.isLive(last) || isOfLive(core, kind, last))
}

const versionsOf = (core: Core.Core, user: Core.User, kind: Entities.Kind, rows: Iterable<Entities.Stored>): ReadonlyArray<Entities.Version> => {
  const atMs = asOf(core, kind)
  const found: Array<Entities.Version> = []
  for (const stored of rows) {
    if (!isMine(user, stored.account) || (kind === "user" && stored.versions[0]?.row.id !== user.id) || !isShown(core, kind, stored)) continue
    const version = stored.versions.findLast((one) => one.atMs <= atMs)
    if (version !== undefined) found.push(version)
  }
  return found
}

const told = (versions: ReadonlyArray<Entities.Version>): ReadonlyArray<Ledger.Event> => versions.flatMap(({ event }) => event ?? [])

/** A list holds all of a day, is asked for all day long, and few of its rows change. */
const texts = new WeakMap<Entities.Row, string>()
const textOf = ({ row }: Entities.Version): string => {
  const known = texts.get(row) ?? JSON.stringify(row)
  texts.set(row, known)
  return known
}

const many = (versions: ReadonlyArray<Entities.Version>): Reply =>
  ({ status: 200, body: versions.map(({ row }) => row), text: `[${versions.map(textOf).join(",")}]`, tells: told(versions) })

export const all = (core: Core.Core, user: Core.User, kind: Entities.Kind): ReadonlyArray<Entities.Version> =>
  versionsOf(core, user, kind, core.entities.tables[kind].rows.values())

/** F30: an order that is live is not found for a while. */
const hide = (core: Core.Core, kind: Entities.Kind, stored: Entities.Stored): void => {
  const last = stored.versions.at(-1)
  if (kind !== "order" || last === undefined || !Entities.isLive(last) || stored.hiddenUntilMs > 0) return
  const hidden = core.dice.hit("F30", String(last.row.id))
  if (hidden !== undefined) stored.hiddenUntilMs = core.nowMs() + (hidden.ms ?? hiddenMs)
}

const items = (core: Core.Core, user: Core.User, kind: Entities.Kind, ids: ReadonlyArray<number>): ReadonlyArray<Entities.Version> => {
  const stored = ids.flatMap((id) => Entities.find(core.entities, kind, id) ?? [])
  for (const one of stored) hide(core, kind, one)
  return versionsOf(core, user, kind, stored)
}

const single = (versions: ReadonlyArray<Entities.Version>): Reply => {
  const [version] = versions
  return version === undefined ? notFound : { status: 200, body: version.row, tells: told([version]) }
}

const named = (core: Core.Core, user: Core.User, kind: Entities.Kind, matches: (name: string) => boolean): ReadonlyArray<Entities.Version> =>
  all(core, user, kind).filter(({ row }) => matches(String(row["name"] ?? "").toLowerCase()))

const numbers = (text: string): ReadonlyArray<number> => text.split(",").map(Number).filter(Number.isSafeInteger)

const questions: ReadonlySet<string> = new Set(["list", "items", "deps", "ldeps", "suggest"])

/** Of a kind that there is, but nothing of it. */
export const empty = (operation: string): Reply => questions.has(operation) ? many([]) : notFound

/** Undefined: no such question. */
export const answer = (core: Core.Core, user: Core.User, kind: Entities.Kind, operation: string, parameter: (name: string) => string): Reply | undefined => {
  switch (operation) {
    case "list": return many(all(core, user, kind))
    case "item": return single(items(core, user, kind, numbers(parameter("id"))))
    case "items": return many(items(core, user, kind, numbers(parameter("ids"))))
    case "find": return single(named(core, user, kind, (name) => name === parameter("name").toLowerCase()))
    case "suggest": return many(named(core, user, kind, (name) => name.startsWith(parameter("t").toLowerCase())).slice(0, Number(parameter("l")) || suggestedMax))
    case "deps": return many(versionsOf(core, user, kind, numbers(parameter("masterid")).flatMap((id) => Entities.under(core.entities, kind, id))))
    case "ldeps": return many(versionsOf(core, user, kind, numbers(parameter("masterids")).flatMap((id) => Entities.under(core.entities, kind, id))))
    default: return undefined
  }
}
