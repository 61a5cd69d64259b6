/** Whoever sends the alerts: over several connections, with ids and without; what got no 2xx is sent again, as TradingView does, only sooner. */
import { Agent, request } from "node:http"
import { Clock, Effect, FiberSet, Random, Schema } from "effect"
import * as Config from "./Config.ts"

const connections = 32
/** In place of 5 s. */
const againAfterMs = 1_500
const triesMax = 16
/** Longer than a sender waits: on a busy machine an answer may have come and not been read. */
const patienceMs = 15_000
/** A house that is slower than that is sent less. */
const underWayMax = 400
const loopback = "127.0.0.1"
/** Of alerts, so many per cent get out again, and so many carry an id. */
const exitsPercent = 30
const idsPercent = 60
/** Symbols that an exit may be about: those entered last. */
const recentMax = 40

/** Of alerts, so many go to every account; the others to one. */
const allPercent = 20

interface Alert {
  readonly lane: string
  readonly body: string
}

export interface Answered {
  readonly atMs: number
  readonly status: number
  readonly body: string
}

const encode = Schema.encodeSync(Schema.fromJsonString(Schema.Unknown))

/** No answer: status 0. */
const post = (agent: Agent, port: number, { body, lane }: Alert): Effect.Effect<Answered> =>
  Effect.callback<{ readonly status: number; readonly body: string }>((resume) => {
    const options = { agent, port, host: loopback, method: "POST", path: `/webhook/${lane}`, headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) } }
    const none = () => resume(Effect.succeed({ status: 0, body: "" }))
    const asked = request(options, (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => void chunks.push(chunk))
      response.on("end", () => resume(Effect.succeed({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() })))
      response.on("error", none)
    })
    asked.on("error", none)
    asked.end(body)
    return Effect.sync(() => void asked.destroy())
  }).pipe(
    Effect.timeoutOrElse({ duration: patienceMs, orElse: () => Effect.succeed({ status: 0, body: "" }) }),
    Effect.flatMap((answer) => Effect.map(Clock.currentTimeMillis, (atMs) => ({ ...answer, atMs })))
  )

/** Which of a symbol's sides it is entered on mostly: else nearly every entry would meet an opposite position. */
const sideOf = (symbol: string): "buy" | "sell" => Config.symbols.indexOf(symbol) % 2 === 0 ? "buy" : "sell"

export const make = Effect.fnUntraced(function*(port: number, perSecond: number) {
  const agent = yield* Effect.acquireRelease(
    Effect.sync(() => new Agent({ keepAlive: true, maxSockets: connections })),
    (made) => Effect.sync(() => made.destroy())
  )
  const underWay = yield* FiberSet.make()
  const answers: Array<Answered> = []
  const recent: Array<string> = []
  const counts = { sent: 0, posts: 0, unanswered: 0 }

  const deliver = Effect.fnUntraced(function*(alert: Alert) {
    for (let tries = 0; tries < triesMax; tries++) {
      if (tries > 0) yield* Effect.sleep(againAfterMs)
      counts.posts += 1
      const answer = yield* post(agent, port, alert)
      if (answer.status === 0) counts.unanswered += 1
      else answers.push(answer)
      if (answer.status > 0 && answer.status < 500) return
    }
  })

  /** `order_id` is the sender's own number of it; without a bar's time it is no id. */
  const draw = Effect.gen(function*() {
    const n = ++counts.sent
    const isExit = recent.length > 0 && (yield* Random.nextIntBetween(0, 100)) < exitsPercent
    const symbol = yield* Random.choice(isExit ? recent : Config.symbols)
    const isOther = (yield* Random.nextIntBetween(0, 100)) < 5
    const side = sideOf(symbol)
    if (!isExit) recent.push(symbol)
    if (recent.length > recentMax) recent.shift()
    const hasId = (yield* Random.nextIntBetween(0, 100)) < idsPercent
    const lane = (yield* Random.nextIntBetween(0, 100)) < allPercent ? Config.laneOfAll : yield* Random.choice(Config.lanes)
    const body = encode({
      secret: Config.secret, strategy: Config.strategy, symbol, price: Config.price, order_id: `k${n}`,
      action: isExit ? "exit" : isOther ? (side === "buy" ? "sell" : "buy") : side,
      ...(hasId ? { id: `alert-${n}` } : {})
    })
    const alert: Alert = { lane, body }
    return alert
  })

  return {
    /** Until it is interrupted; what was sent by then goes on. */
    load: Effect.gen(function*() {
      const startMs = yield* Clock.currentTimeMillis
      for (let begun = 0; ; begun++) {
        const aheadMs = startMs + begun * 1_000 / perSecond - (yield* Clock.currentTimeMillis)
        if (aheadMs > 0) yield* Effect.sleep(Math.max(2, aheadMs))
        if ((yield* FiberSet.size(underWay)) < underWayMax) yield* FiberSet.run(underWay, deliver(yield* draw))
      }
    }),
    /** Until everything was answered or given up. */
    over: FiberSet.awaitEmpty(underWay),
    answers: answers as ReadonlyArray<Answered>,
    counts: counts as Readonly<typeof counts>
  }
})
