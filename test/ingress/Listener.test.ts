/** The port itself, over loopback: routes, bounds while reading, senders that leave or dawdle, health, and closing. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Ref, Schedule } from "effect"
import * as Http from "node:http"
import * as Net from "node:net"
import { Door } from "#src/ingress/Door.ts"
import { WebhookAddress } from "#src/ingress/Listener.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import { journalInMemory } from "#test/support/journal.ts"
import { alert, deliveryTags, faultyJournal, listening, makeDisk, rows, secret } from "./support.ts"

interface Reply {
  readonly status: number
  readonly body: string
  readonly connection: string | undefined
}

const send = (method: string, path: string, body?: string | Uint8Array, headers: Record<string, string> = {}) =>
  Effect.flatMap(WebhookAddress, ({ port }) =>
    Effect.callback<Reply, Error>((resume) => {
      const request = Http.request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
        const chunks: Array<Buffer> = []
        response.on("data", (chunk) => chunks.push(chunk))
        response.on("end", () => resume(Effect.succeed({
          status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), connection: response.headers.connection
        })))
      })
      request.on("error", (error) => resume(Effect.fail(error)))
      request.end(body)
    }))

const post = (body: string | Uint8Array, path = "/webhook/futures", headers: Record<string, string> = {}) => send("POST", path, body, headers)

/** Bytes on a bare socket; what came back until the other side closed. */
const raw = (text: string, more: (socket: Net.Socket) => void = () => {}) =>
  Effect.flatMap(WebhookAddress, ({ port }) =>
    Effect.callback<string, Error>((resume) => {
      const socket = Net.connect(port, "127.0.0.1", () => {
        socket.write(text)
        more(socket)
      })
      let came = ""
      socket.on("data", (chunk) => { came += chunk.toString() })
      socket.on("error", () => {})
      socket.on("close", () => resume(Effect.succeed(came)))
      return Effect.sync(() => socket.destroy())
    }))

const brief = ({ status, body }: Reply): string => {
  const parsed: Record<string, string> = body === "" ? {} : JSON.parse(body)
  return [status, parsed["error"] ?? parsed["status"], ...(parsed["path"] === undefined ? [] : [parsed["path"]])].join(" ")
}

const open = listening().pipe(Layer.provideMerge(journalInMemory))
/** Looks again until it is so, for what happens behind an answer. */
const eventually = <E, R>(look: Effect.Effect<boolean, E, R>) =>
  Effect.repeat(look, { until: (isSo) => isSo, schedule: Schedule.spaced("5 millis") }).pipe(Effect.timeout("5 seconds"))

