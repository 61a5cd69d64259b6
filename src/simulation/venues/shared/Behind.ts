/** The person behind a venue: moves its markets, trades at its own screen, looks at its books. */
import { Result } from "effect"
import * as Core from "./Core.ts"
import * as Decimal from "./Decimal.ts"
import * as Desk from "./Desk.ts"
import * as Ledger from "./Ledger.ts"
import type * as Market from "./Market.ts"
import * as Matching from "./Matching.ts"
import type { Venue } from "./Venue.ts"
import * as Weather from "./Weather.ts"

const ticksIn = (book: Ledger.Book, price: string): number => {
  const ticks = Decimal.countOf(price, book.tick)
  if (ticks === undefined || ticks < 1) throw new RangeError(`${price} is no price of ${book.symbol}`)
  return ticks
}

export const marketOf = (core: Core.Core, voice: Core.Voice): Venue["market"] => {
  const on = (symbol: string, act: (book: Ledger.Book, nowMs: number) => void): void => {
    const book = core.ledger.books.get(symbol)
    if (book === undefined) throw new RangeError(`no instrument ${symbol}`)
    Matching.advance(core.ledger, core.nowMs(), book)
    act(book, core.nowMs())
    voice.quotes()
    Core.after(core)
  }
  const go = (symbol: string, price: string, isGap: boolean): void => on(symbol, (book, atMs) => {
    const ticks = ticksIn(book, price)
    book.script = [{ atMs, ticks, isGap: true }]
    if (book.isOpen) Matching.move(core.ledger, atMs, book, { to: ticks, isGap })
    else book.price = ticks
  })
  return {
    set: (symbol, price) => go(symbol, price, true),
    walkTo: (symbol, price) => go(symbol, price, false),
    open: (symbol, isOpen) => on(symbol, (book, atMs) => Desk.setOpen(core.ledger, atMs, book, isOpen)),
    script: (symbol, path) => on(symbol, (book, nowMs) => {
      const points = path.map(({ afterMs, isGap = false, price }): Market.Point => ({ atMs: nowMs + afterMs, ticks: ticksIn(book, price), isGap }))
      book.script = points.length === 0 ? [] : [{ atMs: nowMs, ticks: book.price, isGap: true }, ...points]
    }),
    price: (symbol) => {
      const book = core.ledger.books.get(symbol)
      if (book === undefined) return undefined
      Matching.advance(core.ledger, core.nowMs(), book)
      Core.after(core)
      return Ledger.priceText(book, book.price)
    },
    tick: () => {
      Core.tick(core, voice)
      Core.after(core)
    }
  }
}

export const byHandOf = (core: Core.Core): Venue["byHand"] => ({
  trade: (trade) => {
    const placed = Desk.place(core.ledger, core.nowMs(), { ...trade, type: "market" })
    Core.after(core)
    return Result.isSuccess(placed)
  },
  cancelAll: (account, symbol) => {
    const canceled = Desk.cancelAll(core.ledger, core.nowMs(), account, symbol, "canceled at the venue")
    Core.after(core)
    return Result.isSuccess(canceled) ? canceled.success : 0
  },
  change: (account, clientId, to) => {
    const changed = Desk.modify(core.ledger, core.nowMs(), account, clientId, to)
    Core.after(core)
    return Result.isSuccess(changed)
  },
  disable: (account, ms) => {
    const found = core.ledger.accounts.get(account)
    if (found !== undefined) found.disabledUntilMs = core.nowMs() + ms
  }
})

export const looksOf = (core: Core.Core): Pick<Venue, "accounts" | "symbols"> => ({
  accounts: () => [...core.ledger.accounts.values()].map(({ cash, id, live, positions }) => ({
    id, cash: Decimal.format(cash), live: live.size,
    positions: [...positions].flatMap(([symbol, { net }]) => {
      const book = core.ledger.books.get(symbol)
      return book === undefined || net === 0 ? [] : [{ symbol, net: Ledger.sizeText(book, net) }]
    })
  })),
  symbols: () => [...core.ledger.books.values()].map((book) => {
    Matching.advance(core.ledger, core.nowMs(), book)
    return { symbol: book.symbol, price: Ledger.priceText(book, book.price), isOpen: book.isOpen, isScripted: book.script.length > 0 }
  })
})

export const faultsOf = (core: Core.Core, guests: Weather.Guests): Venue["faults"] => ({
  set: core.dice.set, plan: core.dice.plan, counts: core.dice.counts, off: () => core.dice.set([]),
  strike: (name, ms) => {
    core.dice.strike(name, ms)
    if (Weather.isWeather(name)) Weather.happen(core, guests)
  }
})
