/** The fakes of a run, without a network: started with the world, priced by the scenario, their ledgers read as they grow. */
import { BigDecimal, Effect, Exit, Layer, Result, Scope } from "effect"
import type { HttpClient } from "effect/http"
import type { Socket } from "effect/socket"
import * as FakePlan from "#src/simulation/FakePlan.ts"
import type * as VenueFaults from "#src/simulation/venues/shared/Faults.ts"
import * as InMemory from "#src/simulation/venues/shared/InMemory.ts"
import type { LedgerRecord } from "#src/simulation/venues/shared/Records.ts"
import type { Venue, Wire } from "#src/simulation/venues/shared/Venue.ts"
import type { Machine } from "#src/simulation/VirtualTime.ts"

export interface Settings extends FakePlan.Settings {
  readonly faults: VenueFaults.FaultPlan
}

interface Made extends FakePlan.Planned {
  readonly venue: Venue
}

/** `onRecord`: each record of a venue's ledger, as it is appended. */
export const make = (machine: Machine, settings: Settings, onRecord: (ledger: string, record: LedgerRecord) => void) => {
  const planned = FakePlan.of(settings)
  const made: Array<Made> = []
  const read = new Map<string, number>()
  const scope = Scope.makeUnsafe()
  for (const one of planned) {
    machine.fork(Scope.provide(one.make, scope), (exit) => {
      if (Exit.isFailure(exit)) throw new Error(`the fake at ${one.ledger} did not start: ${String(exit.cause)}`)
      exit.value.faults.set(settings.faults)
      made.push({ ...one, venue: exit.value })
    })
  }
  const symbols = FakePlan.listed(settings.house, settings.startMs)
  const last = new Map<string, number>()

  const priced = (atMs: number, isChange: boolean) => {
    for (const { config: { root }, instrument: { id, tickSize } } of symbols) {
      const price = settings.prices.at(root, atMs)
      if (price === undefined) continue
      const ticks = isChange && last.get(id) === price.bid ? price.bid + 1 : price.bid
      if (last.get(id) === ticks) continue
      last.set(id, ticks)
      const to = BigDecimal.format(BigDecimal.multiply(BigDecimal.fromBigInt(BigInt(ticks)), tickSize))
      for (const { trades, venue } of made) if (trades(id)) venue.market.walkTo(id, to)
    }
  }

  return {
    isEmpty: planned.length === 0,
    hosts: (): ReadonlyMap<string, Venue> => new Map(made.flatMap(({ hosts, venue }) => hosts.map((host) => [host, venue] as const))),
    /** Whatever was written down since the last time, in the order in which it happened. */
    collect: (): void => {
      const news = made.flatMap(({ ledger: name, venue: { ledger } }) => {
        const from = read.get(name) ?? 0
        read.set(name, ledger.length)
        return from === ledger.length ? [] : ledger.slice(from).map((record) => ({ name, record }))
      })
      if (made.length > 1) news.sort((one, other) => one.record.atMs - other.record.atMs)
      for (const { name, record } of news) onRecord(name, record)
    },
    /** The next minute's prices. */
    step: (atMs: number): void => priced(atMs, false),
    /** A tick up or down again, so that somebody who is about to decide has just heard of the market. */
    stir: (atMs: number): void => priced(atMs, true),
    faultsOff: (): void => {
      for (const { venue } of made) venue.faults.off()
    },
    faultCounts: (): Readonly<Record<string, number>> => {
      const sums: Record<string, number> = {}
      for (const { venue } of made) {
        for (const [name, { hits }] of Object.entries(venue.faults.counts())) sums[name] = (sums[name] ?? 0) + hits
      }
      return sums
    }
  }
}
export type Fakes = ReturnType<typeof make>

/** The network of one life: its streams end with it. */
export const transports = (fakes: Fakes) => {
  const open = new Set<Wire>()
  const heard = (venue: Venue): Venue => ({
    ...venue,
    upgrade: (path, listener) => Result.map(venue.upgrade(path, listener), (wire) => {
      open.add(wire)
      return wire
    })
  })
  const layer: Layer.Layer<HttpClient.HttpClient | Socket.WebSocketConstructor> = Layer.unwrap(Effect.sync(() =>
    InMemory.layer(new Map(Array.from(fakes.hosts(), ([host, venue]) => [host, heard(venue)])))))
  return {
    layer,
    /** As the system does for a process that is gone. */
    hangUp: (): void => {
      for (const wire of open) wire.close()
      open.clear()
    }
  }
}