const chunked = (path: string) => `POST ${path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`
const whole = (body: string) => `POST /webhook/futures HTTP/1.1\r\nhost: x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

describe("the port", () => {
  const answers: ReadonlyArray<readonly [what: string, reply: ReturnType<typeof send>, answer: string]> = [
    ["an alert", post(alert()), "200 accepted"],
    ["text/plain", post(alert(), "/webhook/futures", { "content-type": "text/plain; charset=utf-8" }), "200 accepted"],
    ["a secret in the path", post(alert({ secret: undefined }), `/webhook/futures/${secret}`), "200 accepted"],
    ["a body of chunks", post(alert(), "/webhook/futures", { "transfer-encoding": "chunked" }), "200 accepted"],
    ["a body announced", post(alert(), "/webhook/futures", { expect: "100-continue" }), "200 accepted"],
    ["a body of 64 KiB", post(alert().padEnd(65_536)), "200 accepted"],
    ["one byte more", post(alert().padEnd(65_537)), "413 tooLarge"],
    ["one byte more for no lane", post(alert().padEnd(65_537), "/webhook/none"), "413 tooLarge"],
    ["one byte more from a stranger", post(alert().padEnd(65_537), "/webhook/guarded"), "413 tooLarge"],
    ["a stranger", post("oops", "/webhook/guarded"), "403 sourceNotAllowed"],
    ["a lane nobody knows", post("oops", "/webhook/none"), "404 unknownLane"],
    ["an escaped lane", post("oops", "/webhook/%2e%2e%2fetc"), "404 unknownLane"],
    ["no JSON", post("oops"), "400 undecodable"],
    ["nothing", post(""), "400 undecodable"],
    ["no UTF-8", post(Uint8Array.from([0x7b, 0xff, 0x7d])), "400 undecodable"],
    ["a wrong secret and a bad schema", post("{\"secret\":\"open-sesame-4712\"}"), "401 badSecret"],
    ["a wrong secret in the path", post(alert({ secret: undefined }), "/webhook/futures/wrong"), "401 badSecret"],
    ["a bad field", post(alert({ tp: "near" })), "422 invalid tp"],
    ["an unknown symbol", post(alert({ symbol: "XYZ" })), "422 unknownSymbol symbol"],
    ["GET", send("GET", "/webhook/futures"), "404 unknownLane"],
    ["PUT", send("PUT", "/webhook/futures", alert()), "404 unknownLane"],
    ["another path", send("GET", "/"), "404 unknownLane"],
    ["a longer path", post(alert(), `/webhook/futures/${secret}/x`), "404 unknownLane"],
    ["the operator's path", post("{}", "/rpc"), "404 unknownLane"]
  ]
  for (const [what, reply, answer] of answers) {
    it.live(`${what}: ${answer}`, () =>
      Effect.gen(function*() {
        const replied = yield* reply
        assert.strictEqual(brief(replied), answer)
        if (answer.startsWith("413")) assert.strictEqual(replied.connection, "close")
      }).pipe(Effect.provide(open)))
  }

  it.live("answers JSON with the alert's id", () =>
    Effect.gen(function*() {
      const accepted: Record<string, string> = JSON.parse((yield* post(alert({ id: "x" }))).body)
      const duplicate: Record<string, string> = JSON.parse((yield* post(alert({ id: "x" }))).body)
      assert.deepStrictEqual([accepted, duplicate], [
        { alertId: accepted["alertId"], status: "accepted" }, { alertId: accepted["alertId"], status: "duplicate" }
      ])
    }).pipe(Effect.provide(open)))

  it.live("takes fifty alerts at once, fifty equal ones too", () =>
    Effect.gen(function*() {
      const bodies = Array.from({ length: 50 }, (_, index) => alert({ quantity: index + 1 }))
      const different = yield* Effect.forEach(bodies, (body) => post(body), { concurrency: "unbounded" })
      const equal = yield* Effect.forEach(bodies, () => post(alert()), { concurrency: "unbounded" })
      assert.deepStrictEqual(new Set([...different, ...equal].map(brief)), new Set(["200 accepted"]))
      assert.strictEqual((yield* deliveryTags).length, 100)
    }).pipe(Effect.provide(open)))

  it.live("invites a body that waits to be asked for, and none too large", () =>
    Effect.gen(function*() {
      const asking = (size: number) => `POST /webhook/futures HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\nconnection: close\r\ncontent-length: ${size}\r\n\r\n`
      const answer = yield* raw(asking(alert().length), (socket) => socket.once("data", () => socket.write(alert())))
      assert.match(answer, /^HTTP\/1\.1 100 .*HTTP\/1\.1 200 /s)
      assert.match(yield* raw(asking(65_537)), /^HTTP\/1\.1 413 /)
    }).pipe(Effect.provide(open), Effect.timeout("5 seconds")))

  it.live("journals an answer once it left", () =>
    Effect.gen(function*() {
      yield* post(alert())
      yield* eventually(Effect.map(rows, (all) => all.some(({ event }) => event._tag === "AlertAnswered" && event.status === 200)))
    }).pipe(Effect.provide(open)))
})

describe("a sender that", () => {
  it.live("never ends its oversized body is told so and cut", () =>
    Effect.gen(function*() {
      const chunk = `8000\r\n${"x".repeat(0x8000)}\r\n`
      assert.match(yield* raw(chunked("/webhook/futures") + chunk + chunk + chunk), /^HTTP\/1\.1 413 .*tooLarge/s)
      assert.match(yield* raw("POST /webhook/futures HTTP/1.1\r\nhost: x\r\ncontent-length: 900000000\r\n\r\n{"), /^HTTP\/1\.1 413 /)
    }).pipe(Effect.provide(open)))

  it.live("dawdles over its headers or body is cut, and holds up nobody", () =>
    Effect.gen(function*() {
      const slow = yield* Effect.forEach(
        ["POST /webhook/futures HTTP/1.1\r\nhost: x\r\nx-a: ", whole(alert()).slice(0, -5), chunked("/webhook/futures")],
        (text) => Effect.forkChild(raw(text))
      )
      assert.strictEqual(brief(yield* post(alert({ quantity: 1 }))), "200 accepted")
      const came = yield* Effect.timeout(Fiber.joinAll(slow), "10 seconds")
      assert.isTrue(came.every((text) => !text.includes(" 200 ")))
      assert.deepStrictEqual(yield* deliveryTags, ["AlertAccepted"])
    }).pipe(Effect.provide(listening({ headersWithinMs: 200, requestWithinMs: 400 }).pipe(Layer.provideMerge(journalInMemory)))))

  it.live("leaves before its body was whole leaves nothing", () =>
    Effect.gen(function*() {
      yield* raw(whole(alert()).slice(0, -5), (socket) => socket.end())
      assert.strictEqual(brief(yield* post(alert())), "200 accepted")
      assert.deepStrictEqual(yield* deliveryTags, ["AlertAccepted"])
      assert.deepStrictEqual(yield* (yield* RefusedDeliveries).counts, {})
    }).pipe(Effect.provide(open)))

  it.live("leaves before the answer is written: its alert is kept, and its resend a duplicate", () =>
    Effect.gen(function*() {
      const disk = yield* makeDisk
      yield* Effect.gen(function*() {
        const begun = yield* Deferred.make<void>()
        const release = yield* Deferred.make<void>()
        yield* Ref.set(disk.before, Effect.andThen(Deferred.succeed(begun, undefined), Deferred.await(release)))
        const first = yield* Effect.forkChild(raw(whole(alert())))
        yield* Deferred.await(begun)
        yield* Fiber.interrupt(first)
        yield* Ref.set(disk.before, Effect.void)
        const second = yield* Effect.forkChild(post(alert()))
        yield* send("GET", "/healthz") // by then the port has seen the first one leave
        yield* send("GET", "/healthz")
        yield* Deferred.succeed(release, undefined)
        assert.strictEqual(brief(yield* Fiber.join(second)), "200 duplicate")
        assert.deepStrictEqual(yield* deliveryTags, ["AlertAccepted", "AlertDuplicated"])
      }).pipe(Effect.provide(listening().pipe(Layer.provideMerge(faultyJournal(disk).pipe(Layer.provide(journalInMemory))))))
    }))
})

describe("health", () => {
  it.live("is 200 while alerts would be durable, else 503, as are they", () =>
    Effect.gen(function*() {
      const disk = yield* makeDisk
      yield* Effect.gen(function*() {
        assert.deepStrictEqual((yield* send("GET", "/healthz")).body, "{\"ok\":true}")
        assert.strictEqual((yield* send("HEAD", "/healthz")).status, 200)
        yield* Ref.set(disk.down, true)
        assert.strictEqual((yield* send("GET", "/healthz")).status, 503)
        assert.strictEqual(brief(yield* post(alert())), "503 notDurable")
        yield* Ref.set(disk.down, false)
        assert.strictEqual(brief(yield* post(alert())), "200 accepted")
        yield* (yield* Door).close
        assert.strictEqual((yield* send("GET", "/healthz")).status, 503)
        assert.strictEqual(brief(yield* post(alert())), "503 notDurable")
      }).pipe(Effect.provide(listening().pipe(Layer.provideMerge(faultyJournal(disk).pipe(Layer.provide(journalInMemory))))))
    }))
})

describe("closing", () => {
  it.live("cuts silent connections, waits for them no longer than a moment, and frees the port", () =>
    Effect.gen(function*() {
      const { port, silent } = yield* Effect.gen(function*() {
        const address = yield* WebhookAddress
        const texts = ["", "POST /webhook/futures HTTP/1.1\r\n", whole(alert()).slice(0, -5), chunked("/webhook/futures")]
        const silent = yield* Effect.forEach(texts, (text) => Effect.forkDetach(raw(text), { startImmediately: true }))
        yield* post(alert())
        return { port: address.port, silent }
      }).pipe(Effect.provide(open), Effect.timeout("4 seconds"))
      yield* Effect.timeout(Fiber.joinAll(silent), "4 seconds")
      const again = yield* Effect.provide(WebhookAddress, listening({ port }).pipe(Layer.provideMerge(journalInMemory)))
      assert.strictEqual(again.port, port)
    }))
})
