/** The webhook's real port: whatever bytes come, it goes on, answers what HTTP and the contract know, and a 200 has its durable row. */
import { Effect, Layer } from "effect"
import { AlertId } from "#schemas/Ids.ts"
import { WebhookAddress } from "#src/ingress/Listener.ts"
import { Journal } from "#src/ports/Journal.ts"
import { listening, otherSecret, secret } from "#test/ingress/support.ts"
import * as Bytes from "../engine/Bytes.ts"
import type { Chance } from "../engine/Chance.ts"
import * as Hostile from "../engine/Hostile.ts"
import * as Socket from "../engine/Socket.ts"
import { fine, type Input, inputOf, type Target, wrong } from "../engine/Target.ts"
import * as Tree from "../engine/Tree.ts"
import * as Alerts from "./alerts.ts"
import * as Requests from "./requests.ts"
import { journalOnDisk } from "./webhook.ts"

const within = "4000 millis"
const answerMax = 3_000
/** What Node's own parser answers beside the contract: 408, 417, 431. A disk that is well never makes it 503. */
const statuses = new Set([200, 400, 401, 403, 404, 408, 413, 417, 422, 429, 431])
const open = ["/webhook/futures", "/webhook/crypto", "/webhook/patient"]
const paths = ["/webhook/guarded", "/webhook/none", "/webhook/", "/webhook", "/", "/healthz", "/rpc", "//", "*", "http://x/webhook/futures"]

const pathOf = (chance: Chance): string => {
  if (chance.hits(0.6)) return chance.pick(open)
  const path = chance.pick(paths)
  if (chance.hits(0.2)) return `${path}/${secret}`
  return chance.hits(0.1) ? `${path}/${chance.pick(Hostile.texts)}?${chance.pick(Hostile.texts)}` : path
}

const partsOf = (chance: Chance): Requests.Parts => ({
  method: "POST",
  path: pathOf(chance),
  headers: [["host", "x"], ["content-type", chance.hits(0.8) ? "application/json" : chance.pick(Hostile.texts)]],
  body: chance.hits(0.3) ? Bytes.encode(Tree.print(Alerts.sound(chance, secret))) : Alerts.body(chance, secret)
})

const make = (chance: Chance): Input =>
  inputOf(Requests.connection(chance, () => partsOf(chance), chance.hits(0.6)), chance.hits(0.1) ? { leaves: "yes" } : {})

/** Alerts that the answers call accepted, without a row on disk that says so. */
const unkept = Effect.fnUntraced(function*(text: string) {
  const journal = yield* Journal
  const ids = [...text.matchAll(/"alertId":"([^"]+)","status":"accepted"/g)].map(([, id = ""]) => id)
  const missing: Array<string> = []
  for (const id of ids) {
    const { seq } = yield* journal.status
    const rows = yield* journal.readAlert(AlertId.make(id))
    if (!rows.some((row) => row.seq <= seq && row.event._tag === "AlertAccepted")) missing.push(id)
  }
  return missing
})

const judge = Effect.fnUntraced(function*({ around, body }: Input) {
  const { port } = yield* WebhookAddress
  const reply = yield* Socket.send(port, body, within, around["leaves"] === "yes")
  const answered = Socket.statusesOf(reply)
  const label = answered.length === 0 ? reply.wasCut ? "silent" : "closed" : String(answered[0])
  if (reply.isDead) return wrong("dead", "nobody listens any more")
  const strange = answered.find((status) => !statuses.has(status))
  if (strange !== undefined) return wrong(String(strange), `answered ${strange}`)
  if (reply.wasCut) return wrong(label, `neither answered nor closed within ${within}`)
  if (reply.text.length > answerMax * Math.max(1, answered.length)) return wrong(label, `answers of ${reply.text.length} bytes`)
  if (reply.text.includes(secret) || reply.text.includes(otherSecret)) return wrong(label, "a secret in the answer")
  const missing = yield* unkept(reply.text)
  return missing.length > 0 ? wrong(label, `accepted without a durable row: ${missing.join(", ")}`) : fine(label)
})

export const target: Target = {
  name: "listener",
  warm: 40_000,
  share: 5,
  width: 16,
  open: () => Effect.map(Layer.build(listening().pipe(Layer.provideMerge(journalOnDisk), Layer.orDie)), (services) => ({
    make,
    judge: (input) => Effect.provideContext(judge(input), services)
  }))
}
