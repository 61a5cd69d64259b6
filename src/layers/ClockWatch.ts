/** A clock that jumps, a machine that slept: what was known of the world is old, and every login connects and reconciles anew. */
import { Duration, Effect, Layer } from "effect"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import { surely } from "#actors/Deliver.ts"
import { Clocks } from "#config/Clocks.ts"
import { HouseConfig } from "#config/House.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"

const everyMs = 1_000
const jumpMsMax = 2_000
const lateMsMax = 5_000

interface Look {
  readonly wallMs: number
  readonly monotonicMs: number
}

/** Between two looks: in words, or nothing. A slow drift is the time service at work. */
export const gap = (before: Look, now: Look): string | undefined => {
  const passedMs = now.monotonicMs - before.monotonicMs
  const jumpMs = now.wallMs - before.wallMs - passedMs
  if (Math.abs(jumpMs) > jumpMsMax) return `the clock jumped by ${Math.round(jumpMs)} ms`
  return passedMs - everyMs > lateMsMax ? `nothing ran for ${Math.round(passedMs)} ms` : undefined
}

export const layer = Layer.effectDiscard(Effect.gen(function*() {
  const clocks = yield* Clocks
  const house = yield* HouseConfig
  const quotes = yield* QuoteBook
  const sessionFor = yield* BrokerSession.client
  const look = Effect.all({ wallMs: clocks.wallMs, monotonicMs: clocks.monotonicMs })

  const anew = Effect.fnUntraced(function*(why: string) {
    yield* Effect.logWarning(`${why}: quotes are forgotten, all logins connect anew and reconcile before they trade`)
    yield* quotes.forget
    const { logins } = yield* house.current
    yield* Effect.forEach(logins.keys(), (id) => surely(sessionFor(id).Reconnect(undefined, { discard: true })), {
      concurrency: "unbounded",
      discard: true
    })
  })

  let before = yield* look
  const watch = Effect.gen(function*() {
    yield* Effect.sleep(Duration.millis(everyMs))
    const now = yield* look
    const found = gap(before, now)
    before = now
    if (found !== undefined) yield* anew(found)
  })
  yield* Effect.forkScoped(Effect.forever(watch))
}))
