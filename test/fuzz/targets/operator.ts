/**
 * The operator's port: nobody without the token learns or changes anything, whatever is asked it goes on, and what is asked rightly is
 * never answered with a defect.
 */
import { Effect, Layer, Schema } from "effect"
import { AdminRpc } from "#schemas/contracts/AdminRpc.ts"
import { Journal } from "#src/ports/Journal.ts"
import { listening, port, token, webhookSecret } from "#test/admin/house.ts"
import * as Bytes from "../engine/Bytes.ts"
import type { Chance } from "../engine/Chance.ts"
import * as Hostile from "../engine/Hostile.ts"
import * as Samples from "../engine/Samples.ts"
import * as Socket from "../engine/Socket.ts"
import { fine, type Input, inputOf, type Target, wrong } from "../engine/Target.ts"
import * as Tree from "../engine/Tree.ts"
import * as Requests from "./requests.ts"

const samplesEach = 40
/** What lasts is let go before it counts as slow; what was asked rightly is answered by then. */
const within = "1500 millis"
const answerMax = 40_000
/** An answer that lasts, waits for actors that are not here, or needs what this house has not. */
const lasting = new Set(["Tail", "Flatten", "Backup", "Diagnose"])
const statuses = new Set([101, 200, 204, 400, 401, 403, 404, 405, 408, 413, 417, 426, 431])
const paths = ["/rpc", "/rpc", "/rpc", "/rpc/ws", "/metrics", "/healthz", "/", "/rpc/../metrics", "/rpc?a=b", "/RPC", "/rpc/"]
const hosts = ["localhost", "127.0.0.1:8481", "[::1]", "evil.example", ""]
const upgrade: ReadonlyArray<readonly [string, string]> = [
  ["connection", "upgrade"], ["upgrade", "websocket"], ["sec-websocket-version", "13"], ["sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="]
]

/** A kill of everything waits for every account to say that it cancels. */
const isLasting = (tag: string, payload: unknown): boolean => lasting.has(tag) || (tag === "SetSwitch" && JSON.stringify(payload).includes('"all"'))

const envelope = (tag: string, payload: unknown): Readonly<Record<string, unknown>> => ({ _tag: "Request", id: "1", tag, payload, headers: [] })

type Asked = ReadonlyArray<readonly [tag: string, payloads: ReadonlyArray<unknown>]>

/** A masked text frame, as a browser would send it. */
const frame = (text: Uint8Array): Uint8Array =>
  text.length < 126
    ? Buffer.concat([Uint8Array.of(0x81, 0x80 | text.length, 0, 0, 0, 0), text])
    : Buffer.concat([Uint8Array.of(0x81, 0xfe, (text.length >> 8) & 255, text.length & 255, 0, 0, 0, 0), text])

/** Asked rightly by whoever may. */
const right = (chance: Chance, asked: Asked): Input => {
  const [tag, payloads] = chance.pick(asked.filter(([name]) => !lasting.has(name)))
  const body = Bytes.encode(`${JSON.stringify(envelope(tag, chance.pick(payloads.filter((payload) => !isLasting(tag, payload)))))}\n`)
  const headers: Requests.Parts["headers"] = [["host", "localhost"], ["authorization", `Bearer ${token}`], ["connection", "close"]]
  return inputOf(Requests.print(chance, { method: "POST", path: "/rpc", headers, body }, false), { asked: tag })
}

const partsOf = (chance: Chance, asked: Asked): Requests.Parts => {
  const [tag, payloads] = chance.pick(asked)
  const tree = Tree.brokenOften(chance, Tree.of(envelope(tag, chance.pick(payloads))), chance.between(0, 3))
  const path = chance.pick(paths)
  const text = Bytes.encode(chance.hits(0.9) ? `${Tree.print(tree)}\n` : chance.pick(Hostile.texts))
  const signed = chance.hits(0.6) ? [["authorization", `Bearer ${chance.hits(0.8) ? token : chance.pick(Hostile.texts)}`] as const] : []
  return {
    method: path.startsWith("/rpc") && path !== "/rpc/ws" ? "POST" : "GET",
    path,
    headers: [["host", chance.hits(0.8) ? "localhost" : chance.pick(hosts)], ...signed, ...(path === "/rpc/ws" ? upgrade : []), ...(chance.hits(0.1) ? [["origin", chance.pick(["null", "http://localhost", "https://evil.example"])] as const] : [])],
    body: path === "/rpc/ws" ? frame(text) : path === "/metrics" || path === "/healthz" ? new Uint8Array() : text
  }
}

const isCommand = (tag: string): boolean => tag === "CommandGiven" || tag === "SwitchSet"

const judge = Effect.fnUntraced(function*({ around: { asked, leaves }, body }: Input) {
  const journal = yield* Journal
  const { seq } = yield* journal.status
  const reply = yield* Socket.send(yield* port, body, within, leaves === "yes")
  const answered = Socket.statusesOf(reply)
  const label = `${answered[0] ?? (reply.wasCut ? "silent" : "closed")}`
  if (reply.isDead) return wrong("dead", "nobody listens any more")
  const strange = answered.find((status) => !statuses.has(status))
  if (strange !== undefined) return wrong(String(strange), `answered ${strange}`)
  if (reply.text.length > answerMax * Math.max(1, answered.length)) return wrong(label, `answers of ${reply.text.length} bytes`)
  if (reply.text.includes(token)) return wrong(label, "the operator's token in the answer")
  const said = Buffer.from(body).toString("latin1")
  if (reply.text.includes(webhookSecret) && !said.includes("SendTarget")) return wrong(label, "a secret in the answer")
  if (!said.includes(token)) {
    if (/"_tag":"(?:Exit|Chunk|Defect)"/.test(reply.text)) return wrong(label, "answered without the token")
    const rows = yield* journal.readAfter(seq, 100)
    if (rows.some(({ event }) => isCommand(event._tag))) return wrong(label, "a command without the token")
  }
  if (asked !== undefined && answered.length === 0) return wrong(label, `${asked} is not answered: ${said.slice(-300)}`)
  return asked !== undefined && /"_tag":"(?:Die|Defect)"/.test(reply.text) ? wrong(label, `${asked} ends in a defect: ${reply.text.slice(-300)}`) : fine(asked === undefined ? label : `${label} asked`)
})

export const target: Target = {
  name: "operator",
  share: 3,
  width: 1,
  open: Effect.fnUntraced(function*(seed) {
    const asked: Array<readonly [string, ReadonlyArray<unknown>]> = []
    for (const [tag, { payloadSchema }] of AdminRpc.requests) {
      const schema: Schema.Codec<unknown, unknown> = payloadSchema
      asked.push([tag, yield* Samples.encoded(Schema.toCodecJson(schema), `${seed}/${tag}`, samplesEach)])
    }
    const services = yield* Layer.build(listening({ webhookUrl: "http://127.0.0.1:1", metrics: Effect.succeed("figures 1\n") }).pipe(Layer.orDie))
    return {
      make: (chance) => chance.hits(0.3) ? right(chance, asked) : inputOf(Requests.connection(chance, () => partsOf(chance, asked), chance.hits(0.5)), chance.hits(0.1) ? { leaves: "yes" } : {}),
      judge: (input) => Effect.provideContext(judge(input), services)
    }
  })
}
