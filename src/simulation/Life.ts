/** One life of the house on a machine of its own: the real actors, ingress, journal writer and adapters, over what the world gives them. */
import { Cause, Context, Effect, Exit, Fiber, Layer, Logger, Random, Scope } from "effect"
import { PictureEveryMs } from "#actors/account/Watch.ts"
import { Clocks } from "#config/Clocks.ts"
import { type House, HouseConfig } from "#config/House.ts"
import type { Secrets } from "#config/Secrets.ts"
import type { VenueId } from "#schemas/Ids.ts"
import type { Answer, Incoming } from "#src/ingress/Receive.ts"
import { Receive } from "#src/ingress/Receive.ts"
import { Door } from "#src/ingress/Door.ts"
import * as Actors from "#src/layers/Actors.ts"
import * as Applied from "#src/layers/Applied.ts"
import * as ClockWatch from "#src/layers/ClockWatch.ts"
import { inMemory } from "#src/layers/Hosting.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import { Gauges } from "#src/ports/Gauges.ts"
import { Journal } from "#src/ports/Journal.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import * as Stopwatch from "#src/ports/Stopwatch.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import { type Adapter, Venues } from "#src/ports/Venue.ts"
import * as Calls from "#src/simulation/Calls.ts"
import * as Chance from "#src/simulation/Chance.ts"
import type { Disk } from "#src/simulation/Disk.ts"
import * as Operator from "#src/simulation/Operator.ts"
import type { PaperMemory } from "#src/simulation/PaperMemory.ts"
import type { PaperWitness } from "#src/simulation/PaperWitness.ts"
import type { Prices } from "#src/simulation/Prices.ts"
import * as Quotes from "#src/simulation/Quotes.ts"
import * as Fakes from "#src/simulation/Fakes.ts"
import type { Machine } from "#src/simulation/VirtualTime.ts"
import type { Placed } from "#src/stores/JournalFile.ts"

/** What outlives a life. */
export interface World {
  readonly seed: number
  readonly prices: Prices
  readonly disk: Disk
  readonly paper: PaperMemory
  readonly paperWitness: PaperWitness
  readonly fakes: Fakes.Fakes
  readonly secrets: Layer.Layer<Secrets>
  /** The configuration as it lies in its folder. */
  readonly house: () => House
  readonly calls: Calls.Calls
  /** Between two looks at what the venue holds, where nothing is in doubt. */
  readonly reconcileMs: number
  /** Whether clocks may jump: only then somebody has to watch them. */
  readonly isClockWatched: boolean
  readonly onCommitted: (rows: ReadonlyArray<Placed>) => void
  readonly onError: (text: string) => void
  /** What stands between the house and its venues besides, and between its actors and the journal. */
  readonly between: Between
}

export interface Between {
  readonly venues?: (adapter: Adapter) => Adapter
  readonly journal?: (journal: Journal["Service"]) => Journal["Service"]
}

export interface Life {
  readonly number: number
  readonly machine: Machine
  /** As the listener would: bytes in, an answer out. Never answered if this life ends first. */
  readonly receive: (incoming: Omit<Incoming, "written">, onAnswer: (answer: Answer) => void) => void
  /** Somebody inside, once the house is up; `onDone` is not called if this life ends first. */
  readonly inside: <A, E>(work: Effect.Effect<A, E, Inside | Scope.Scope>, onDone?: (exit: Exit.Exit<A, E>) => void) => void
  /** Puts the configuration into force as it lies in its folder. */
  readonly reload: () => void
  /** In good order, as at Ctrl+C. */
  readonly leave: () => void
  readonly kill: () => void
}

/** All that is in the house. */
export type Inside = Layer.Success<ReturnType<typeof houseOf>>
type Network = ReturnType<typeof Fakes.transports>

const silent = (onError: (text: string) => void) => Logger.layer([Logger.make<unknown, void>(({ logLevel, message }) => {
  if (logLevel === "Error" || logLevel === "Fatal") onError(Array.isArray(message) ? message.map(String).join(" ") : String(message))
})])

/**
 * As narrow as a broker's wire: what does not fit waits, and nobody pays for senders that have nothing to send. At Tradovate five accounts' three
 * questions share their answers: whoever had to wait for the others would ask anew.
 */
const requestsAtOnce: Readonly<Record<VenueId, number>> = { paper: 4, reference: 4, tradovate: 18 }

const each = (venues: Venues["Service"], around: (adapter: Adapter) => Adapter): Venues["Service"] => {
  const wrapped = { ...venues }
  for (const id of Object.keys(wrapped) as Array<VenueId>) wrapped[id] = { ...around(wrapped[id]), requestsAtOnce: requestsAtOnce[id] }
  return wrapped
}

const venuesOf = (world: World, network: Network, kill: () => void) => {
  const wired = Calls.onWire(world.calls, kill)
  const { venues: between = (adapter) => adapter } = world.between
  const around = (adapter: Adapter) => between(wired(adapter))
  return Layer.effect(Venues, Effect.map(Venues, (venues) => Venues.of(each({ ...venues, paper: world.paperWitness.around(venues.paper) }, around)))).pipe(
    Layer.provide(VenuesLive.layer),
    Layer.provide(network.layer)
  )
}

