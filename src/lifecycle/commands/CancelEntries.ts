/** Every entry of a kill's or flatten's scope called back: those that work at once; the rest, while the latch holds, as soon as it is known to work. */
import type { AccountCommand } from "#schemas/AccountCommand.ts"
import type { LaneId, StrategyId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Book from "#src/lifecycle/Book.ts"
import * as CalledOff from "#src/lifecycle/CalledOff.ts"
import { end } from "#src/lifecycle/Decide.ts"
import * as Exposure from "#src/lifecycle/Exposure.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import { mayCancel } from "#src/lifecycle/Protect.ts"
import { type Decided, done } from "./Decided.ts"

const { CancelIntended } = JournalEvent.cases

type Command = Extract<AccountCommand, { readonly _tag: "CancelEntries" }>

const isMeant = ({ lane, strategy }: Command, of: { readonly strategy: StrategyId; readonly lane: LaneId | undefined }): boolean =>
  (strategy === undefined || strategy === of.strategy) && (lane === undefined || lane === of.lane)

const count = (n: number, what: string): string => `${n} ${n === 1 ? what : what.replace(/y$/, "ies")}`

/** Empty where there was nothing to do. */
const tell = (cancelled: number, uncertain: number, ended: number): string => [
  ...(cancelled === 0 ? [] : [`${count(cancelled, "working entry")} cancelled`]),
  ...(uncertain === 0 ? [] : [`${count(uncertain, "entry")} of unknown fate: cancelled if it works after all`]),
  ...(ended === 0 ? [] : [`${count(ended, "waiting entry")} ended`])
].join(", ")

export const cancelEntries = (book: Book.Book, command: Command, facts: Facts): Decided => {
  const { commandId } = command
  if (book.alerts.has(commandId)) return done("", [])
  const entries = [...book.brackets.values()].flatMap((bracket) =>
    Exposure.of(book, bracket).entries.filter(({ order }) => isMeant(command, { strategy: bracket.strategy, lane: order.lane })))
  const working = facts.powers === undefined ? [] : entries.filter(mayCancel)
  const uncertain = entries.filter((entry) => !working.includes(entry) && !entry.cancelAsked && !Book.isTerminal(entry.status))
  const cancels = working.map(({ order }) => CancelIntended.make({ alertId: commandId, orderId: order.id, why: "killed" }))
  const ended = CalledOff.callOff(book, facts, ({ signal }) => isMeant(command, signal) ? {
    rule: "Killed",
    message: "an operator stopped it while it waited its turn",
    facts: { command: commandId }
  } : undefined)
  const outcome = cancels.length === 0 && ended.length > 0 ? end(commandId, "done") : []
  return done(tell(working.length, uncertain.length, ended.length / 2), [...cancels, ...ended, ...outcome])
}
