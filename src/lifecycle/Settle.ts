/** From something that happened to everything that follows from it, in one commit. */
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type * as Book from "./Book.ts"
import * as Decide from "./Decide.ts"
import { evolve } from "./Evolve.ts"
import type { Facts } from "./Facts.ts"
import * as Plan from "./Plan.ts"
import * as Reach from "./Reach.ts"

/** Each round folds one step of every bracket; a house that never comes to rest is a defect, not a loop. */
const roundsMax = 100

const follow = (book: Book.Book, facts: Facts): ReadonlyArray<JournalEvent> => {
  const steps = [...book.brackets.values()].flatMap((bracket) => Plan.step(book, bracket, facts))
  if (steps.length > 0) return steps
  const news = Reach.news(book)
  if (news.length > 0) return news
  return facts.mayEnter ? Decide.next(book, facts) : []
}

export const settle = (book: Book.Book, happened: ReadonlyArray<JournalEvent>, facts: Facts): ReadonlyArray<JournalEvent> => {
  const events = [...happened]
  let now = happened.reduce(evolve, book)
  for (let round = 0; round < roundsMax; round++) {
    const more = follow(now, facts)
    if (more.length === 0) return events
    events.push(...more)
    now = more.reduce(evolve, now)
  }
  throw new Error(`an account does not come to rest: ${events.slice(-5).map(({ _tag }) => _tag).join(", ")}`)
}
