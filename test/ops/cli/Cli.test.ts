/** The command as a person runs it: a process of its own, against a real listener on loopback. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import * as NodePath from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { AccountView, AlertView, OrderView, PositionView, StatusView, StoryView, TradeView } from "#schemas/contracts/Views.ts"
import { Journal } from "#src/ports/Journal.ts"
import { listening, port, token, webhookSecret } from "#test/admin/house.ts"
import { accepted, acknowledged, bracket, decided, filled, gated, intended } from "#test/projections/rows.ts"

const main = NodePath.resolve(import.meta.dirname, "../../../ops/cli/main.ts")

interface Done {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const dataFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(NodePath.join(tmpdir(), "interlock-cli-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

const run = (folder: string, ...args: ReadonlyArray<string>) =>
  Effect.promise(() => new Promise<Done>((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, INTERLOCK_DATA: folder }, stdio: ["ignore", "pipe", "pipe"] })
    let out = ""
    let err = ""
    child.stdout.on("data", (chunk: Buffer) => { out += chunk.toString() })
    child.stderr.on("data", (chunk: Buffer) => { err += chunk.toString() })
    child.on("close", (code) => resolve({ code, out, err }))
  })).pipe(Effect.tap(({ err, out }) => Effect.sync(() => {
    assert.notInclude(out + err, token, "the operator's token never appears")
    assert.notInclude(out + err, webhookSecret, "a secret never appears")
  })))

const leave = (folder: string, operatorUrl: string, pid = process.pid, known = token) => Effect.sync(() => {
  writeFileSync(NodePath.join(folder, "runtime.json"), JSON.stringify({ pid, webhookUrl: "unused", operatorUrl, startedAtMs: 1 }))
  writeFileSync(NodePath.join(folder, "operator-token"), `${known}\n`)
})

/** Accepts what is bought, refuses the rest, and keeps what came. */
const webhook = Effect.acquireRelease(Effect.promise(() => new Promise<{ readonly url: string; readonly came: Array<string>; readonly close: () => void }>((resolve) => {
  const came: Array<string> = []
  const server = createServer((asked, answer) => {
    let body = ""
    asked.on("data", (chunk: Buffer) => { body += chunk.toString() })
    asked.on("end", () => {
      came.push(`${asked.method} ${asked.url} ${body}`)
      const isGood = body.includes("\"buy\"")
      answer.writeHead(isGood ? 200 : 422, { "content-type": "application/json" })
      answer.end(JSON.stringify(isGood ? { status: "accepted", alertId: "a9" } : { error: "invalid", message: "expected a price", path: "tp" }))
    })
  })
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    const at = typeof address === "object" && address !== null ? address.port : 0
    resolve({ url: `http://127.0.0.1:${at}`, came, close: () => { server.closeAllConnections(); server.close() } })
  })
})), ({ close }) => Effect.sync(close))

/** A house with one open trade on paper-1, as a person's data folder shows it. */
const running = Effect.gen(function*() {
  const folder = yield* dataFolder
  yield* leave(folder, `http://localhost:${yield* port}`)
  const journal = yield* Journal
  yield* journal.append("ingress/futures", "any", [accepted("a1")])
  yield* journal.append("dispatch", "any", [gated("a1", ["paper-1"])])
  yield* journal.append("account/paper-1", "any", [
    decided("a1"), intended(bracket.entry), intended(bracket.stop), acknowledged(bracket.entry), filled(bracket.entry, 2, "6000"), acknowledged(bracket.stop)
  ])
  return folder
})

const decodeAs = <A>(schema: Schema.Codec<A, unknown>, text: string): A => Schema.decodeUnknownSync(Schema.fromJsonString(schema))(text)

const runtimeOptions = { webhookUrl: "http://127.0.0.1:1" }

describe("the command against a running house", () => {
  it.live("prints the contract's views as JSON and tables for people", () => Effect.gen(function*() {
    const folder = yield* running
    const json = (...args: ReadonlyArray<string>) => Effect.map(run(folder, ...args, "--json"), (done) => {
      assert.deepStrictEqual([done.code, done.err], [0, ""], args.join(" "))
      return done.out
    })
    assert.strictEqual(decodeAs(StatusView, yield* json("status")).isSimulated, true)
    assert.strictEqual(decodeAs(Schema.Array(AccountView), yield* json("accounts")).length, 3)
    assert.strictEqual(decodeAs(Schema.Array(PositionView), yield* json("positions"))[0]?.quantity, "2")
    assert.strictEqual(decodeAs(Schema.Array(OrderView), yield* json("orders")).length, 2)
    assert.deepStrictEqual(decodeAs(Schema.Array(TradeView), yield* json("trades")), [])
    assert.strictEqual(decodeAs(Schema.Array(AlertView), yield* json("alerts", "--since", "0", "--limit", "1"))[0]?.alertId, "a1")
    assert.strictEqual(decodeAs(StoryView, yield* json("why", "a1")).lines.length > 5, true)

    for (const args of [["status"], ["accounts"], ["positions"], ["orders"], ["alerts"], ["why", "a1"]]) {
      const { code, out } = yield* run(folder, ...args)
      assert.strictEqual(code, 0)
      assert.include(out, "SIMULATED", args.join(" "))
    }
    const { out } = yield* run(folder, "positions")
    const [head = "", line = ""] = out.split("\n")
    assert.strictEqual(line.slice(head.indexOf("PROTECTION")).startsWith("protected"), true)
  }).pipe(Effect.scoped, Effect.provide(listening(runtimeOptions))), 60_000)

  it.live("ends with 1 when told no, and says it on stderr", () => Effect.gen(function*() {
    const folder = yield* running
    const person = yield* run(folder, "why", "nobody")
    assert.deepStrictEqual([person.code, person.out], [1, ""])
    assert.strictEqual(person.err, "interlock: no alert nobody: `interlock alerts` lists those that came\n")
    const machine = yield* run(folder, "why", "nobody", "--json")
    assert.deepStrictEqual(JSON.parse(machine.err), { error: "notFound", message: "no alert nobody: `interlock alerts` lists those that came" })

    yield* leave(folder, `http://localhost:${yield* port}`, process.pid, "another-token")
    const stranger = yield* run(folder, "status", "--json")
    assert.strictEqual(stranger.code, 1)
    assert.strictEqual(JSON.parse(stranger.err).error, "unauthorized")
  }).pipe(Effect.scoped, Effect.provide(listening(runtimeOptions))), 60_000)
})

