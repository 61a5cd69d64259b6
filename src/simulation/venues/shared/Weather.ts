/** What befalls a venue of itself, looked at with every heartbeat: mass cancels, trades by hand, a second sign-in, maintenance. */
import * as Core from "./Core.ts"
import * as Desk from "./Desk.ts"
import type { FaultName } from "./Faults.ts"
import * as Ledger from "./Ledger.ts"

const maintenanceMs = 60_000
const weather: ReadonlySet<FaultName> = new Set(["F20", "F21", "F33", "F34"])

export const isWeather = (name: FaultName): boolean => weather.has(name)

/** Who is signed in, and what happens to the streams. */
export interface Guests {
  /** By the name they signed in with. */
  readonly signedIn: () => ReadonlyArray<string>
  /** Somebody else signs in with this name. */
  readonly kick: (name: string) => void
  readonly hangUp: (outage: Core.Outage) => void
}

const one = <A>(core: Core.Core, name: FaultName, among: ReadonlyArray<A>): A | undefined => among[among.length < 2 ? 0 : core.dice.draw(name, among.length)]

const cancelAll = (core: Core.Core): void => {
  const concerned = [...core.ledger.accounts.values()].filter(({ live }) => live.size > 0)
  if (concerned.length === 0 || core.dice.hit("F20", `of ${concerned.length} accounts with orders`) === undefined) return
  const account = one(core, "F20", concerned)
  if (account !== undefined) Desk.cancelAll(core.ledger, core.nowMs(), account.id, undefined, "canceled by the venue")
}

const tradeByHand = (core: Core.Core): void => {
  const account = one(core, "F21", [...core.ledger.accounts.keys()])
  const book = one(core, "F21", [...core.ledger.books.values()].filter(({ isOpen }) => isOpen))
  if (account === undefined || book === undefined || core.dice.hit("F21", `${account} ${book.symbol}`) === undefined) return
  const side = core.dice.draw("F21", 2) === 0 ? "buy" : "sell"
  Desk.place(core.ledger, core.nowMs(), { account, symbol: book.symbol, side, type: "market", qty: Ledger.sizeText(book, 1) })
}

const secondSignIn = (core: Core.Core, { kick, signedIn }: Guests): void => {
  const name = one(core, "F33", signedIn())
  if (name !== undefined && core.dice.hit("F33", name) !== undefined) kick(name)
}

export const happen = (core: Core.Core, guests: Guests): void => {
  if (core.outage !== undefined) return
  if (core.dice.mayHit("F20")) cancelAll(core)
  if (core.dice.mayHit("F21")) tradeByHand(core)
  if (core.dice.mayHit("F33")) secondSignIn(core, guests)
  const maintenance = core.dice.hit("F34", "all")
  if (maintenance !== undefined) Core.maintain(core, maintenance.ms ?? maintenanceMs, guests.hangUp)
  Core.after(core)
}
