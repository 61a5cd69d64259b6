/** Bytes to signals: whatever is read is a signal that its schema holds, whatever is not says in bounds why. */
import { Effect, Result, Schema } from "effect"
import { LaneId, StrategyId } from "#schemas/Ids.ts"
import { Signal } from "#schemas/Signal.ts"
import * as Body from "#src/ingress/Body.ts"
import type { FormatId } from "#src/ingress/formats/Format.ts"
import * as Formats from "#src/ingress/formats/Formats.ts"
import * as Masked from "#src/ingress/Masked.ts"
import { attempt, fine, inputOf, type Seen, type Target, wrong } from "../engine/Target.ts"
import * as Alerts from "./alerts.ts"

const secret = "open-sesame-4711"
const saidMax = 1_500
const notesMax = 20
const ids = Object.keys(Formats.formats) as ReadonlyArray<FormatId>
const route = { lane: LaneId.make("futures"), strategies: () => [StrategyId.make("demo-futures")] }
const codec = Schema.toCodecJson(Signal)
const encode = Schema.encodeSync(codec)
const decode = Schema.decodeUnknownSync(codec)

const mask = (text: string): string => text.replaceAll(secret, "***")

const judge = (bytes: Uint8Array): Seen => {
  const decoded = Body.decode(bytes)
  if (Result.isFailure(decoded)) return decoded.failure.message.length > saidMax ? wrong("undecodable", "a long message") : fine("undecodable")
  if (Masked.body(decoded.success.text, mask).includes(secret)) return wrong("decoded", "the secret outlives its mask")
  const format = Formats.choose(decoded.success.json, ids)
  const understood = Formats.formats[format].decode(decoded.success.json, route)
  if (Result.isFailure(understood)) {
    const { expected, got, path } = understood.failure
    if (path === "") return wrong(`${format} invalid`, "refused without a place")
    return `${path}${expected}${got}`.length > saidMax ? wrong(`${format} invalid`, "a long refusal") : fine(`${format} invalid`)
  }
  const { notes, signal } = understood.success
  if (notes.length > notesMax || notes.join("").length > saidMax) return wrong(format, "notes without bound")
  const written = JSON.stringify(encode(signal))
  const again = JSON.stringify(encode(decode(JSON.parse(written))))
  return again === written ? fine(format) : wrong(format, `reads otherwise than it was written: ${again}`)
}

export const target: Target = {
  name: "formats",
  share: 30,
  width: 1,
  open: () => Effect.succeed({
    make: (chance) => inputOf(Alerts.body(chance, secret)),
    judge: ({ body }) => attempt(() => judge(body))
  })
}
