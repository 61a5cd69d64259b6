/** The reference venue as one value: what it answers, what it tells, what it has written down, and the switches of a person who stands behind it. Owns: its one timer and what happens when it rings. */
import { Cause, Clock, Data, Duration, Effect, FiberSet, Queue, Result, type Scope } from "effect"
import * as Core from "./Core.ts"
import * as Decimal from "./Decimal.ts"
import * as Desk from "./Desk.ts"
import type { FaultCount, FaultName, FaultPlan } from "./Faults.ts"
import * as Http from "./Http.ts"
import * as Ledger from "./Ledger.ts"
import type * as Market from "./Market.ts"
import * as Matching from "./Matching.ts"
import type { LedgerRecord, Side } from "./Records.ts"
import * as Stream from "./Stream.ts"
import * as Weather from "./Weather.ts"

/** The connection died. `isDone` is for the judge: the other side cannot know it. */
export class Broken extends Data.TaggedError("Broken")<{ readonly kind: Http.BrokenKind; readonly isDone: boolean }> {}

/** The stream was refused with an answer. */
export class StreamRejected extends Data.TaggedError("StreamRejected")<{ readonly status: number }> {}

/** The stream is over. */
export class StreamClosed extends Data.TaggedError("StreamClosed")<{ readonly code: number; readonly reason: string }> {}

export interface StreamEnd {
  /** The venue's frames, whole texts; fails once the venue closed the stream. */
  readonly take: Effect.Effect<string, StreamClosed>
  /** A frame to the venue. */
  readonly send: (text: string) => Effect.Effect<void>
}

/** The same without fibers, for transports: frames and the end come by call. */
export interface Wire {
  readonly receive: (text: string) => void
  readonly close: () => void
}

/** Where a script leads: so long after now, walking there or with a gap. */
export interface ScriptPoint {
  readonly afterMs: number
  readonly price: string
  readonly isGap?: boolean
}

export interface Trade {
  readonly account: string
  readonly symbol: string
  readonly side: Side
  readonly qty: string
}

export interface Reference {
  readonly options: Core.Options
  readonly handle: (request: Http.Request) => Effect.Effect<Http.Response, Broken>
  readonly open: (token: string) => Effect.Effect<StreamEnd, Broken | StreamRejected, Scope.Scope>
  readonly connect: (token: string, listener: Core.Listener) => Result.Result<Wire, Broken | StreamRejected>
  /** Live and append-only. */
  readonly ledger: ReadonlyArray<LedgerRecord>
  readonly faults: {
    readonly set: (plan: FaultPlan) => void
    readonly plan: () => FaultPlan
    readonly counts: () => Readonly<Record<string, FaultCount>>
    readonly off: () => void
    /** The next chance of it is a hit; `F20 F21 F33 F34` happen at once. */
    readonly strike: (name: FaultName, ms?: number) => void
  }
  readonly market: {
    /** The price is there now, past everything between. */
    readonly set: (symbol: string, price: string) => void
    /** The price goes there now, over everything between. */
    readonly walkTo: (symbol: string, price: string) => void
    readonly open: (symbol: string, isOpen: boolean) => void
    /** An empty one gives the price back to the seed, with a gap. */
    readonly script: (symbol: string, path: ReadonlyArray<ScriptPoint>) => void
    /** The bid. */
    readonly price: (symbol: string) => string | undefined
    /** The market goes on to now; done by itself while orders rest or somebody has asked for quotes. */
    readonly tick: () => void
  }
  /** Somebody at the venue's own screen. */
  readonly byHand: {
    readonly trade: (trade: Trade) => boolean
    readonly cancelAll: (account: string, symbol?: string) => number
    readonly disable: (account: string, ms: number) => void
  }
  /** Streams end, nobody is answered; undefined: all is well again. */
  readonly outage: (kind: Core.Outage | undefined) => void
  /** What the venue has, for a look from outside. */
  readonly accounts: () => ReadonlyArray<{ readonly id: string; readonly cash: string; readonly positions: ReadonlyArray<{ readonly symbol: string; readonly net: string }>; readonly live: number }>
  readonly symbols: () => ReadonlyArray<{ readonly symbol: string; readonly price: string; readonly isOpen: boolean; readonly isScripted: boolean }>
}

const framesMax = 65_536

const tick = (core: Core.Core): void => {
  for (const book of core.ledger.books.values()) {
    if (book.cursorMs < core.nowMs() && book.working.length > 0) Matching.advance(core.ledger, core.nowMs(), book)
  }
  Stream.quotes(core)
}

/** Everything that is due by now. Gives the instant of the next. */
const ring = (core: Core.Core): number => {
  const nowMs = core.nowMs()
  const { agenda } = core.ledger
  for (let next = agenda[0]; next !== undefined && next.atMs <= nowMs; next = agenda[0]) {
    agenda.shift()
    next.run(nowMs)
  }
  if (core.stepAtMs <= nowMs) {
    core.stepAtMs = Infinity
    tick(core)
  }
  if (core.beatAtMs <= nowMs) {
    core.beatAtMs = core.connections.size === 0 ? Infinity : nowMs + core.settings.heartbeatMs
    Weather.happen(core)
    Stream.beat(core)
  }
  if (core.flushAtMs <= nowMs) Stream.flush(core)
  else Stream.flushSoon(core)
  Core.watch(core)
  return Math.min(agenda[0]?.atMs ?? Infinity, core.beatAtMs, core.flushAtMs, core.stepAtMs)
}

