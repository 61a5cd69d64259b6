/** One delivery, from its bytes to its answer. Owns: the order of the checks, and what a stranger may learn (nothing). */
import { createHash } from "node:crypto"
import { Context, Effect, Layer, Result } from "effect"
import { Clocks } from "#config/Clocks.ts"
import { type House, HouseConfig } from "#config/House.ts"
import { nearest } from "#config/Nearest.ts"
import { Secrets } from "#config/Secrets.ts"
import * as Symbols from "#config/Symbols.ts"
import type { Delivery, Refusal, RefusalError } from "#schemas/Alert.ts"
import type { LaneConfig } from "#schemas/config/LaneConfig.ts"
import { statusOf, type WebhookAccepted, type WebhookRefused } from "#schemas/contracts/Webhook.ts"
import type { LaneId } from "#schemas/Ids.ts"
import type { Signal } from "#schemas/Signal.ts"
import * as Body from "#src/ingress/Body.ts"
import { Door } from "#src/ingress/Door.ts"
import * as Failures from "#src/ingress/Failures.ts"
import type { FormatId, Invalid, Understood } from "#src/ingress/formats/Format.ts"
import * as Formats from "#src/ingress/formats/Formats.ts"
import { repeatOf } from "#src/ingress/Identity.ts"
import * as Keep from "#src/ingress/Keep.ts"
import * as Masked from "#src/ingress/Masked.ts"
import * as Secret from "#src/ingress/Secret.ts"
import * as Source from "#src/ingress/Source.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

/** What the transport knows of a delivery. */
export interface Incoming {
  readonly lane: string
  /** The secret, where it stands in the path. */
  readonly token: string | undefined
  readonly body: Uint8Array | "tooLarge"
  readonly peer: string
  readonly forwardedFor: string | undefined
  readonly contentType: string | undefined
  /** Ends once the answer has left the house (true), or surely will not (false). */
  readonly written: Effect.Effect<boolean>
}

export interface Answer {
  readonly status: number
  readonly body: WebhookAccepted | WebhookRefused
}

/** An authenticated delivery, before it is understood. */
interface Authenticated {
  readonly lane: LaneConfig
  readonly house: House
  readonly decoded: Body.Decoded
  readonly format: FormatId
  readonly delivery: Delivery
}

const clockAheadMsMax = 5_000
const headerMax = 200
const refusal = (error: RefusalError, message: string, path?: string): Refusal => ({ error, message, ...(path === undefined ? {} : { path }) })

export const answerOf = (refused: Refusal): Answer => ({ status: statusOf[refused.error], body: refused })

/** Of route and original body; the route without its secret. */
const hashOf = (lane: LaneId, body: Uint8Array): string => createHash("sha256").update(`/webhook/${lane}\n`).update(body).digest("base64url")

/** A lane that nobody knows is shown to nobody who could not enter any other. */
const mayEnter = (house: House, lane: LaneConfig | undefined, source: string): boolean => {
  const admits = ({ allowFrom }: LaneConfig) => allowFrom === undefined || Source.isListed(allowFrom, source)
  if (lane !== undefined) return admits(lane)
  const lanes = Array.from(house.lanes.values()).filter(({ enabled }) => enabled)
  return lanes.length === 0 || lanes.some(admits)
}

const understand = ({ lane, house, decoded, format }: Authenticated): Result.Result<Understood, Invalid> =>
  Formats.formats[format].decode(decoded.json, {
    lane: lane.id,
    strategies: () => Array.from(house.strategies.values()).flatMap(({ id, lanes }) => lanes.includes(lane.id) ? [id] : [])
  })

const didYouMean = (name: string, known: Iterable<string>): string => {
  const meant = nearest(name, known)
  return meant === undefined ? "" : `; did you mean "${meant}"?`
}

export const nameless = ({ instruments, strategies }: House, { strategy: id, symbol }: Signal): Refusal | undefined => {
  const strategy = strategies.get(id)
  if (strategy === undefined) {
    return refusal("unknownStrategy", `strategy: expected one of strategies.json, got "${id}"${didYouMean(id, strategies.keys())}`, "strategy")
  }
  if (Resolve.isKnown(instruments, symbol)) return undefined
  const bare = symbol.slice(symbol.indexOf(":") + 1)
  const meant = didYouMean(bare, [...strategy.symbols, ...Symbols.known(instruments)])
  return refusal("unknownSymbol", `symbol: expected an instrument of instruments.json, got "${symbol}"${meant}`, "symbol")
}

const clockNotes = ({ sentAtMs }: Signal, receivedAtMs: number): ReadonlyArray<string> => {
  const aheadMs = (sentAtMs ?? 0) - receivedAtMs
  return aheadMs > clockAheadMsMax ? [`the sender's clock is ahead by ${Math.round(aheadMs / 1000)} s`] : []
}

