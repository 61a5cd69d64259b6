/** An operator's close: one instrument or all, the whole with all of its orders or a part. Asked again, it goes on with what is open by then. */
import { Result } from "effect"
import type { AccountCommand } from "#schemas/AccountCommand.ts"
import type { InstrumentId } from "#schemas/Ids.ts"
import { Lots } from "#schemas/Instrument.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { isReducing } from "#schemas/Signal.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as Adopt from "#src/lifecycle/Adopt.ts"
import * as Book from "#src/lifecycle/Book.ts"
import * as Exposure from "#src/lifecycle/Exposure.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import * as Foreign from "#src/lifecycle/Foreign.ts"
import { reason } from "#src/lifecycle/Refuse.ts"
import * as Units from "#src/orders/Units.ts"
import { type Decided, denied, done } from "./Decided.ts"

const { CloseDecided, OutcomeReached, SignalTaken } = JournalEvent.cases

type Close = Extract<AccountCommand, { readonly _tag: "Close" }>

const isMeant = ({ instrumentId }: Close, id: InstrumentId): boolean => instrumentId === undefined || instrumentId === id

const hasAnything = (book: Book.Book, bracket: Book.Bracket): boolean => {
  const { entries, held } = Exposure.of(book, bracket)
  return held !== 0 || entries.length > 0
}

const isWhole = ({ closing }: Book.Bracket): boolean => closing !== undefined && closing.lots === undefined

/** Entries and reversals that wait their turn: they end, for what they wait for is being closed. */
const overtaken = (book: Book.Book, command: Close): ReadonlyArray<JournalEvent> =>
  book.queue.flatMap(({ approved: { alertId, instrument, signal } }) => isReducing(signal.action) || !isMeant(command, instrument.id) ? [] : [
    SignalTaken.make({ alertId }),
    OutcomeReached.make({
      alertId,
      outcome: "canceled",
      orderIds: book.alerts.get(alertId)?.orderIds ?? [],
      reason: { rule: "Overtaken", message: `an operator closed ${instrument.id} before its turn`, facts: { by: command.commandId } }
    })
  ])

/** Told to close what is not ours: it counts as ours from here on, closing. As sure as anything that is done about it unasked. */
const foreign = (book: Book.Book, { commandId, instrumentId, lots }: Close, facts: Facts): Decided | undefined => {
  const held = instrumentId === undefined ? 0 : book.drift.get(instrumentId) ?? 0
  if (instrumentId === undefined || held === 0) return undefined
  const no = (why: string) => denied(reason("ForeignPosition",
    `the venue holds ${Units.lotsText(held)} of ${instrumentId} that no order of ours explains, and ${why}: ` +
      `\`interlock flatten --account ${facts.account.id}\` asks the venue itself`, { instrument: instrumentId, lots: String(held) }))
  if (lots !== undefined) return no("a part of them is not closed: close it without a quantity")
  if (facts.powers === undefined || !book.isReconciled) return no("the account has not settled with its venue")
  if (!Foreign.isStill(book, instrumentId)) return no("an order of ours is on its way there: say it again in a moment")
  const leftMs = Foreign.countsFromMs(instrumentId, held, facts) - facts.nowMs
  if (leftMs > 0) return no(`what the venue shows may be older than what happened there last: say it again in ${Math.ceil(leftMs / 1_000)} s`)
  const result = Adopt.adopt(book, { instrumentId, lots: held, cause: commandId, next: "close", reason: "operator", fills: [], asOfMs: facts.nowMs }, facts)
  return Result.isFailure(result) ? no(result.failure) : done(`closes ${Units.lotsText(Math.abs(held))} of ${instrumentId} that were not ours`, result.success)
}

const nothing = (book: Book.Book, { instrumentId }: Close, facts: Facts): Reason => {
  const foreign = [...book.drift].filter(([id, lots]) => lots !== 0 && (instrumentId === undefined || id === instrumentId))
  const held = foreign.map(([id, lots]) => `${Units.lotsText(lots)} of ${id}`).join(", ")
  const where = instrumentId === undefined ? "" : ` in ${instrumentId}`
  return {
    rule: "NothingToClose",
    message: `account ${facts.account.id} has no position and no working entry of ours${where}` +
      (held === "" ? "" : `; what the venue holds beyond that (${held}) is closed by \`interlock flatten --account ${facts.account.id}\``),
    facts: { account: facts.account.id, ...(instrumentId === undefined ? {} : { instrument: instrumentId }) }
  }
}

/** Never more than is held; what an earlier close has still to close is added to. Undefined: the whole. */
const partOf = (book: Book.Book, bracket: Book.Bracket, lots: number): Lots | undefined => {
  const { closing } = bracket
  const pending = closing?.lots === undefined ? 0 : Math.max(0, Book.openOf(book, bracket, closing, closing.lots))
  const asked = lots + pending
  return asked < Exposure.of(book, bracket).held ? Lots.make(asked) : undefined
}

const part = (book: Book.Book, command: Close, bracket: Book.Bracket, asked: number): Decided => {
  const { held } = Exposure.of(book, bracket)
  const { id } = bracket.instrument
  if (held === 0) {
    return denied({ rule: "NothingHeld", message: `nothing of ${id} is held, only an entry works: close it without a quantity`, facts: { instrument: id } })
  }
  if (isWhole(bracket)) return done(`${id} is being closed already`, [])
  const lots = partOf(book, bracket, asked)
  const closes = CloseDecided.make({ alertId: command.commandId, instrumentId: id, reason: "operator", ...(lots === undefined ? {} : { lots }) })
  return lots === undefined
    ? done(`closes all of ${id}: ${Units.lotsText(Math.abs(held))}`, [...overtaken(book, command), closes])
    : done(`closes ${Units.lotsText(asked)} of ${id}, ${Units.lotsText(held - lots)} stay under their stop`, [closes])
}

const whole = (book: Book.Book, command: Close, own: ReadonlyArray<Book.Bracket>): Decided => {
  const open = own.filter((bracket) => !isWhole(bracket))
  const texts = own.map((bracket) => {
    const { entries, held } = Exposure.of(book, bracket)
    const what = held === 0 ? `${entries.length} working ${entries.length === 1 ? "entry" : "entries"}` : Units.lotsText(Math.abs(held))
    return `${what} of ${bracket.instrument.id}${isWhole(bracket) ? " (closing already)" : ""}`
  })
  const dropped = overtaken(book, command)
  const waiting = dropped.length === 0 ? [] : [`ends ${dropped.length / 2} waiting ${dropped.length === 2 ? "alert" : "alerts"}`]
  return done([...(texts.length === 0 ? [] : [`closes ${texts.join(", ")}`]), ...waiting].join("; "), [
    ...dropped,
    ...open.map(({ instrument }) => CloseDecided.make({ alertId: command.commandId, instrumentId: instrument.id, reason: "operator" }))
  ])
}

export const close = (book: Book.Book, command: Close, facts: Facts): Decided => {
  const own = [...book.brackets.values()].filter((bracket) => isMeant(command, bracket.instrument.id) && hasAnything(book, bracket))
  const [only] = own
  if (own.length === 0 && !book.alerts.has(command.commandId)) {
    const told = foreign(book, command, facts)
    if (told !== undefined) return told
  }
  if (command.lots !== undefined) {
    if (book.alerts.has(command.commandId)) return done("decided before", [])
    return only === undefined || own.length > 1 ? denied(nothing(book, command, facts)) : part(book, command, only, command.lots)
  }
  return own.length === 0 && overtaken(book, command).length === 0 ? denied(nothing(book, command, facts)) : whole(book, command, own)
}
