/** One life of the house: its accounts, sessions, guards and dispatcher, made of what the journal holds. */
import * as Guard from "#actors/strategy-guard/State.ts"
import type { AccountId, StrategyId } from "#schemas/Ids.ts"
import * as Book from "#src/lifecycle/Book.ts"
import { evolve } from "#src/lifecycle/Evolve.ts"
import { Account } from "#src/simulation/machine/Account.ts"
import { Dispatch } from "#src/simulation/machine/Dispatch.ts"
import * as Encode from "#src/simulation/machine/Encode.ts"
import { Session } from "#src/simulation/machine/Session.ts"
import * as Setup from "#src/simulation/machine/Setup.ts"
import type { Venue } from "#src/simulation/machine/Venue.ts"
import type { World } from "#src/simulation/machine/World.ts"

export interface Login {
  readonly venue: Venue
  readonly abilities: Setup.Abilities
}

export interface States {
  readonly books: ReadonlyMap<AccountId, Book.Book>
  readonly guards: Map<StrategyId, Guard.State>
}

/** The only way to start. */
export const recall = ({ journal }: World): States => {
  const books = new Map<AccountId, Book.Book>()
  const guards = new Map<StrategyId, Guard.State>()
  for (const { event, stream } of journal.rows) {
    if (stream.startsWith("account/")) {
      const id = stream.slice("account/".length) as AccountId
      books.set(id, evolve(books.get(id) ?? Book.empty, event))
    } else if (stream.startsWith("strategy-guard/")) {
      const id = stream.slice("strategy-guard/".length) as StrategyId
      guards.set(id, Guard.evolve(guards.get(id) ?? Guard.empty, event))
    }
  }
  return { books, guards }
}

export type House = ReturnType<typeof make>

export const make = (world: World, logins: ReadonlyMap<string, Login>, life: number, count: (pictures: number) => void) => {
  const { books, guards } = recall(world)
  const accounts = new Map<AccountId, Account>()
  const sessions = Setup.logins.flatMap(({ accounts: ids, login }) => {
    const of = logins.get(login)
    if (of === undefined) return []
    const session = new Session(world, {
      ...of, login, accounts: ids, account: (id) => accounts.get(id), chance: world.chance(`wire ${login} ${life}`)
    })
    for (const id of ids) {
      const config = world.settled.house.accounts.get(id)
      if (config === undefined) continue
      accounts.set(id, new Account(world, config, books.get(id) ?? Book.empty, {
        ask: (request, afterSeq, strategy) => session.ask(request, afterSeq, strategy), quote: (instrumentId) => session.quote(instrumentId)
      }, count))
    }
    return [session]
  })
  const dispatch = new Dispatch(world, { accounts, guards, chance: world.chance(`errands ${life}`) })
  return { accounts: accounts as ReadonlyMap<AccountId, Account>, sessions, dispatch }
}

export const statesOf = ({ accounts, dispatch }: House): { readonly books: ReadonlyMap<AccountId, Book.Book>; readonly guards: ReadonlyMap<StrategyId, Guard.State> } => ({
  books: new Map([...accounts].map(([id, account]) => [id, account.book()])), guards: new Map(dispatch.guards())
})

/** I15: what a new life makes of the journal is what the old one was. Gives who differs. */
export const differing = (before: ReturnType<typeof statesOf>, after: States): ReadonlyArray<string> => {
  const differ = <K extends string, V>(one: ReadonlyMap<K, V>, other: ReadonlyMap<K, V>, empty: V) => [...one].flatMap(([id, state]) =>
    Encode.canonical(state) === Encode.canonical(other.get(id) ?? empty) ? [] : [id as string])
  return [...differ(before.books, after.books, Book.empty), ...differ(before.guards, after.guards, Guard.empty)]
}
