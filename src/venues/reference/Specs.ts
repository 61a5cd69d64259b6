/** What is traded: our catalogue's word on an instrument, the venue's where we have none, and where the two differ. */
import { Effect, Option, Result, Schema } from "effect"
import { type House, HouseConfig } from "#config/House.ts"
import type { InstrumentId, LoginId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import * as Answers from "#src/venues/reference/Answers.ts"
import type { Session } from "#src/venues/reference/Session.ts"
import * as Translate from "#src/venues/reference/Translate.ts"
import * as Wire from "#src/venues/reference/Wire.ts"
import * as Accounts from "#src/venues/shared/Accounts.ts"
import type { Catalogue } from "#src/venues/shared/Catalogue.ts"
import type { Complaints } from "#src/venues/shared/Complaints.ts"
import * as Names from "#src/venues/shared/Names.ts"

/** Symbols taken from the venue's list. */
export const listedMax = 4_096

export interface Specs {
  readonly listed: ReadonlyMap<string, Wire.Listed>
  readonly house: Effect.Effect<House>
  /** Ours first: an order's ticks and lots are those of our catalogue. */
  readonly of: (house: House, symbol: string) => Translate.Spec | undefined
  readonly disagreement: (instrument: Instrument) => string | undefined
  /** The venue's name of an instrument as we show it. */
  readonly symbolOf: (id: InstrumentId) => string
  /** Front months of what the accounts here, and those that live on these quotes, may trade and the venue has. */
  readonly fronts: (house: House, nowMs: number) => ReadonlyArray<string>
}

const decodeListed = Schema.decodeUnknownResult(Wire.Listed)

export const load = Effect.fnUntraced(function*(login: LoginId, session: Session, catalogue: Catalogue, complaints: Complaints) {
  const config = yield* HouseConfig
  const { instruments } = yield* session.ask(Answers.instruments, { method: "GET", path: "/v1/instruments" })
  const listed = new Map<string, Wire.Listed>()
  const symbols = new Map<InstrumentId, string>()
  for (const one of instruments.slice(0, listedMax)) {
    const read = decodeListed(one)
    if (Result.isFailure(read)) yield* complaints.about("instrument", "one of its list cannot be read")
    else {
      listed.set(read.success.symbol, read.success)
      symbols.set(Names.instrumentIdOf(read.success.symbol), read.success.symbol)
    }
  }

  const of = (house: House, symbol: string): Translate.Spec | undefined => {
    const ours = Option.getOrUndefined(catalogue.byId(house, Names.instrumentIdOf(symbol)))
    if (ours !== undefined) return ours
    const theirs = listed.get(symbol)
    return theirs === undefined ? undefined : { tickSize: theirs.tick, lotSize: theirs.step }
  }
  const specs: Specs = {
    listed,
    house: config.current,
    of,
    disagreement: (instrument) => {
      const theirs = listed.get(instrument.id)
      return theirs === undefined ? undefined : Translate.disagreement(theirs, instrument)
    },
    symbolOf: (id) => symbols.get(id) ?? id,
    fronts: (house, nowMs) => {
      const isTraded = Accounts.tradable(house, login)
      return catalogue.fronts(house, nowMs).flatMap((instrument) => isTraded(instrument) && listed.has(instrument.id) ? [instrument.id] : [])
    }
  }
  return specs
})
