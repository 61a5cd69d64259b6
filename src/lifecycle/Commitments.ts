/** What an account is committed to, in words: what keeps its configuration from being changed under it. */
import type { InstrumentId, StrategyId } from "#schemas/Ids.ts"
import * as Units from "#src/orders/Units.ts"
import * as Book from "./Book.ts"
import * as Exposure from "./Exposure.ts"

export interface Commitment {
  readonly instrumentId: InstrumentId
  /** Its instrument's root, and whose it is; absent: of no order of ours. */
  readonly root?: string
  readonly strategy?: StrategyId
  readonly text: string
}

const ordersText = (x: Exposure.Exposure): ReadonlyArray<string> =>
  x.all.filter(Book.isLive).map(({ order, status }) => `${order.leg} order ${Exposure.isWorking({ status }) ? "working" : status === "Unknown" ? "Unknown" : "on its way"}`)

const ofBracket = (book: Book.Book, bracket: Book.Bracket): Commitment => {
  const { instrument, isLong, strategy } = bracket
  const x = Exposure.of(book, bracket)
  const side = x.held > 0 === isLong ? "long" : "short"
  const position = x.held === 0 ? [] : [`${side} ${Units.lotsText(Math.abs(x.held))}`]
  return { instrumentId: instrument.id, root: instrument.root, strategy, text: `${instrument.id}: ${[...position, ...ordersText(x)].join(", ")}` }
}

export const of = (book: Book.Book): ReadonlyArray<Commitment> => [
  ...[...book.brackets.values()].map((bracket) => ofBracket(book, bracket)),
  ...[...book.drift].filter(([, lots]) => lots !== 0).map(([instrumentId, lots]): Commitment => {
    const root = book.brackets.get(instrumentId)?.instrument.root ?? book.traded.get(instrumentId)?.instrument.root
    return { instrumentId, ...(root === undefined ? {} : { root }), text: `${instrumentId}: the venue holds ${Units.lotsText(lots)} that no order of ours explains` }
  }),
  ...book.queue.map(({ approved: { alertId, instrument, signal } }): Commitment => ({
    instrumentId: instrument.id, root: instrument.root, strategy: signal.strategy, text: `${instrument.id}: alert ${alertId} waits`
  }))
]
