/** What leaves a venue unasked: in which order, what comes twice or late, and what is lost on the way. Owns: the record of what was told. */
import type { VenueEvent } from "#schemas/VenueEvent.ts"
import type { Chance } from "#src/simulation/Chance.ts"
import type { Heap } from "#src/simulation/machine/Heap.ts"
import type { Translate } from "#src/simulation/machine/Translate.ts"
import type * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import type { Entry } from "#src/simulation/venues/shared/Records.ts"

const streamMsMax = 40
const lateMsMin = 300
const lateMsMax = 2_300

export interface Told {
  readonly account: string
  readonly event: VenueEvent
}

export type Feed = ReturnType<typeof make>

const isLate = ({ dice }: Ledger.Ledger, event: Ledger.Event): boolean => {
  if (event.type === "fill") return dice.hit("F22", event.fill.fillId) !== undefined
  const isFresh = event.type === "order" && event.order.status === "working" && event.order.filled === "0"
  return isFresh && dice.hit("F13", event.of.orderId) !== undefined
}

export const make = (of: {
  readonly heap: Heap
  readonly chance: Chance
  readonly ledger: Ledger.Ledger
  readonly translate: Translate
  readonly write: (entry: Entry) => void
}) => {
  const { chance, heap, ledger, translate, write } = of
  const { dice } = ledger
  /** Whoever listens; a new one hears only what happens from then on. */
  let listener: ((told: ReadonlyArray<Told>) => void) | undefined
  let onGap: () => void = () => {}
  let isSilent = false
  let toldFills = new Set<string>()
  let flushAtMs = Infinity

  const told = (event: Ledger.Event, how: "stream" | "query"): void => {
    if (event.type === "position") return
    if (event.type === "fill") {
      if (toldFills.has(event.fill.fillId)) return
      toldFills.add(event.fill.fillId)
      return write({ kind: "told", account: event.account, how, fillId: event.fill.fillId, orderId: event.of.orderId })
    }
    const once = `${event.order.status} ${event.order.filled}`
    if (event.of.told === once) return
    event.of.told = once
    write({ kind: "told", account: event.account, how, orderId: event.of.orderId, status: event.order.status })
  }

  const deliver = (events: ReadonlyArray<Ledger.Event>): void => {
    if (listener === undefined || isSilent || events.length === 0) return
    const to = listener
    for (const event of events) told(event, "stream")
    to(events.map((event) => ({ account: event.account, event: translate.event(event) })))
  }

  const flush = (): void => {
    flushAtMs = Infinity
    const { events } = ledger
    ledger.events = []
    if (listener === undefined || isSilent) return
    const now: Array<Ledger.Event> = []
    let isGap = false
    for (const event of events) {
      if (isLate(ledger, event)) {
        heap.at(heap.nowMs() + lateMsMin + chance.below(lateMsMax - lateMsMin), () => deliver([event]))
        continue
      }
      isGap = dice.hit("F10", event.type) !== undefined
      if (isGap) break
      now.push(event)
      if (event.type === "fill" && dice.hit("F11", event.fill.fillId) !== undefined) now.push(event)
    }
    if (dice.plan().length > 0 && chance.hits(0.3)) for (const event of now) deliver([event])
    else deliver(now)
    if (!isGap) return
    isSilent = true // what comes after a gap is not believed: the session finds out and connects anew
    onGap()
  }

  return {
    told,
    flushSoon: (): void => {
      if (flushAtMs !== Infinity) return
      flushAtMs = heap.nowMs() + 1 + chance.below(streamMsMax)
      heap.at(flushAtMs, flush)
    },
    listen: (to: (told: ReadonlyArray<Told>) => void, gap: () => void): void => {
      listener = to
      onGap = gap
      isSilent = false
      toldFills = new Set()
      ledger.events = []
    },
    deaf: (): void => {
      listener = undefined
    },
    silence: (): void => {
      isSilent = true
    },
    isAlive: (): boolean => listener !== undefined && !isSilent
  }
}
