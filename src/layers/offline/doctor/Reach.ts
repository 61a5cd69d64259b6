/** Whether alerts can get in: the webhook's own answer, from here and, where an address is given, from outside. */
import { Effect, Option } from "effect"
import { HttpClient } from "effect/http"
import * as Environment from "#config/Environment.ts"
import { Settings } from "#config/Settings.ts"
import * as Found from "#src/layers/offline/doctor/Found.ts"
import type { Running } from "#src/layers/offline/doctor/Running.ts"

const answerWithin = "10 seconds"
const variable = "INTERLOCK_PUBLIC_URL"

/** Only host and port are ever shown: a path may carry a token. */
const healthz = Effect.fnUntraced(function*(check: string, base: string, remedy: string) {
  const url = URL.parse(base)
  if (url === null || !/^https?:$/.test(url.protocol)) return Found.failed(check, "what is given is no address", "give it as https://host")
  const client = yield* HttpClient.HttpClient
  return yield* client.get(new URL("/healthz", url.origin)).pipe(
    Effect.timeout(answerWithin),
    Effect.map(({ status }) => status === 200
      ? Found.ok(check, `${url.origin} answers`)
      : Found.failed(check, `${url.origin} answers ${status}`, remedy)),
    Effect.catch(() => Effect.succeed(Found.failed(check, `${url.origin} does not answer`, remedy)))
  )
})

const local = (running: Running | undefined) => running === undefined
  ? Effect.succeed(Found.unknown("webhook", "no house is running", "start it with `npm start`"))
  : healthz("webhook", running.webhookUrl, "see the house's log; `interlock status` says whether it runs")

const fromOutside = Effect.fnUntraced(function*(given: string | undefined) {
  const { home } = yield* Settings
  const set = yield* Environment.variable(yield* Environment.providerIn(home), variable)
  const url = given ?? Option.getOrUndefined(set)
  return url === undefined
    ? Found.unknown("public webhook", "no address is given", `set ${variable}, or ask with --url https://...`)
    : yield* healthz("public webhook", url, "check the tunnel or proxy in front of the webhook, and that it leads to the webhook's port alone")
})

export const all = (running: Running | undefined, publicUrl: string | undefined) => Effect.all([local(running), fromOutside(publicUrl)], { concurrency: 2 })
