/**
 * The house as a user meets it: a process of its own on loopback, with a data folder of the test's. Real time throughout; whoever waits, waits
 * for a condition and never longer than its bound. Nothing of it is left when the test's scope closes.
 */
import { spawn } from "node:child_process"
import * as NodePath from "node:path"
import { Clock, Deferred, Effect, Layer, Option, Schema, type Scope } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { RpcClient, RpcSerialization } from "effect/rpc"
import { readFileSync } from "node:fs"
import { AdminRpc } from "#schemas/contracts/AdminRpc.ts"

export const home = NodePath.resolve(import.meta.dirname, "../..")

const lookEvery = "25 millis"
const readyWithinMs = 20_000
const answerWithin = "10 seconds"

/** A condition that did not come true, with what was seen last. */
export class NeverCame extends Schema.TaggedError<NeverCame>()("NeverCame", { what: Schema.String, withinMs: Schema.Int, seen: Schema.String }) {
  override get message() {
    return `${this.what}: not within ${this.withinMs} ms; seen last: ${this.seen}`
  }
}

/** Looks until it is there. `look` gives what it came for, or what it saw instead. */
export const until = <A, E, R>(what: string, withinMs: number, look: Effect.Effect<Option.Option<A> | string, E, R>) =>
  Effect.gen(function*() {
    const endMs = (yield* Clock.currentTimeMillis) + withinMs
    while (true) {
      const seen = yield* look
      if (typeof seen !== "string" && Option.isSome(seen)) return seen.value
      if ((yield* Clock.currentTimeMillis) > endMs) {
        return yield* new NeverCame({ what, withinMs, seen: typeof seen === "string" ? seen : "nothing" })
      }
      yield* Effect.sleep(lookEvery)
    }
  })

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
}

export interface Child {
  readonly pid: number
  readonly out: () => string
  readonly err: () => string
  readonly ended: Effect.Effect<Ended>
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
}

/** Runs until it ends by itself; killed when the scope closes, and waited for: its folder may go after it. */
export const child = (command: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Effect.Effect<Child, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync((): Child => {
      const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("INTERLOCK_")))
      const started = spawn(command, args, { cwd: home, env: { ...inherited, ...env }, stdio: ["ignore", "pipe", "pipe"] })
      const ended = Deferred.makeUnsafe<Ended>()
      let out = ""
      let err = ""
      started.stdout.on("data", (chunk: Buffer) => { out += chunk.toString() })
      started.stderr.on("data", (chunk: Buffer) => { err += chunk.toString() })
      started.on("error", (error) => { err += error.message })
      started.on("close", (code, signal) => Deferred.doneUnsafe(ended, Effect.succeed({ code, signal })))
      return {
        pid: started.pid ?? 0,
        out: () => out,
        err: () => err,
        ended: Deferred.await(ended),
        signal: (signal) => Effect.sync(() => { started.kill(signal) })
      }
    }),
    ({ ended, signal }) => Effect.andThen(signal("SIGKILL"), ended)
  )

