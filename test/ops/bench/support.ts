/** Processes of the bench, as the bench starts them. Nobody may import it: it is driven by its command lines. */
import { spawnSync } from "node:child_process"
import * as NodePath from "node:path"
import { Effect, Option, Schema } from "effect"
import * as Process from "#test/support/process.ts"

export const bench = NodePath.join(Process.home, "ops/bench")
export const secret = "the-secret-of-the-test-00000000000000"
export const python = "/usr/bin/python3"

/** What the bridge needs; elsewhere its tests are left out, as the bench leaves out its ratios. */
export const hasBridge = spawnSync(python, ["-c", "import fastapi, uvicorn, uvloop, httptools"]).status === 0

const readyLine = /^ready http:\/\/127\.0\.0\.1:(\d+)$/m

/** A baseline, once it listens. */
export const serve = Effect.fnUntraced(function*(command: string, ...args: ReadonlyArray<string>) {
  const child = yield* Process.child(command, args, { BENCH_SECRET: secret })
  const port = yield* Process.until("a baseline", 20_000, Effect.sync(() => {
    const found = readyLine.exec(child.out())?.[1]
    return found === undefined ? child.out() + child.err() : Option.some(Number(found))
  }))
  return { ...child, port }
})

export const nodeBaseline = (file: string, ...args: ReadonlyArray<string>) => serve(process.execPath, NodePath.join(bench, "baselines", file), ...args)

export const bridge = (brokerPort: number, accounts: number, log: string) =>
  serve(python, NodePath.join(bench, "baselines/bridge.py"), String(brokerPort), String(accounts), "trend", "MES,MNQ", log)

export const order = { strategy: "trend", action: "buy", symbol: "MES", price: "6900.25", id: "one-000000000001" }

/** The answer's status. */
export const post = (port: number, path: string, body: unknown) =>
  Effect.promise(async () => {
    const text = typeof body === "string" ? body : JSON.stringify(body)
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body: text, headers: { "content-type": "application/json" } })
    await response.text()
    return response.status
  })

const Stamps = Schema.Array(Schema.Tuple([Schema.String, Schema.String, Schema.Finite]))
/** Alert, account and time of every order since the last look. */
export const stamps = (port: number) =>
  Effect.promise(async () => Schema.decodeUnknownSync(Stamps)(await (await fetch(`http://127.0.0.1:${port}/stamps`)).json()))

const Result = Schema.fromJsonString(Schema.Struct({
  answered: Schema.Int,
  lost: Schema.Int,
  statuses: Schema.Record(Schema.String, Schema.Int),
  perSecond: Schema.Finite,
  nextNumber: Schema.Int,
  sent: Schema.Array(Schema.Tuple([Schema.Int, Schema.Finite]))
}))

/** A request of the generator; `@` where its number stands. */
export const request = (path: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`

export const generate = (plan: Readonly<Record<string, unknown>>) =>
  Effect.map(
    Process.run(process.execPath, [NodePath.join(bench, "load.ts"), JSON.stringify({ warmSeconds: 0, stamps: true, firstNumber: 0, connections: 4, ...plan })]),
    ({ out }) => Schema.decodeSync(Result)(out)
  )
