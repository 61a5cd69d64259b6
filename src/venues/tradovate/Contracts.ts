/**
 * What is traded: our catalogue's word on an instrument, the venue's where we have none, and where the two differ. A contract's steps are its
 * product's, found by way of its maturity. They never change, so they are asked for once.
 */
import { BigDecimal, Effect, Option, Schema } from "effect"
import { type House, HouseConfig } from "#config/House.ts"
import type { InstrumentId, LoginId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import * as Answers from "#src/venues/tradovate/Answers.ts"
import type { Kept } from "#src/venues/tradovate/Kept.ts"
import type { Session } from "#src/venues/tradovate/Session.ts"
import * as Translate from "#src/venues/tradovate/Translate.ts"
import * as Wire from "#src/venues/tradovate/Wire.ts"
import type { VenueError } from "#src/ports/Venue.ts"
import * as Resolve from "#src/symbols/Resolve.ts"
import * as Accounts from "#src/venues/shared/Accounts.ts"
import type { Catalogue } from "#src/venues/shared/Catalogue.ts"
import * as Shared from "#src/venues/shared/Names.ts"

const loadsAtOnce = 4

export interface Listed {
  readonly contract: Wire.Contract
  readonly product: Wire.Product
}

const decoders = {
  contract: Schema.decodeUnknownOption(Wire.Contract),
  contractMaturity: Schema.decodeUnknownOption(Wire.Maturity),
  product: Schema.decodeUnknownOption(Wire.Product)
}

export interface Contracts {
  readonly house: Effect.Effect<House>
  /** The stream tells of contracts, too. */
  readonly heard: (entityType: string, row: unknown) => void
  /** As far as it is known. */
  readonly instrumentIdOf: (contractId: number, house: House, nowMs: number) => InstrumentId | undefined
  readonly specOf: (contractId: number, id: InstrumentId, house: House) => Translate.Spec | undefined
  /** Asks for what is not known of it. */
  readonly learn: (contractId: number) => Effect.Effect<Listed, VenueError>
  /** None: the venue has no such contract. */
  readonly find: (id: InstrumentId) => Effect.Effect<Option.Option<Listed>, VenueError>
  /** Front months of what the accounts here, and those that live on these quotes, may trade. */
  readonly fronts: (house: House, nowMs: number) => ReadonlyArray<InstrumentId>
}

export const make = Effect.fnUntraced(function*(login: LoginId, { ask }: Pick<Session, "ask">, catalogue: Catalogue, { contracts, maturities, products }: Kept["contracts"]) {
  const config = yield* HouseConfig
  const get = (path: string, query: Readonly<Record<string, string>>) => ({ method: "GET" as const, path, query })

  const keptOr = <A extends { readonly id: number }>(kept: Map<number, A>, id: number, read: Answers.Reader<A>, path: string) => Effect.suspend(() => {
    const known = kept.get(id)
    return known === undefined ? Effect.tap(ask(read, get(path, { id: String(id) })), (one) => Effect.sync(() => kept.set(id, one))) : Effect.succeed(known)
  })
  const listed = Effect.fnUntraced(function*(contract: Wire.Contract) {
    const { productId } = yield* keptOr(maturities, contract.contractMaturityId, Answers.maturity, "/v1/contractMaturity/item")
    return { contract, product: yield* keptOr(products, productId, Answers.product, "/v1/product/item") }
  })
  const learn = (contractId: number) => Effect.flatMap(keptOr(contracts, contractId, Answers.contract, "/v1/contract/item"), listed)

  const find = Effect.fnUntraced(function*(id: InstrumentId) {
    const name = Translate.contractNameOf(id)
    const known = [...contracts.values()].find((contract) => contract.name === name)
    if (known !== undefined) return Option.some(yield* listed(known))
    const found = yield* ask(Answers.contract, get("/v1/contract/find", { name })).pipe(
      Effect.asSome,
      Effect.catchIf((error) => error._tag === "Refused" && error.kind === "notFound", () => Effect.succeedNone)
    )
    if (Option.isNone(found)) return Option.none<Listed>()
    contracts.set(found.value.id, found.value)
    return Option.some(yield* listed(found.value))
  })

  const made: Contracts = {
    house: config.current,
    heard: (entityType, row) => {
      if (entityType === "contract") Option.map(decoders.contract(row), (one) => contracts.set(one.id, one))
      if (entityType === "contractMaturity") Option.map(decoders.contractMaturity(row), (one) => maturities.set(one.id, one))
      if (entityType === "product") Option.map(decoders.product(row), (one) => products.set(one.id, one))
    },
    instrumentIdOf: (contractId, house, nowMs) => {
      const contract = contracts.get(contractId)
      if (contract === undefined) return undefined
      return Option.match(Resolve.resolve(house.instruments, contract.name, nowMs, house.calendars), {
        onNone: () => Shared.instrumentIdOf(contract.name),
        onSome: ({ id }) => id
      })
    },
    specOf: (contractId, id, house) => {
      const ours = Option.getOrUndefined(catalogue.byId(house, id))
      if (ours !== undefined) return ours
      const product = products.get(maturities.get(contracts.get(contractId)?.contractMaturityId ?? 0)?.productId ?? 0)
      return product === undefined ? undefined : { tickSize: product.tickSize, lotSize: Translate.oneContract }
    },
    learn,
    find,
    fronts: (house, nowMs) => {
      const isTraded = Accounts.tradable(house, login)
      return catalogue.fronts(house, nowMs).flatMap((instrument) => isTraded(instrument) && instrument.expiresAtMs !== undefined ? [instrument.id] : [])
    }
  }
  return made
})

/** What will be traded first is known before: an order does not wait for it. */
export const preload = Effect.fnUntraced(function*({ find, fronts, house }: Contracts, nowMs: number) {
  yield* Effect.forEach(fronts(yield* house, nowMs), (id) => Effect.ignore(find(id)), { concurrency: loadsAtOnce, discard: true })
})

/** What the venue and the catalogue say differently of one instrument. Undefined: they agree. */
export const disagreement = ({ product }: Listed, { lotSize, tickSize, tickValue }: Instrument): string | undefined => {
  const differs = (what: string, theirs: BigDecimal.BigDecimal, ours: BigDecimal.BigDecimal) =>
    BigDecimal.equals(theirs, ours) ? [] : [`${what} ${BigDecimal.format(theirs)} there, ${BigDecimal.format(ours)} here`]
  const all = [
    ...differs("tick", product.tickSize, tickSize),
    ...differs("lot", Translate.oneContract, lotSize),
    ...differs("value of one tick", BigDecimal.multiply(product.valuePerPoint, product.tickSize), tickValue)
  ]
  return all.length === 0 ? undefined : all.join(", ")
}
