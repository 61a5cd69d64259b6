/**
 * What a venue answers, as its adapter reads it: never a crash, never a word of what was secret, nothing read that our own schemas forbid, and
 * never called certain what the answer does not prove.
 */
import { BigDecimal, Effect, Result, Schema } from "effect"
import { Fill } from "#schemas/Fill.ts"
import { InstrumentId, LoginId } from "#schemas/Ids.ts"
import { OrderReport } from "#schemas/Order.ts"
import { Bar, Quote } from "#schemas/Quote.ts"
import { PositionReport } from "#schemas/VenueEvent.ts"
import type { VenueError } from "#src/ports/Venue.ts"
import * as Answers from "#src/venues/reference/Answers.ts"
import * as Reading from "#src/venues/reference/Reading.ts"
import type { Specs } from "#src/venues/reference/Specs.ts"
import * as Wire from "#src/venues/reference/Wire.ts"
import * as Complaints from "#src/venues/shared/Complaints.ts"
import * as Text from "#src/venues/shared/Text.ts"
import { house } from "#test/support/house.ts"
import type { Chance } from "../engine/Chance.ts"
import * as Samples from "../engine/Samples.ts"
import { fine, type Input, inputOf, type Seen, type Target, wrong } from "../engine/Target.ts"
import * as Replies from "./replies.ts"

const samplesEach = 40
const saidMax = 600
const utf8 = new TextDecoder()
const testHouse = house()
const clean = Text.make(() => [Replies.secret, Replies.token])
const complaints = Complaints.make(LoginId.make("reference-demo"))
const instrument = InstrumentId.make("MESZ26")
const spec = { tickSize: BigDecimal.fromStringUnsafe("0.25"), lotSize: BigDecimal.fromStringUnsafe("1") }

const specs: Specs = {
  listed: new Map(),
  house: Effect.succeed(testHouse),
  of: (_house, symbol) => symbol === "MESZ26" ? spec : symbol === "PF_XBTUSD" ? { tickSize: BigDecimal.fromStringUnsafe("0.5"), lotSize: BigDecimal.fromStringUnsafe("0.0001") } : undefined,
  disagreement: () => undefined,
  symbolOf: (id) => id,
  fronts: () => []
}

const readers = {
  signedIn: Answers.signedIn, renewed: Answers.renewed, instruments: Answers.instruments, placed: Answers.placed, done: Answers.done, cancelled: Answers.cancelled,
  oneOrder: Answers.oneOrder, orders: Answers.orders, positions: Answers.positions, balance: Answers.balance, fills: Answers.fills, bars: Answers.bars
} as const
type Name = keyof typeof readers
const names = Object.keys(readers) as ReadonlyArray<Name>

const wireOf: Readonly<Record<string, Schema.Codec<unknown, unknown>>> = {
  signedIn: Wire.SignedIn, renewed: Wire.Renewed, oneOrder: Wire.OneOrder, positions: Wire.Positions, balance: Wire.Balance, frame: Wire.Frame
}

const rowsOf = { orders: Wire.Order, fills: Wire.Fill, bars: Wire.Bar } as const

const isReport = Schema.is(OrderReport)
const isFill = Schema.is(Fill)
const isPosition = Schema.is(PositionReport)
const isQuote = Schema.is(Quote)
const isBar = Schema.is(Bar)

/** What our own schemas forbid among what was read. */
const strange = (what: string, all: ReadonlyArray<unknown>, is: (value: unknown) => boolean): string | undefined => {
  const found = all.find((one) => one !== undefined && !is(one))
  return found === undefined ? undefined : `read as ${what}: ${String(found)}`
}

const isLeak = (text: string): boolean => text.includes(Replies.secret) || text.includes(Replies.token)

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The venue's own no stands in it: by its status, or in words. */
const saysNo = (status: number, body: string): boolean => {
  const said = parsed(body)
  const isNo = typeof said === "object" && said !== null && ("error" in said || "penalty" in said)
  return (status >= 400 && status < 500 && status !== 408) || (isNo && ((status >= 200 && status < 300) || status === 503))
}

const failed = (error: VenueError, status: number, body: string): Seen => {
  const text = JSON.stringify(error)
  if (text.length > saidMax) return wrong(error._tag, `an error of ${text.length} characters`)
  if (isLeak(text) || isLeak(error.message)) return wrong(error._tag, "a secret in the error")
  return error._tag !== "Ambiguous" && !saysNo(status, body) ? wrong(error._tag, `called certain on status ${status}`) : fine(error._tag)
}

