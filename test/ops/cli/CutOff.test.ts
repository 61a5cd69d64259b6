/** The command against a house that hears it and dies, and commands that are asked oddly: each ending is said in one line, with its code. */
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import * as NodePath from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { folder } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"

const main = NodePath.join(Process.home, "ops/cli/main.ts")

/** What it answers before its end; `end`: it closes the answer, else the connection breaks. */
interface Last {
  readonly values?: ReadonlyArray<unknown>
  readonly exit?: unknown
  readonly end: boolean
}

/** A house that speaks the operator's protocol as far as it is told to. */
const dying = (last: Last) => Effect.gen(function*() {
  const data = yield* folder
  const asked: Array<{ readonly payload: Readonly<Record<string, unknown>> }> = []
  const port = yield* Effect.acquireRelease(
    Effect.callback<{ readonly at: number; readonly close: () => void }>((resume) => {
      const server = createServer((request, answer) => {
        let body = ""
        request.on("data", (chunk: Buffer) => { body += chunk.toString() })
        request.on("end", () => {
          const question = JSON.parse(body.split("\n")[0] ?? "")
          asked.push(question)
          const line = (message: object) => answer.write(`${JSON.stringify({ ...message, requestId: question.id })}\n`)
          if (last.values !== undefined && last.values.length > 0) line({ _tag: "Chunk", values: last.values })
          if (last.exit !== undefined) line({ _tag: "Exit", exit: { _tag: "Success", value: last.exit } })
          if (last.end) answer.end()
          else if (last.values === undefined) request.socket.destroy()
          else answer.write(" ", () => request.socket.destroy())
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed({ at: typeof address === "object" && address !== null ? address.port : 0, close: () => { server.closeAllConnections(); server.close() } }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )
  mkdirSync(data, { recursive: true })
  writeFileSync(NodePath.join(data, "runtime.json"), JSON.stringify({ pid: process.pid, webhookUrl: "unused", operatorUrl: `http://127.0.0.1:${port.at}`, startedAtMs: 1 }))
  writeFileSync(NodePath.join(data, "operator-token"), "some-token\n")
  const type = (...args: ReadonlyArray<string>) => Process.run(process.execPath, [main, ...args], { INTERLOCK_DATA: data })
  return { type, asked }
})

const receipt = { _tag: "Receipt", receipt: { accountId: "paper-1", state: "flat", isSimulated: true, steps: [] } }

describe("a house that dies while it is asked", () => {
  it.live.each([
    ["before it answered", { end: false }],
    ["with a closed answer", { end: true }]
  ] as const)("%s: a flatten is unknown, which is never flat; other commands may have been done", ([, last]) => Effect.gen(function*() {
    const { type } = yield* dying(last)
    const [flat, kill] = yield* Effect.all([type("flatten", "--all"), type("kill", "--json")], { concurrency: "unbounded" })
    assert.deepStrictEqual([flat.code, kill.code], [4, 3])
    assert.match(flat.err, /^interlock: unknown, which is never flat: the runtime .* may have been done all the same.*\n$/)
    const said = JSON.parse(kill.err)
    assert.strictEqual(said.error, "cutOff")
    assert.match(said.message, /may have been done all the same/)
  }).pipe(Effect.scoped), 60_000)

  it.live.each([true, false])("receipts that came count, nothing else (closed: %s)", (end) => Effect.gen(function*() {
    const { type } = yield* dying({ values: [receipt], end })
    const { code, err, out } = yield* type("flatten", "--all")
    assert.strictEqual(code, 4)
    assert.match(out, /paper-1 +flat +SIMULATED/)
    assert.match(err, /^interlock: accounts without a receipt are unknown/)
  }).pipe(Effect.scoped), 60_000)
})

it.live.each([
  ["nothing at all", [], /unknown, which is never flat: no receipt came/],
  ["one account without its receipt", [receipt, { _tag: "Step", accountId: "paper-2", atMs: 1, text: "closes 1 lot" }], /paper-2 is unknown \(no receipt of it came\)/]
] as const)("a flatten that ends in good order with %s is not flat", ([, values, said]) => Effect.gen(function*() {
  const { type } = yield* dying({ values, exit: null, end: true })
  const { code, err } = yield* type("flatten", "--all")
  assert.strictEqual(code, 4, err)
  assert.match(err, said)
}).pipe(Effect.scoped), 60_000)

describe("what is asked oddly", () => {
  it.live("a reason that is too long is cut: no kill is refused for it", () => Effect.gen(function*() {
    const { asked, type } = yield* dying({ exit: { commandId: "operator-1", durable: true, lines: ["all is killed"] }, end: true })
    const { code, err } = yield* type("kill", "--json", "--why", "x".repeat(2_000))
    assert.deepStrictEqual([code, err], [0, ""])
    assert.strictEqual(asked[0]?.payload["why"], "x".repeat(500))
  }).pipe(Effect.scoped), 60_000)

  it.live("a symbol without a name is wrong usage, in one line", () => Effect.gen(function*() {
    const { asked, type } = yield* dying({ end: true })
    const [close, place] = yield* Effect.all([type("close", "paper-1", ""), type("order", "place", "paper-1", "buy", "", "--sl", "10t")], { concurrency: "unbounded" })
    assert.deepStrictEqual([close.code, close.err.split("\n").length, place.code, place.err.split("\n").length], [2, 2, 2, 2])
    assert.deepStrictEqual(asked, [])
  }).pipe(Effect.scoped), 60_000)

  it.live("an order command that is not on disk ends with 1, as every other one does", () => Effect.gen(function*() {
    const { type } = yield* dying({ exit: { commandId: "operator-1", durable: false, lines: ["its cancel is on its way"] }, end: true })
    const { code, err, out } = yield* type("order", "cancel", "il-1", "--json")
    assert.strictEqual(code, 1)
    assert.strictEqual(JSON.parse(err).error, "notDurable")
    assert.strictEqual(JSON.parse(out).durable, false)
  }).pipe(Effect.scoped), 60_000)
})