const leave = (outcome: Http.Outcome): Effect.Effect<Http.Response, Broken> => {
  if (outcome._tag === "Broken") return Effect.fail(new Broken({ kind: outcome.kind, isDone: outcome.isDone }))
  outcome.leave()
  return Effect.succeed(outcome.response)
}

const wire = (core: Core.Core, token: string, listener: Core.Listener): Result.Result<Wire, Broken | StreamRejected> => {
  const connected = Http.connect(core, token, listener)
  if ("_tag" in connected) {
    return Result.fail(connected._tag === "Broken" ? new Broken({ kind: connected.kind, isDone: false }) : new StreamRejected({ status: connected.status }))
  }
  Stream.hello(core, connected)
  return Result.succeed({
    receive: (text) => Stream.receive(core, connected, text),
    close: () => {
      connected.isOpen = false
      core.connections.delete(connected)
    }
  })
}

const open = (core: Core.Core, token: string): Effect.Effect<StreamEnd, Broken | StreamRejected, Scope.Scope> =>
  Effect.gen(function*() {
    const frames = yield* Queue.dropping<string, StreamClosed>(framesMax)
    const connected = yield* Effect.acquireRelease(
      Effect.fromResult(wire(core, token, {
        frame: (text) => void Queue.offerUnsafe(frames, text),
        close: (code, reason) => void Queue.failCauseUnsafe(frames, Cause.fail(new StreamClosed({ code, reason })))
      })),
      ({ close }) => Effect.sync(close)
    )
    return { take: Queue.take(frames), send: (text) => Effect.sync(() => connected.receive(text)) }
  })

const ticksIn = (book: Ledger.Book, price: string): number => {
  const ticks = Decimal.countOf(price, book.tick)
  if (ticks === undefined || ticks < 1) throw new RangeError(`${price} is no price of ${book.symbol}`)
  return ticks
}

const marketOf = (core: Core.Core): Reference["market"] => {
  const on = (symbol: string, act: (book: Ledger.Book, nowMs: number) => void): void => {
    const book = core.ledger.books.get(symbol)
    if (book === undefined) throw new RangeError(`no instrument ${symbol}`)
    Matching.advance(core.ledger, core.nowMs(), book)
    act(book, core.nowMs())
    Stream.quotes(core)
    Stream.after(core)
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
      Stream.after(core)
      return Ledger.priceText(book, book.price)
    },
    tick: () => {
      tick(core)
      Stream.after(core)
    }
  }
}

const byHandOf = (core: Core.Core): Reference["byHand"] => ({
  trade: (trade) => {
    const placed = Desk.place(core.ledger, core.nowMs(), { ...trade, type: "market" })
    Stream.after(core)
    return Result.isSuccess(placed)
  },
  cancelAll: (account, symbol) => {
    const canceled = Desk.cancelAll(core.ledger, core.nowMs(), account, symbol, "canceled at the venue")
    Stream.after(core)
    return Result.isSuccess(canceled) ? canceled.success : 0
  },
  disable: (account, ms) => {
    const found = core.ledger.accounts.get(account)
    if (found !== undefined) found.disabledUntilMs = core.nowMs() + ms
  }
})

const looks = (core: Core.Core): Pick<Reference, "accounts" | "symbols"> => ({
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

/** Time comes from Clock, chance from the seed. */
export const make = (options: Core.Options): Effect.Effect<Reference, never, Scope.Scope> =>
  Effect.gen(function*() {
    const clock = yield* Clock.Clock
    const run = yield* FiberSet.makeRuntime<never>()
    const nowMs = () => clock.currentTimeMillisUnsafe()
    let armedMs = Infinity
    const arm = (atMs: number): void => {
      if (atMs >= armedMs) return
      armedMs = atMs
      run(Effect.flatMap(clock.sleep(Duration.millis(Math.max(0, atMs - nowMs()))), () => {
        if (armedMs === atMs) {
          armedMs = Infinity
          arm(ring(core))
        }
        return Effect.void
      }))
    }
    const core = Core.make(options, nowMs, (atMs) => arm(Math.max(atMs, nowMs())))
    return {
      options,
      ledger: core.ledger.records,
      handle: (request) => Effect.suspend(() => {
        const outcome = Http.take(core, request)
        Stream.after(core)
        return outcome.delayMs === 0 ? leave(outcome) : Effect.andThen(Effect.sleep(outcome.delayMs), Effect.suspend(() => leave(outcome)))
      }),
      open: (token) => open(core, token),
      connect: (token, listener) => wire(core, token, listener),
      faults: {
        set: core.dice.set, plan: core.dice.plan, counts: core.dice.counts, off: () => core.dice.set([]),
        strike: (name, ms) => {
          core.dice.strike(name, ms)
          if (!Weather.isWeather(name)) return
          Weather.happen(core)
          Stream.after(core)
        }
      },
      market: marketOf(core),
      byHand: byHandOf(core),
      outage: (kind) => Core.setOutage(core, kind),
      ...looks(core)
    }
  })