const reading = () => Reading.make({ clean, complaints, memory: Reading.emptyMemory(), source: "reference-demo", specs })

/** Rows on their way to us. */
const read = Effect.fnUntraced(function*(name: Name, answer: Parameters<typeof Answers.orders>[0]) {
  const to = reading()
  const result = readers[name](answer, clean)
  if (Result.isFailure(result)) return result.failure
  switch (name) {
    case "oneOrder":
      return strange("an order", [yield* to.order(Result.getOrThrow(Answers.oneOrder(answer, clean)).order, testHouse)], isReport)
    case "orders":
      return strange("an order", yield* to.orders(Result.getOrThrow(Answers.orders(answer, clean)).orders, testHouse), isReport)
    case "fills":
      return strange("a fill", yield* to.fills(Result.getOrThrow(Answers.fills(answer, clean)).fills, testHouse), isFill)
    case "bars":
      return strange("a bar", yield* to.bars(Result.getOrThrow(Answers.bars(answer, clean)).bars, instrument, spec, 60_000), isBar)
    case "positions": {
      const positions = to.positions(Result.getOrThrow(Answers.positions(answer, clean)).positions, testHouse)
      return Result.isFailure(positions) ? undefined : strange("a position", positions.success, isPosition)
    }
    default:
      return undefined
  }
})

const judgeAnswer = Effect.fnUntraced(function*({ around: { read: asked, retryAfter, status = "200" }, body }: Input) {
  const name = names.find((one) => one === asked) ?? "done"
  const text = utf8.decode(body)
  const found = yield* read(name, { status: Number(status), retryAfter, body: text })
  if (typeof found === "string") return wrong("read", found)
  return found === undefined ? fine("read") : failed(found, Number(status), text)
})

const decodeFrame = Schema.decodeUnknownResult(Wire.Frame)

const judgeFrame = Effect.fnUntraced(function*({ body }: Input) {
  const to = reading()
  const frame = decodeFrame(utf8.decode(body))
  if (Result.isFailure(frame)) return fine("no frame")
  const one = frame.success
  const found = one.type === "order" ? strange("an order", [yield* to.order(one.order, testHouse)], isReport)
    : one.type === "fill" ? strange("a fill", [yield* to.fill(one.fill, testHouse)], isFill)
    : one.type === "position" ? strange("a position", [yield* to.position(one.position, testHouse)], isPosition)
    : one.type === "quote" ? strange("a quote", [yield* to.quote(one.quote, testHouse, 1_795_000_000_000)], isQuote)
    : undefined
  return found === undefined ? fine("frame") : wrong("frame", found)
})

const make = (sampled: Replies.Sampled) => (chance: Chance): Input => {
  if (chance.hits(0.25)) return inputOf(Replies.frame(chance, sampled), { read: "frame" })
  const name = chance.pick(names)
  const { body, retryAfter, status } = Replies.reply(chance, name, sampled)
  return inputOf(body, { read: name, status, ...(retryAfter === undefined ? {} : { retryAfter }) })
}

/** Of every schema of its wire. */
export const sampledOf = Effect.fnUntraced(function*(seed: string) {
  const sampled = new Map<string, ReadonlyArray<unknown>>()
  for (const [name, schema] of Object.entries(wireOf)) {
    const all = yield* Samples.encoded(schema, `${seed}/${name}`, samplesEach)
    sampled.set(name, all.map((one) => typeof one === "string" ? parsed(one) : one))
  }
  for (const [name, schema] of Object.entries(rowsOf)) {
    const row: Schema.Codec<unknown, unknown> = schema
    const rows = yield* Samples.encoded(row, `${seed}/${name}`, samplesEach)
    sampled.set(name, rows.map((one, index) => ({ [name]: [one, rows[index + 1] ?? one] })))
  }
  return sampled
})

export const target: Target = {
  name: "venue",
  share: 12,
  width: 1,
  open: (seed) => Effect.map(sampledOf(seed), (sampled) => ({
    make: make(sampled),
    judge: (input) => input.around["read"] === "frame" ? judgeFrame(input) : judgeAnswer(input)
  }))
}
