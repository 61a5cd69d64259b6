/**
 * A whole connection to a hostile venue: one of its answers is not what it should be, and its stream says anything. Every request ends in a value
 * or in an error of the port, an order is sent once at most, and neither error nor log says what was secret.
 */
import { Cause, Effect, Exit, Fiber, Layer, Logger, Redacted, References, Schema, Stream } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { Socket } from "effect/socket"
import { TestClock } from "effect/testing"
import { HouseConfig } from "#config/House.ts"
import * as Mask from "#config/Mask.ts"
import { Secrets } from "#config/Secrets.ts"
import { AccountId, ClientOrderId, InstrumentId, LoginId } from "#schemas/Ids.ts"
import { Instrument, Lots, Ticks } from "#schemas/Instrument.ts"
import { type Connection, type VenueError } from "#src/ports/Venue.ts"
import * as Reference from "#src/venues/reference/Reference.ts"
import * as Wanted from "#src/venues/shared/Wanted.ts"
import { order } from "#test/projections/rows.ts"
import { house } from "#test/support/house.ts"
import type { Chance } from "../engine/Chance.ts"
import { fine, type Input, inputOf, type Seen, type Target, wrong } from "../engine/Target.ts"
import * as Replies from "./replies.ts"
import { sampledOf } from "./venue.ts"

const saidMax = 900
/** Virtual time that a request may take: its own limit, once more, and a stream's. */
const secondsMax = 45
const turnsPerSecond = 12
const login = LoginId.make("reference-demo")
const account = AccountId.make("ref-1")
const testHouse = house({
  venues: { "reference-demo": { venue: "reference", paper: null, reference: { url: "https://reference.test", key: "demo", secret: { $env: "REFERENCE" } } } },
  accounts: { "ref-1": { login: "reference-demo", venueAccount: "A1" } }
})
const mes = Schema.decodeUnknownSync(Instrument)({
  id: "MESZ26", version: 1, root: "MES", asset: "futures", exchange: "CME", tickSize: "0.25", tickValue: "1.25", currency: "USD", lotSize: "1", calendar: "cme-futures"
})
const one = order("abc-1", "entry", "buy", 2, { accountId: account, instrumentId: mes.id, type: "limit", limit: Ticks.make(24_000) })
const id = ClientOrderId.make("abc-1")

type Question = (connection: Connection) => Effect.Effect<unknown, VenueError>

