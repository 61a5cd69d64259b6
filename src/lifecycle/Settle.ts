/** From something that happened to everything that follows from it, in one commit. */
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type * as Book from "./Book.ts"
import * as CalledOff from "./CalledOff.ts"
import * as Decide from "./Decide.ts"
import { evolve } from "./Evolve.ts"
import type { Facts } from "./Facts.ts"
import * as Plan from "./Plan.ts"
import * as Reach from "./Reach.ts"

/** Each round folds one step of every bracket; what one happening brings and never comes to rest is a defect, not a loop. */
const roundsMax = 100
/** Alerts whose turn comes in one commit; who waits behind them comes with the next. */
const turnsMax = 2 * Decide.queueMax

const follow = (book: Book.Book, facts: Facts): ReadonlyArray<JournalEvent> => {
  const ended = CalledOff.whileStopped(book, facts)
  if (ended.length > 0) return ended
  const steps = [...book.brackets.values()].flatMap((bracket) => Plan.step(book, bracket, facts))
  return steps.length > 0 ? steps : Reach.news(book)
}

export const settle = (book: Book.Book, happened: ReadonlyArray<JournalEvent>, facts: Facts): ReadonlyArray<JournalEvent> => {
  const events = [...happened]
  let now = happened.reduce(evolve, book)
  let turns = 0
  for (let round = 0; round < roundsMax; round++) {
    const followed = follow(now, facts)
    const isTurn = followed.length === 0 && facts.mayEnter && turns < turnsMax
    const more = isTurn ? Decide.next(now, facts) : followed
    if (more.length === 0) return events
    if (isTurn) {
      turns += 1
      round = -1 // whose turn it is begins anew
    }
    events.push(...more)
    now = more.reduce(evolve, now)
  }
  throw new Error(`an account does not come to rest: ${events.slice(-5).map(({ _tag }) => _tag).join(", ")}`)
}
