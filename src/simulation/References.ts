/** The reference venues of a run, one per host that a login of the configuration names: made from that configuration, and priced by the scenario. */
import { BigDecimal, Effect, Exit, Layer, Option, Result, Scope } from "effect"
import type { HttpClient } from "effect/http"
import type { Socket } from "effect/socket"
import type { House } from "#config/House.ts"
import type { InstrumentConfig } from "#schemas/config/InstrumentConfig.ts"
import type { ReferenceLogin } from "#schemas/config/LoginConfig.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { Prices } from "#src/simulation/Prices.ts"
import type { Scenario } from "#src/simulation/Scenario.ts"
import type * as VenueFaults from "#src/simulation/venues/shared/Faults.ts"
import * as InMemory from "#src/simulation/venues/shared/InMemory.ts"
import type { LedgerRecord } from "#src/simulation/venues/shared/Records.ts"
import * as Reference from "#src/simulation/venues/reference/Reference.ts"
import type { Wire } from "#src/simulation/venues/shared/Venue.ts"
import type { Machine } from "#src/simulation/VirtualTime.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

const text = (value: BigDecimal.BigDecimal): string => BigDecimal.format(value)

/** Months of a family that may come to the front within a run. */
const frontsAheadMs = 40 * 86_400_000

interface Listed {
  readonly instrument: Instrument
  readonly config: InstrumentConfig
}

const listed = ({ calendars, instruments }: House, startMs: number): ReadonlyArray<Listed> => {
  const found = new Map<string, Listed>()
  for (const config of instruments) {
    for (const atMs of [startMs, startMs + frontsAheadMs]) {
      const instrument = Option.getOrUndefined(Resolve.resolve(instruments, config.root, atMs, calendars))
      if (instrument !== undefined) found.set(instrument.id, { instrument, config })
    }
  }
  return [...found.values()]
}

/** What an account is called at its venue. */
export const accountsOf = ({ accounts }: House, login: string): ReadonlyArray<{ readonly account: string; readonly venueAccount: string; readonly config: Account }> =>
  [...accounts.values()].filter((one) => one.login === login).map((config) => ({ account: config.id, venueAccount: config.venueAccount ?? config.id, config }))
type Account = House["accounts"] extends ReadonlyMap<infer _, infer Config> ? Config : never

export interface Made {
  readonly host: string
  readonly reference: Reference.Reference
}

export interface Settings {
  readonly house: House
  readonly scenario: Scenario
  readonly seed: number
  readonly startMs: number
  readonly prices: Prices
  readonly faults: VenueFaults.FaultPlan
  readonly secretOf: (login: ReferenceLogin) => string
}

const hostOf = ({ reference: { url } }: ReferenceLogin): string => new URL(url).hostname

const optionsOf = ({ house, prices, scenario, secretOf, seed, startMs }: Settings, logins: ReadonlyArray<ReferenceLogin>): Parameters<typeof Reference.make>[0] => ({
  seed,
  style: logins.some(({ id }) => scenario.venues?.[id]?.style === "plain") ? "plain" : "native",
  logins: logins.map((login) => ({
    key: login.reference.key,
    secret: secretOf(login),
    accounts: accountsOf(house, login.id).map(({ config: { balance, feePerLot }, venueAccount }) =>
      ({ id: venueAccount, currency: balance.currency, cash: text(balance.amount), feePerLot: text(feePerLot.futures ?? feePerLot.crypto ?? BigDecimal.make(0n, 0)) }))
  })),
  instruments: listed(house, startMs).map(({ instrument: { id, lotSize, tickSize, tickValue } }) =>
    ({ symbol: id, tick: text(tickSize), pointValue: text(BigDecimal.divideUnsafe(tickValue, BigDecimal.multiply(tickSize, lotSize))), step: text(lotSize) })),
  market: { everyMs: prices.stepMs }
})

/** `onRecord`: each record of a venue's ledger, as it is appended. */
export const make = (machine: Machine, settings: Settings, onRecord: (host: string, record: LedgerRecord) => void) => {
  const byHost = new Map<string, ReadonlyArray<ReferenceLogin>>()
  for (const login of settings.house.logins.values()) {
    if (login.venue === "reference") byHost.set(hostOf(login), [...byHost.get(hostOf(login)) ?? [], login])
  }
  const hosts = new Map<string, Reference.Reference>()
  const read = new Map<string, number>()
  const scope = Scope.makeUnsafe()
  for (const [host, logins] of byHost) {
    machine.fork(Scope.provide(Reference.make(optionsOf(settings, logins)), scope), (exit) => {
      if (Exit.isFailure(exit)) throw new Error(`the reference venue at ${host} did not start: ${String(exit.cause)}`)
      exit.value.faults.set(settings.faults)
      hosts.set(host, exit.value)
    })
  }
  const symbols = listed(settings.house, settings.startMs)
  const last = new Map<string, number>()

  const priced = (atMs: number, isChange: boolean) => {
    for (const { config: { root }, instrument: { id, tickSize } } of symbols) {
      const price = settings.prices.at(root, atMs)
      if (price === undefined) continue
      const ticks = isChange && last.get(id) === price.bid ? price.bid + 1 : price.bid
      if (last.get(id) === ticks) continue
      last.set(id, ticks)
      for (const reference of hosts.values()) reference.market.walkTo(id, text(BigDecimal.multiply(BigDecimal.fromBigInt(BigInt(ticks)), tickSize)))
    }
  }

  return {
    isEmpty: byHost.size === 0,
    hosts: (): ReadonlyMap<string, Reference.Reference> => hosts,
    /** Whatever was written down since the last time. */
    collect: (): void => {
      for (const [host, { ledger }] of hosts) {
        for (let n = read.get(host) ?? 0; n < ledger.length; n++) {
          const record = ledger[n]
          if (record !== undefined) onRecord(host, record)
        }
        read.set(host, ledger.length)
      }
    },
    /** The next minute's prices. */
    step: (atMs: number): void => priced(atMs, false),
    /** A tick up or down again, so that somebody who is about to decide has just heard of the market. */
    stir: (atMs: number): void => priced(atMs, true),
    faultsOff: (): void => {
      for (const reference of hosts.values()) reference.faults.off()
    },
    faultCounts: (): Readonly<Record<string, number>> => {
      const sums: Record<string, number> = {}
      for (const reference of hosts.values()) {
        for (const [name, { hits }] of Object.entries(reference.faults.counts())) sums[name] = (sums[name] ?? 0) + hits
      }
      return sums
    }
  }
}
export type References = ReturnType<typeof make>

/** The network of one life: its streams end with it. */
export const transports = (references: References) => {
  const open = new Set<Wire>()
  const heard = (reference: Reference.Reference): Reference.Reference => ({
    ...reference,
    upgrade: (path, listener) => Result.map(reference.upgrade(path, listener), (wire) => {
      open.add(wire)
      return wire
    })
  })
  const layer: Layer.Layer<HttpClient.HttpClient | Socket.WebSocketConstructor> = Layer.unwrap(Effect.sync(() =>
    InMemory.layer(new Map(Array.from(references.hosts(), ([host, reference]) => [host, heard(reference)])))))
  return {
    layer,
    /** As the system does for a process that is gone. */
    hangUp: (): void => {
      for (const wire of open) wire.close()
      open.clear()
    }
  }
}
