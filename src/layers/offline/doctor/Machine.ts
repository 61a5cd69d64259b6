/** Node, clock and ports. */
import { createServer } from "node:net"
import { Clock, DateTime, Effect, Option } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import type { Listener } from "#config/Settings.ts"
import type { Finding } from "#schemas/contracts/Commands.ts"
import * as Found from "#src/layers/offline/doctor/Found.ts"
import { portOf, type Running } from "#src/layers/offline/doctor/Running.ts"

const nodeMin = 24
const nodeMeant = 26

export const node = (version: string): Finding => {
  const major = Number(version.split(".")[0])
  if (major < nodeMin) return Found.failed("node", `Node ${version}, ${nodeMin} is needed`, "start with `npm start`, which brings its own")
  return major < nodeMeant
    ? Found.warning("node", `Node ${version}; ${nodeMeant} is what it is tested with`, "start with `npm start`, which brings its own")
    : Found.ok("node", `Node ${version}`)
}

/** Between two looks at both clocks. A step of the wall clock in between is what is looked for. */
const watchMs = 200
const stepMsMax = 50
const nanosPerMs = 1_000_000

/** Whoever answers over HTTPS says what time it is, to the second. */
const timeUrl = "https://www.cloudflare.com/cdn-cgi/trace"
const answerWithin = "10 seconds"
const skewMsMax = 2_000

const steps = Effect.gen(function*() {
  const [wall, steady] = [yield* Clock.currentTimeMillis, yield* Clock.currentTimeNanos]
  yield* Effect.sleep(watchMs)
  return (yield* Clock.currentTimeMillis) - wall - Number((yield* Clock.currentTimeNanos) - steady) / nanosPerMs
})

const clockRemedy = "let the system keep the time (chrony, systemd-timesyncd, or the system's own setting)"

const online = (url: string) => Effect.gen(function*() {
  const client = yield* HttpClient.HttpClient
  const before = yield* Clock.currentTimeMillis
  const { headers } = yield* client.execute(HttpClientRequest.head(url))
  const after = yield* Clock.currentTimeMillis
  const theirs = DateTime.make(headers["date"] ?? "")
  if (Option.isNone(theirs)) return Found.unknown("clock", `${new URL(url).host} does not say what time it is`)
  // Their second may have begun up to a second ago, and the answer was on its way.
  const ahead = after - (DateTime.toEpochMillis(theirs.value) + 1_000)
  const behind = DateTime.toEpochMillis(theirs.value) - before
  const skew = Math.max(ahead, behind, 0)
  return skew > skewMsMax
    ? Found.warning("clock", `off by about ${Math.round(skew / 1_000)} s against ${new URL(url).host}: ages of alerts are judged by it`, clockRemedy)
    : Found.ok("clock", `within ${skewMsMax / 1_000} s of ${new URL(url).host}`)
}).pipe(
  Effect.timeout(answerWithin),
  Effect.catch(() => Effect.succeed(Found.unknown("clock", `${new URL(url).host} does not answer`, "check the network and try again")))
)

export const clock = (isOnline: boolean) =>
  Effect.gen(function*() {
    const stepMs = yield* steps
    if (Math.abs(stepMs) > stepMsMax) return Found.warning("clock", `the wall clock was moved by ${Math.round(stepMs)} ms just now`, clockRemedy)
    return isOnline ? yield* online(timeUrl) : Found.unknown("clock", "it goes steadily; not compared with any other", "`interlock doctor --online` asks a server for the time")
  })

/** Whether this user could listen there now. */
const listens = ({ host, port }: Listener) =>
  Effect.callback<string | undefined>((resume) => {
    const server = createServer()
    server.once("error", (error) => resume(Effect.succeed("code" in error ? String(error.code) : error.message)))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resume(Effect.succeed(undefined))))
  })

const portOfOne = Effect.fnUntraced(function*(name: string, variable: string, at: Listener, held: number | undefined) {
  const check = `port ${name}`
  if (at.port === 0) return Found.ok(check, "any free port is taken at the start")
  if (held === at.port) return Found.ok(check, `${at.port} on ${at.host} is held by the running house`)
  const code = yield* listens(at)
  if (code === undefined) return Found.ok(check, `${at.port} on ${at.host} is free`)
  return code === "EADDRINUSE"
    ? Found.failed(check, `${at.port} on ${at.host} is in use by another program`, `stop that program, or set ${variable}_PORT`)
    : Found.failed(check, `${at.port} on ${at.host} cannot be listened on (${code})`, `set ${variable}_PORT to one above 1023, and ${variable}_HOST to an address of this machine`)
})

export const ports = (webhook: Listener, admin: Listener, running: Running | undefined) =>
  Effect.all([
    portOfOne("webhook", "INTERLOCK_WEBHOOK", webhook, running === undefined ? undefined : portOf(running.webhookUrl)),
    portOfOne("operator", "INTERLOCK_ADMIN", admin, running === undefined ? undefined : portOf(running.operatorUrl))
  ])