/** Runs a command to its end. */
export const run = (command: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
  Effect.scoped(Effect.gen(function*() {
    const started = yield* child(command, args, env)
    const ended = yield* Effect.timeoutOption(started.ended, "30 seconds")
    return { code: Option.isSome(ended) ? ended.value.code : null, out: started.out(), err: started.err() }
  }))

export interface Options {
  readonly config?: string
  /** All, if absent. */
  readonly lanes?: string
  /** Of whoever starts it. */
  readonly env?: Readonly<Record<string, string>>
}

const environment = (data: string, { config = "config/default", env, lanes }: Options): Record<string, string> => ({
  ...(lanes === undefined ? {} : { INTERLOCK_LANES: lanes }),
  INTERLOCK_DATA: data,
  INTERLOCK_CONFIG: config,
  INTERLOCK_WEBHOOK_PORT: "0",
  INTERLOCK_ADMIN_PORT: "0",
  INTERLOCK_LOG: "warn",
  ...env
})

/** Begins; nobody knows yet whether it will be ready. */
export const begin = (data: string, options: Options = {}) =>
  child(process.execPath, [NodePath.join(home, "src/main.ts"), "start"], environment(data, options))

export interface House extends Child {
  readonly data: string
  readonly webhookUrl: string
  readonly operatorUrl: string
  /** From its birth to the ready line. */
  readonly readyMs: number
}

const readyLine = /^(?:ready|rescue) webhook=(\S+) operator=(\S+)$/m

/** A house over this folder, at its first line: ready, or in rescue mode. */
export const start = Effect.fnUntraced(function*(data: string, options: Options = {}) {
  const bornMs = yield* Clock.currentTimeMillis
  const started = yield* begin(data, options)
  const [, webhookUrl = "", operatorUrl = ""] = yield* until("the ready line", readyWithinMs, Effect.sync(() => {
    const found = readyLine.exec(started.out())
    return found === null ? started.out() + started.err() : Option.some(found)
  }))
  const house: House = { ...started, data, webhookUrl, operatorUrl, readyMs: (yield* Clock.currentTimeMillis) - bornMs }
  return house
})

/** Ends as no signal handler sees it. */
export const kill = (house: Child) => Effect.andThen(house.signal("SIGKILL"), house.ended)

/** How it ended, once it has. */
export const ended = Effect.fnUntraced(function*(house: Child, withinMs = 8_000) {
  const found = yield* Effect.timeoutOption(house.ended, withinMs)
  if (Option.isSome(found)) return found.value
  return yield* new NeverCame({ what: "its end", withinMs, seen: house.out() + house.err() })
})

/** Ctrl+C, and how it left. */
export const leave = (house: Child) => Effect.andThen(house.signal("SIGINT"), ended(house))

export const linesOf = ({ out }: Child): ReadonlyArray<string> => out().split("\n").slice(0, -1)

/** One line of what it prints, once it is whole. */
export const line = (house: Child, index: number) =>
  until(`line ${index}`, 5_000, Effect.sync(() => Option.fromUndefinedOr(linesOf(house)[index])))

export const secretOf = (data: string): string => readFileSync(NodePath.join(data, "secrets/webhook-secret"), "utf8").trim()

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

const Json = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown))

/** Bytes to a lane. None: no answer came, as when the house died meanwhile. */
export const send = (house: House, lane: string, body: string): Effect.Effect<Option.Option<Answer>> =>
  Effect.tryPromise(async (signal) => {
    const response = await fetch(`${house.webhookUrl}/webhook/${lane}`, { method: "POST", body, signal, headers: { "content-type": "application/json" } })
    return { status: response.status, body: Schema.decodeUnknownSync(Json)(await response.text()) }
  }).pipe(Effect.timeout(answerWithin), Effect.option)

/** An alert with the right secret, as its sender would write it. */
export const alert = (house: House, lane: string, body: Readonly<Record<string, unknown>>) =>
  send(house, lane, JSON.stringify({ secret: secretOf(house.data), ...body }))

/** The command line, as typed. */
export const cli = (data: string, ...args: ReadonlyArray<string>) =>
  run(process.execPath, [NodePath.join(home, "ops/cli/main.ts"), ...args], { INTERLOCK_DATA: data })

const makeClient = RpcClient.make(AdminRpc)
type Client = Effect.Success<typeof makeClient>

const signed = ({ data, operatorUrl }: House) =>
  Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, HttpClient.mapRequest((request) => request.pipe(
    HttpClientRequest.prependUrl(`${operatorUrl}/rpc`),
    HttpClientRequest.bearerToken(readFileSync(NodePath.join(data, "operator-token"), "utf8").trim())
  )))).pipe(Layer.provide(FetchHttpClient.layer))

/** What the command line asks, without starting one: for conditions that are looked at often. */
export const ask = <A, E>(house: House, question: (client: Client) => Effect.Effect<A, E>) =>
  Effect.flatMap(makeClient, question).pipe(
    Effect.scoped,
    Effect.provide(Layer.effect(RpcClient.Protocol, Effect.flatMap(HttpClient.HttpClient, (client) => RpcClient.makeProtocolHttp(client))).pipe(
      Layer.provide([RpcSerialization.layerNdjson, signed(house)])
    )),
    Effect.timeout(answerWithin)
  )

/** Until every account may take new risk. */
export const open = (house: House) =>
  until("all accounts open", 15_000, Effect.map(ask(house, (client) => client.Status()), ({ accounts, state }) =>
    state === "running" && accounts.every((account) => account.state === "open") ? Option.some(accounts) : JSON.stringify({ state, accounts })))

/** Until every accepted alert has an outcome on every account; gives the inbox. */
export const settled = (house: House, withinMs = 60_000) =>
  until("every alert settled", withinMs, Effect.map(ask(house, (client) => client.Alerts({ limit: 10_000 })), (alerts) => {
    const open = alerts.filter(({ outcomes, status }) =>
      status === "accepted" && (outcomes.length === 0 || outcomes.some(({ outcome }) => outcome === "pending")))
    return open.length === 0 ? Option.some(alerts) : JSON.stringify(open)
  }))
