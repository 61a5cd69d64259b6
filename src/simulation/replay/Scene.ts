/** What was in force at each row of a recorded journal: configuration, switches, alerts on their way, every account's book and every guard's memory. */
import * as Guard from "#actors/strategy-guard/State.ts"
import { Result } from "effect"
import { fileOf, names } from "#config/Files.ts"
import type { House } from "#config/House.ts"
import * as Load from "#config/Load.ts"
import type { AlertId } from "#schemas/Ids.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import type { ApprovedSignal, Signal } from "#schemas/Signal.ts"
import * as Book from "#src/lifecycle/Book.ts"
import { evolve } from "#src/lifecycle/Evolve.ts"

/** An alert as it was accepted. */
export interface Known {
  readonly seq: number
  readonly receivedAtMs: number
  readonly signal: Signal
}

const accountPrefix = "account/"
const guardPrefix = "strategy-guard/"

/** The files' texts as they were, from what the journal keeps of them. */
export const houseOf = (body: unknown): Result.Result<House, unknown> => {
  const files: Record<string, unknown> = typeof body === "object" && body !== null ? { ...body } : {}
  return Load.fromTexts(Object.fromEntries(names.map((name) => [fileOf(name), JSON.stringify(files[name] ?? null)])))
}

export const make = () => {
  const houses = new Map<string, House>()
  const alerts = new Map<AlertId, Known>()
  const books = new Map<string, Book.Book>()
  const guards = new Map<string, Guard.State>()
  const waited = new Map<string, ApprovedSignal>()
  const switches = { pause: new Set<RiskScope>(), kill: new Set<RiskScope>(), block: new Set<RiskScope>() }
  let house: House | undefined

  return {
    house: () => house,
    houseBy: (hash: string) => houses.get(hash),
    alert: (id: AlertId) => alerts.get(id),
    /** As it waited for its turn on this account. */
    waited: (stream: string, id: AlertId) => waited.get(`${stream} ${id}`),
    book: (account: string): Book.Book => books.get(account) ?? Book.empty,
    books: (): ReadonlyMap<string, Book.Book> => books,
    guard: (strategy: string): Guard.State => guards.get(strategy) ?? Guard.empty,
    paused: (scope: RiskScope) => switches.pause.has(scope),
    latched: (scope: RiskScope) => switches.kill.has(scope) || switches.block.has(scope),
    /** After everything that is decided on what was before the row. */
    evolve: ({ event, seq, stream }: JournalRow): void => {
      if (stream.startsWith(accountPrefix)) {
        const id = stream.slice(accountPrefix.length)
        books.set(id, evolve(books.get(id) ?? Book.empty, event))
      } else if (stream.startsWith(guardPrefix)) {
        const id = stream.slice(guardPrefix.length)
        guards.set(id, Guard.evolve(guards.get(id) ?? Guard.empty, event))
      }
      if (event._tag === "SignalQueued") waited.set(`${stream} ${event.alertId}`, event.approved)
      else if (event._tag === "AlertAccepted") alerts.set(event.alertId, { seq, receivedAtMs: event.delivery.receivedAtMs, signal: event.signal })
      else if (event._tag === "SwitchSet") switches[event.kind][event.on ? "add" : "delete"](event.scope)
      else if (event._tag === "ConfigApplied") {
        const loaded = houseOf(event.body)
        if (Result.isFailure(loaded)) return
        house = loaded.success
        houses.set(event.hash, house)
      }
    }
  }
}
export type Scene = ReturnType<typeof make>