describe("send", () => {
  it.live("posts the canonical body to the strategy's lane and prints the answer", () => Effect.gen(function*() {
    const hook = yield* webhook
    const sends = Effect.gen(function*() {
      const folder = yield* running
      const good = yield* run(folder, "send", "buy", "MES1!", "--strategy", "demo-futures", "--sl", "40t", "--order-type", "stopLimit", "--limit", "6000", "--stop", "5999", "--id", "x-1", "--json")
      assert.deepStrictEqual([good.code, JSON.parse(good.out)], [0, { status: "accepted", alertId: "a9" }])
      const [, path, body] = hook.came[0]?.split(" ") ?? []
      assert.strictEqual(path, "/webhook/futures")
      assert.deepStrictEqual(JSON.parse(body ?? ""), {
        secret: webhookSecret, action: "buy", symbol: "MES1!", strategy: "demo-futures", sl: "40t", orderType: "stopLimit", limitPrice: "6000", stopPrice: "5999", id: "x-1"
      })

      const person = yield* run(folder, "send", "buy", "MES1!", "--strategy", "demo-futures")
      assert.deepStrictEqual([person.code, person.out], [0, "status accepted  alertId a9\nwhy: npx interlock why a9\n"])

      const bad = yield* run(folder, "send", "sell", "MES1!", "--strategy", "demo-futures", "--tp", "x", "--json")
      assert.deepStrictEqual([bad.code, bad.out, JSON.parse(bad.err)], [1, "", { error: "invalid", message: "expected a price", path: "tp", status: 422 }])
      const unknown = yield* run(folder, "send", "buy", "MES1!", "--strategy", "nobody")
      assert.strictEqual(unknown.code, 1)
      assert.include(unknown.err, "demo-futures")
    })
    yield* sends.pipe(Effect.scoped, Effect.provide(listening({ webhookUrl: hook.url })))
  }).pipe(Effect.scoped), 60_000)
})

describe("without a house", () => {
  it.live("ends with 3 and one line that says what to do", () => Effect.gen(function*() {
    const folder = yield* dataFolder
    const nothing = yield* run(folder, "status")
    assert.strictEqual(nothing.code, 3)
    assert.match(nothing.err, /^interlock: no runtime is running on .+: start it with `npm start`\n$/)

    const gone = yield* Effect.promise(() => new Promise<number>((resolve) => {
      const child = spawn(process.execPath, ["-e", ""])
      child.on("close", () => resolve(child.pid ?? 0))
    }))
    yield* leave(folder, "http://localhost:1", gone)
    assert.strictEqual((yield* run(folder, "status")).code, 3)
    yield* leave(folder, "http://localhost:1")
    const deaf = yield* run(folder, "alerts", "--json")
    assert.strictEqual(deaf.code, 3)
    assert.strictEqual(JSON.parse(deaf.err).error, "unreachable")
  }).pipe(Effect.scoped), 60_000)

  it.live("ends with 2 on wrong usage, 0 on help", () => Effect.gen(function*() {
    const folder = yield* dataFolder
    for (const args of [["statsu"], ["why"], ["alerts", "--limit", "0"], ["alerts", "--since", "x"], ["send", "shout", "MES1!", "--strategy", "s"], ["status", "--nonsense"]]) {
      const done = yield* run(folder, ...args)
      assert.deepStrictEqual([done.code, done.out, done.err.split("\n").length], [2, "", 2], `${args.join(" ")}: ${done.err}`)
    }
    const machine = yield* run(folder, "alerts", "--limit", "0", "--json")
    assert.strictEqual(JSON.parse(machine.err).error, "usage")
    const help = yield* run(folder, "--help")
    assert.strictEqual(help.code, 0)
    assert.include(help.out, "positions")
  }).pipe(Effect.scoped), 60_000)
})
