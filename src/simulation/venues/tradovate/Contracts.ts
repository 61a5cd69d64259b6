/** Names and numbers of what is traded here: `MESZ26` of the house is `MESZ6` on this wire. Owns: products, maturities and contracts as entities. */
import { DateTime } from "effect"
import * as Decimal from "#src/simulation/venues/shared/Decimal.ts"
import type * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import type * as Core from "./Core.ts"
import * as Entities from "./Entities.ts"

const letters = "FGHJKMNQUVXZ"
const shape = /^([A-Z0-9]{1,6}?)([FGHJKMNQUVXZ])(\d)(\d)$/
const thirdFridayFrom = 15
const friday = 5
const daysOfWeek = 7
const expiresAtMinute = 810
const noticeDaysMs = 4 * 86_400_000
const usDollar = 1
const exchange = 1

/** Whether this venue could list it: it trades months, no perpetuals. */
export const isContract = (symbol: string): boolean => shape.test(symbol)

interface Named {
  readonly product: string
  readonly name: string
  readonly year: number
  readonly month: number
}

const nameOf = (symbol: string): Named => {
  const [, product, letter, decade, year] = shape.exec(symbol) ?? []
  if (product === undefined || letter === undefined || year === undefined) throw new RangeError(`${symbol} is no contract with a month and a year`)
  return { product, name: `${product}${letter}${year}`, year: 2_000 + Number(`${decade}${year}`), month: letters.indexOf(letter) + 1 }
}

/** The third Friday, in the morning of New York. */
const expiryMs = ({ month, year }: Named): number => {
  const middle = DateTime.makeUnsafe({ year, month, day: thirdFridayFrom })
  const { weekDay } = DateTime.toPartsUtc(middle)
  return DateTime.toEpochMillis(DateTime.add(middle, { days: (friday - weekDay + daysOfWeek) % daysOfWeek, minutes: expiresAtMinute }))
}

export const isoOf = (atMs: number): string => DateTime.formatIso(DateTime.makeUnsafe(atMs))

/** What the contracts of one venue are called. */
export interface Contracts {
  readonly bookOf: (contractId: number) => Ledger.Book | undefined
  readonly idOf: (book: Ledger.Book) => number
  /** By its name on the wire, or by its number. */
  readonly find: (name: unknown) => Ledger.Book | undefined
}

const addProduct = (core: Core.Core, { pointValue, tick }: Ledger.Book, name: string, months: string): number => {
  const id = core.entities.nextId()
  Entities.set(core.entities, "product", {
    id, name, currencyId: usDollar, productType: "Futures", description: `Simulated ${name}`, exchangeId: exchange, contractGroupId: 1, status: "Verified", months,
    valuePerPoint: Number(pointValue), priceFormatType: "Decimal", priceFormat: tick.scale, tickSize: Number(Decimal.format(tick))
  })
  return id
}

export const make = (core: Core.Core): Contracts => {
  const { entities, ledger, switches } = core
  Entities.set(entities, "currency", { id: usDollar, name: "USD", symbol: "$" })
  Entities.set(entities, "exchange", { id: exchange, name: "CME" })
  const products = new Map<string, number>()
  const fronts = new Set<string>()
  const ids = new Map<Ledger.Book, number>()
  const byId = new Map<number, Ledger.Book>()
  const byName = new Map<string, Ledger.Book>()
  const named = [...ledger.books.values()].map((book) => ({ book, of: nameOf(book.symbol) }))
  named.sort((one, other) => expiryMs(one.of) - expiryMs(other.of))
  for (const { book, of } of named) {
    const productId = products.get(of.product) ?? addProduct(core, book, of.product, letters)
    products.set(of.product, productId)
    const atMs = expiryMs(of)
    const maturity = entities.nextId()
    Entities.set(entities, "contractMaturity", {
      id: maturity, productId, expirationMonth: switches.expirationMonth === "MM" ? of.month : of.year * 100 + of.month, expirationDate: isoOf(atMs),
      firstIntentDate: isoOf(atMs - noticeDaysMs), isFront: !fronts.has(of.product)
    })
    fronts.add(of.product)
    const id = entities.nextId()
    Entities.set(entities, "contract", { id, name: of.name, contractMaturityId: maturity })
    ids.set(book, id)
    byId.set(id, book)
    byName.set(of.name, book)
  }
  return {
    bookOf: (contractId) => byId.get(contractId),
    idOf: (book) => ids.get(book) ?? 0,
    find: (name) => typeof name === "number" ? byId.get(name) : byName.get(String(name)) ?? byId.get(Number(name))
  }
}