const journalOf = ({ between, calls, disk, onCommitted }: World, machine: Machine, kill: () => void) => {
  let after: (() => Calls.Fate) | undefined
  const real = disk.journal({
    isDead: machine.isDead,
    onCommit: () => {
      const call = calls.next("journal", "commit")
      after = call.after
      const fate = call.before()
      if (fate === "kill") kill()
      return { isWritten: fate === "go", isFull: fate === "fail" }
    },
    onCommitted: (rows) => {
      onCommitted(rows)
      if (after?.() === "kill") kill()
    }
  })
  if (between.journal === undefined) return real
  return Layer.effect(Journal, Effect.map(Journal, between.journal)).pipe(Layer.provideMerge(real))
}

/** Everything between the bytes of an alert and the bytes of an order, from the bottom up as in the live house. */
const houseOf = (world: World, machine: Machine, network: Network, kill: () => void, current: () => House, swap: (house: House) => void) => {
  const clocks = Layer.succeed(Clocks, Clocks.of({ wallMs: Effect.sync(machine.wallMs), monotonicMs: Effect.sync(machine.monotonicMs) }))
  const config = Layer.mergeAll(Layer.succeed(HouseConfig, HouseConfig.of({ current: Effect.sync(current) })), world.secrets, clocks, Operator.files(world.house, swap))
  const memories = Layer.mergeAll(RiskLatch.layer, Quotes.book(world.prices), Supervision.layer, RefusedDeliveries.layer, Door.layer)
  const own = Layer.mergeAll(Layer.succeed(Gauges, new Set()), Layer.succeed(Stopwatch.Warnings, new Map()), Layer.succeed(PictureEveryMs, world.reconcileMs), silent(world.onError))
  const actors = world.isClockWatched ? Layer.provideMerge(ClockWatch.layer, Actors.layer) : Actors.layer
  return actors.pipe(
    Layer.provideMerge(Receive.layer),
    Layer.provideMerge(venuesOf(world, network, kill)),
    Layer.provideMerge(Quotes.market(world.prices)),
    Layer.provideMerge(inMemory),
    Layer.provideMerge(Applied.layer),
    Layer.provideMerge(Layer.mergeAll(journalOf(world, machine, kill), world.disk.notes(machine.isDead), world.disk.tokens(machine.isDead), world.paper.layer(machine.isDead))),
    Layer.provideMerge(memories),
    Layer.provideMerge(config),
    Layer.provideMerge(own)
  )
}

/** Begins with the machine's next turn; until it is up, deliveries and commands wait at its door. `onEnded`: how it ended. */
export const begin = (world: World, machine: Machine, number: number, onEnded: (kind: "kill" | "stop") => void): Life => {
  let house = world.house()
  let served: Context.Context<Inside> | undefined
  let waiting: Array<() => void> = []
  const network = Fakes.transports(world.fakes)
  const end = (kind: "kill" | "stop") => {
    if (machine.isDead()) return
    machine.kill()
    network.hangUp()
    onEnded(kind)
  }
  const kill = () => end("kill")
  const chance = Context.get(Chance.context(world.seed, "life", number), Random.Random)
  const run = <A, E>(work: Effect.Effect<A, E>, onExit?: (exit: Exit.Exit<A, E>) => void) =>
    machine.fork(Effect.provideService(work, Random.Random, chance), onExit)
  const scope = Scope.makeUnsafe()

  const all = houseOf(world, machine, network, kill, () => house, (next) => { house = next })
  run(Layer.buildWithScope(all, scope), (exit) => {
    if (Exit.isFailure(exit)) throw new Error(`the simulated house did not start: ${String(exit.cause)}`)
    served = exit.value
    for (const next of waiting) next()
    waiting = []
  })

  const inside: Life["inside"] = (work, onDone) => {
    if (served === undefined) {
      waiting.push(() => inside(work, onDone))
      return
    }
    run(Effect.provideContext(work, Context.add(served, Scope.Scope, scope)), onDone)
  }
  const receive: Life["receive"] = (incoming, onAnswer) =>
    inside(Effect.flatMap(Receive, (door) => door.receive({ ...incoming, written: Effect.succeed(true) })), (exit) => {
      if (Exit.isSuccess(exit)) onAnswer(exit.value)
    })
  return {
    number,
    machine,
    inside,
    receive,
    kill,
    reload: () => inside(Operator.reload, (exit) => {
      if (Exit.isFailure(exit)) world.onError(`the configuration was not reloaded: ${String(Cause.squash(exit.cause))}`)
    }),
    leave: () => inside(Effect.andThen(Operator.leave, Effect.forkDetach(Scope.close(scope, Exit.void))), (exit) => {
      if (Exit.isSuccess(exit)) run(Effect.asVoid(Fiber.await(exit.value)), () => end("stop"))
    })
  }
}