/** What is to be kept of it: its signal, or why there is none. */
const keepable = (authenticated: Authenticated, mask: Masked.Mask): Keep.Keepable => {
  const { lane, house, delivery } = authenticated
  const base = { lane: lane.id, repeat: repeatOf(lane) }
  const understood = understand(authenticated)
  if (Result.isFailure(understood)) {
    const { path, expected, got, explicitId, partial } = understood.failure
    return {
      ...base, delivery, signal: undefined, partial: Masked.partial(partial, mask),
      refusal: refusal("invalid", mask(`${path}: expected ${expected}, got ${got}`), path),
      strategy: mask(partial.strategy ?? ""),
      explicitId: explicitId === undefined ? undefined : mask(explicitId)
    }
  }
  const { signal, notes } = understood.success
  const refused = nameless(house, signal)
  const masked = refused === undefined ? Masked.freeText(signal, mask) : Masked.signal(signal, mask)
  return {
    ...base,
    delivery: { ...delivery, notes: [...notes.map(mask), ...clockNotes(signal, delivery.receivedAtMs)] },
    signal: masked,
    partial: undefined,
    refusal: refused === undefined ? undefined : { ...refused, message: mask(refused.message) },
    strategy: mask(signal.strategy),
    explicitId: signal.explicitId === undefined ? undefined : mask(signal.explicitId)
  }
}

export class Receive extends Context.Service<Receive, {
  /** Always an answer; to be run without interruption, as what was begun is journaled whether or not the sender still listens. */
  receive(incoming: Incoming): Effect.Effect<Answer>
}>()("src/ingress/Receive") {
  static readonly layer: Layer.Layer<Receive, never, Keep.Needs | HouseConfig | Secrets | RefusedDeliveries | Door> = Layer.effect(Receive, Effect.gen(function*() {
    const houseConfig = yield* HouseConfig
    const secrets = yield* Secrets
    const refused = yield* RefusedDeliveries
    const door = yield* Door
    const clocks = yield* Clocks
    const { keep } = yield* Keep.make
    const failures = Failures.make()

    /** No alert of ours: counted, never journaled. */
    const turnAway = Effect.fnUntraced(function*(source: string, error: RefusalError, message: string) {
      yield* refused.note(error, source)
      return yield* Effect.fail(refusal(error, message))
    })

    const admitted = Effect.fnUntraced(function*({ lane: laneName, body, peer, forwardedFor }: Incoming) {
      const house = yield* houseConfig.current
      const found = Array.from(house.lanes.values()).find(({ id, enabled }) => enabled && id === laneName)
      const source = Source.sourceOf(peer, forwardedFor, found?.trustedProxies)
      if (body === "tooLarge") return yield* turnAway(source, "tooLarge", `expected at most ${Body.bytesMax} bytes`)
      if (!mayEnter(house, found, source)) return yield* turnAway(source, "sourceNotAllowed", "this address may not post here")
      if (found === undefined) return yield* turnAway(source, "unknownLane", "there is no such lane")
      return { house, lane: found, source, body }
    })

    const authenticated = Effect.fnUntraced(function*(incoming: Incoming) {
      const { house, lane, source, body } = yield* admitted(incoming)
      const decoding = Body.decode(body)
      if (Result.isFailure(decoding)) return yield* turnAway(source, "undecodable", decoding.failure.message)
      const decoded = decoding.success
      const format = Formats.choose(decoded.json, lane.formats)
      const claims = [...(incoming.token === undefined ? [] : [incoming.token]), ...Formats.formats[format].secretOf(decoded.json)]
      if (!Secret.matches(yield* secrets.get(lane.secret), claims)) {
        const isTooMuch = failures.note(source, yield* clocks.monotonicMs)
        return yield* turnAway(source, isTooMuch ? "tooManyFailures" : "badSecret", isTooMuch ? "too many failed attempts" : "the secret is missing or wrong")
      }
      const delivery: Delivery = {
        lane: lane.id,
        receivedAtMs: yield* clocks.wallMs,
        source,
        contentType: secrets.mask((incoming.contentType ?? "").slice(0, headerMax)),
        body: Masked.body(decoded.text, secrets.mask),
        format,
        repairs: decoded.repairs,
        notes: [],
        bodyHash: hashOf(lane.id, body)
      }
      return { house, lane, decoded, format, delivery }
    })

    const notDurable = (message: string) => refusal("notDurable", message)

    const process = Effect.fnUntraced(function*(incoming: Incoming): Effect.fn.Return<Answer, Refusal> {
      const item = keepable(yield* authenticated(incoming), secrets.mask)
      const kept = yield* keep(item, incoming.written)
      if (kept === undefined) return yield* turnAway(item.delivery.source, "notDurable", "the alert could not be made durable: send it again")
      const { first, isDuplicate } = kept
      if (first.refusal !== undefined) return answerOf(first.refusal)
      return { status: 200, body: { alertId: first.alertId, status: isDuplicate ? "duplicate" : "accepted" } }
    })

    return Receive.of({
      receive: (incoming) =>
        door.admit(
          process(incoming).pipe(
            Effect.catch((why) => Effect.succeed(answerOf(why))),
            Effect.catchDefect((defect) =>
              Effect.as(Effect.logError("a delivery was not understood", defect), answerOf(notDurable("the alert could not be made durable: send it again"))))
          ),
          Effect.succeed(answerOf(notDurable("not durable now: send it again")))
        )
    })
  }))
}