/** What is asked, which answer is hostile, and on which path. */
const questions: Readonly<Record<string, { readonly answer: string; readonly path: RegExp; readonly ask: Question }>> = {
  submit: { answer: "placed", path: /^POST \/v1\/orders$/, ask: (to) => to.submit(one, mes) },
  modify: { answer: "oneOrder", path: /^PATCH /, ask: (to) => to.modify(account, id, { lots: Lots.make(1) }) },
  cancel: { answer: "done", path: /^DELETE \/v1\/orders\//, ask: (to) => to.cancel(account, id) },
  cancelAll: { answer: "cancelled", path: /^DELETE \/v1\/orders$/, ask: (to) => to.cancelAll(account) },
  close: { answer: "placed", path: /^POST \/v1\/close$/, ask: (to) => to.closePosition(account, InstrumentId.make("MESZ26"), id) },
  find: { answer: "oneOrder", path: /^GET \/v1\/orders\//, ask: (to) => to.orderByClientId(account, id) },
  working: { answer: "orders", path: /^GET \/v1\/orders$/, ask: (to) => to.workingOrders(account) },
  positions: { answer: "positions", path: /^GET \/v1\/positions$/, ask: (to) => to.positions(account) },
  balance: { answer: "balance", path: /^GET \/v1\/balance$/, ask: (to) => to.balances(account) },
  fills: { answer: "fills", path: /^GET \/v1\/fills$/, ask: (to) => to.fillsSince(account, 0) },
  bars: { answer: "bars", path: /^GET \/v1\/bars$/, ask: (to) => to.bars(InstrumentId.make("MESZ26"), 0, 60_000, 60_000) },
  events: { answer: "done", path: /^nothing/, ask: (to) => Stream.runCollect(Stream.take(to.events, 2)) },
  signIn: { answer: "signedIn", path: /^POST \/v1\/session$/, ask: (to) => to.positions(account) },
  instruments: { answer: "instruments", path: /^GET \/v1\/instruments$/, ask: (to) => to.submit(one, mes) }
}
const names = Object.keys(questions)

/** Well said, for whatever is not the hostile answer. */
const wellSaid = (what: string): unknown => {
  const found = Object.values(questions).find(({ path }) => path.test(what))
  return Replies.answers[found?.answer ?? "done"]
}

interface Heard {
  readonly requests: Array<string>
  readonly logs: Array<string>
}

const response = (status: number, body: Uint8Array | string, retryAfter?: string): Response => {
  const headers = new Headers()
  if (retryAfter !== undefined && /^[\t\x20-\x7e]*$/.test(retryAfter)) headers.set("retry-after", retryAfter)
  return new Response(status === 204 || (status >= 300 && status < 400) ? undefined : typeof body === "string" ? body : Buffer.from(body), { status, headers })
}

const client = ({ around: { asked = "", retryAfter, status = "200" }, body }: Input, heard: Heard) => HttpClient.make((request, url) =>
  Effect.sync(() => {
    const what = `${request.method} ${url.pathname}`
    heard.requests.push(what)
    const isHostile = questions[asked]?.path.test(what) === true
    return HttpClientResponse.fromWeb(request, isHostile ? response(Number(status), body, retryAfter) : response(200, JSON.stringify(wellSaid(what))))
  }))

/** Says hello, then what it likes. */
const socketOf = (frame: string): Socket.WebSocketLike => {
  const listeners: Array<readonly [kind: string, listener: (event: Socket.WebSocketEvent) => void]> = []
  const tell = (kind: string, event: Socket.WebSocketEvent) => { for (const [of, listener] of Array.from(listeners)) if (of === kind) listener(event) }
  let readyState = 0
  const begin = () => {
    if (readyState !== 0) return
    readyState = 1
    tell("open", {})
    for (const data of ['{"seq":1,"type":"hello"}', frame]) tell("message", { data })
  }
  return {
    get readyState() {
      return readyState
    },
    addEventListener: (kind, listener) => {
      listeners.push([kind, listener])
      if (kind === "message") queueMicrotask(begin)
    },
    removeEventListener: (kind, listener) => {
      const at = listeners.findIndex(([of, found]) => of === kind && found === listener)
      if (at >= 0) listeners.splice(at, 1)
    },
    send: () => {},
    close: (code = 1000, reason = "") => {
      if (readyState >= 2) return
      readyState = 3
      tell("close", { code, reason })
    }
  }
}

const secrets = Layer.succeed(Secrets, Secrets.of({
  get: () => Effect.succeed(Redacted.make(Replies.secret)), operatorToken: Redacted.make("operator-of-the-fuzzing"), mask: Mask.make([Replies.secret])
}))

const loggingTo = (logs: Array<string>) => Logger.layer([Logger.make(({ cause, message }) => void logs.push(`${JSON.stringify(message)} ${Cause.pretty(cause)}`))])

/** What a failed sign-in says is nobody's token yet. */
const isLeakAt = (asked: string) => (text: string): boolean => text.includes(Replies.secret) || (asked !== "signIn" && text.includes(Replies.token))

/** Time passes only while somebody still waits for it. */
const settled = Effect.fnUntraced(function*<A>(fiber: Fiber.Fiber<A>) {
  for (let second = 0; second < secondsMax; second++) {
    for (let turn = 0; turn < turnsPerSecond; turn++) {
      if (fiber.pollUnsafe() !== undefined) return yield* Fiber.join(fiber)
      yield* Effect.promise(() => Promise.resolve())
      yield* Effect.yieldNow
    }
    yield* TestClock.adjust("1 second")
  }
  return undefined
})

const judged = (asked: string, exit: Exit.Exit<unknown, VenueError> | undefined, { logs, requests }: Heard): Seen => {
  const isLeak = isLeakAt(asked)
  if (exit === undefined) return wrong("hung", `no end within ${secondsMax} s of its own time`)
  const leaky = logs.find(isLeak)
  if (leaky !== undefined) return wrong("logged", `a secret in the log: ${leaky.slice(0, 200)}`)
  const orders = requests.filter((what) => /^(?:POST \/v1\/(?:orders|close)|PATCH |DELETE )/.test(what))
  if (orders.length > 1) return wrong("sent", `sent again: ${orders.join(", ")}`)
  if (Exit.isSuccess(exit)) return fine("value")
  const failure = exit.cause.reasons.find(Cause.isFailReason)
  if (failure === undefined) return wrong("crashed", Cause.pretty(exit.cause).slice(0, 600))
  const text = JSON.stringify(failure.error)
  if (isLeak(text)) return wrong(failure.error._tag, "a secret in the error")
  return text.length > saidMax ? wrong(failure.error._tag, `an error of ${text.length} characters`) : fine(failure.error._tag)
}

const judge = (input: Input) => {
  const heard: Heard = { requests: [], logs: [] }
  const { asked = "", frame = "" } = input.around
  const world = Layer.mergeAll(
    Layer.succeed(HttpClient.HttpClient, client(input, heard)), Layer.succeed(Socket.WebSocketConstructor, () => socketOf(frame)), HouseConfig.layerOf(testHouse), secrets,
    loggingTo(heard.logs), Layer.succeed(References.MinimumLogLevel, "All")
  )
  return Effect.gen(function*() {
    const adapter = yield* Reference.makeWith(Wanted.make())
    const config = testHouse.logins.get(login)
    const ask = questions[asked]?.ask
    if (config === undefined || ask === undefined) return yield* Effect.die(`nothing is asked as ${asked}`)
    const work = Effect.exit(Effect.scoped(Effect.flatMap(adapter.connect(config), ask)))
    const exit = yield* settled(yield* Effect.forkChild(work))
    return judged(asked, exit, heard)
  }).pipe(Effect.provide(Layer.merge(world, TestClock.layer())), Effect.scoped)
}

const make = (sampled: Replies.Sampled) => (chance: Chance): Input => {
  const asked = chance.pick(names)
  const { body, retryAfter, status } = Replies.reply(chance, questions[asked]?.answer ?? "done", sampled)
  const frame = Buffer.from(chance.hits(0.6) ? Replies.frame(chance, sampled) : Buffer.from('{"seq":2,"type":"heartbeat"}')).toString()
  return inputOf(body, { asked, status, frame, ...(retryAfter === undefined ? {} : { retryAfter }) })
}

export const target: Target = {
  name: "adapter",
  share: 4,
  width: 1,
  open: (seed) => Effect.map(sampledOf(seed), (sampled) => ({ make: make(sampled), judge }))
}
