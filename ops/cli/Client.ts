/** Asks the running house over its operator listener. */
import { type Duration, Effect, Layer, Redacted, Stream } from "effect"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as RpcClient from "effect/rpc/RpcClient"
import type { RpcClientError } from "effect/rpc/RpcClientError"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import { AdminRpc, type NotFound, type NotNow } from "#schemas/contracts/AdminRpc.ts"
import type { CommandDenied, ReloadRefused } from "#schemas/contracts/Commands.ts"
import { Failure } from "./Failure.ts"
import * as Runtime from "./Runtime.ts"

const answerMax = "20 seconds"

const makeClient = RpcClient.make(AdminRpc)
export type Client = Effect.Success<typeof makeClient>

type Refusal = RpcClientError | NotFound | NotNow | CommandDenied | ReloadRefused

/** What a question may end with, on its way here. */
export type Asked<A> = Effect.Effect<A, Refusal | Failure>

/** With the operator's token; an answer that is no 2xx is an error. */
const signed = ({ operatorUrl, token }: Runtime.Runtime, over: Layer.Layer<HttpClient.HttpClient>) =>
  Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, (client) => client.pipe(
    HttpClient.mapRequest((request) => request.pipe(
      HttpClientRequest.prependUrl(`${operatorUrl.replace(/\/$/, "")}/rpc`),
      HttpClientRequest.bearerToken(Redacted.value(token))
    )),
    HttpClient.filterStatusOk
  ))).pipe(Layer.provide(over))

const protocol = (runtime: Runtime.Runtime, over = FetchHttpClient.layer) =>
  Layer.effect(RpcClient.Protocol, Effect.flatMap(HttpClient.HttpClient, (client) => RpcClient.makeProtocolHttp(client))).pipe(
    Layer.provide([RpcSerialization.layerNdjson, signed(runtime, over)])
  )

/** One question or several to the house that runs now. */
export const ask = <A>(question: (client: Client, runtime: Runtime.Runtime) => Asked<A>, within: Duration.Input & string = answerMax): Effect.Effect<A, Failure> =>
  Effect.gen(function*() {
    const runtime = yield* Runtime.find
    return yield* Effect.flatMap(makeClient, (client) => question(client, runtime)).pipe(
      Effect.scoped,
      Effect.provide(protocol(runtime)),
      Effect.timeoutOrElse({
        duration: within,
        orElse: () => Effect.fail(new Failure({ end: "failed", error: "noAnswer", message: `the runtime did not answer within ${within}; try again` }))
      }),
      Effect.mapError((error) => toFailure(error, runtime))
    )
  })

/** An answer that goes on as long as the house does: whoever follows it ends with the house, as unreachable. */
export const follow = <A>(question: (client: Client) => Stream.Stream<A, Refusal>, each: (answer: A) => Effect.Effect<void>): Effect.Effect<never, Failure> =>
  Effect.gen(function*() {
    const runtime = yield* Runtime.find
    const gone = Runtime.unreachable(`the runtime (pid ${runtime.pid}) is gone`)
    yield* Effect.flatMap(makeClient, (client) => Stream.runForEach(question(client), each)).pipe(
      Effect.scoped,
      // A fetch ends an answer that is silent for minutes.
      Effect.provide(protocol(runtime, NodeHttpClient.layerNodeHttp)),
      Effect.mapError((error) => {
        const failure = toFailure(error, runtime)
        return failure.error === "badAnswer" || failure.error === "cutOff" ? gone : failure
      })
    )
    return yield* gone
  })

/** The connection was there and broke. */
const brokenCodes: ReadonlySet<unknown> = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"])
const isBroken = (error: unknown): boolean =>
  typeof error === "object" && error !== null && (("code" in error && brokenCodes.has(error.code)) || ("cause" in error && isBroken(error.cause)))

/** The answer stopped before its end. */
const isTorn = ({ reason }: RpcClientError): boolean =>
  reason._tag === "HttpError"
    ? reason.kind === "DecodeError" || (reason.kind === "TransportError" && isBroken(reason))
    : /ended before|empty/.test(reason.message)

/** It heard the question and its answer broke off: what was asked may have been done all the same. */
const cutOff = ({ pid }: Runtime.Runtime): Failure => new Failure({
  end: "unreachable",
  error: "cutOff",
  message: `the runtime (pid ${pid}) broke off before it had answered: what was asked may have been done all the same; \`npm start\` if it is gone, then look`
})

const toFailure = (error: Refusal | Failure, runtime: Runtime.Runtime): Failure => {
  if (error instanceof Failure) return error
  if (error._tag === "NotFound") return new Failure({ end: "failed", error: "notFound", message: error.message })
  if (error._tag === "CommandDenied") return new Failure({ end: "failed", error: "denied", message: error.message, detail: { reason: error.reason } })
  if (error._tag === "ReloadRefused") {
    return new Failure({ end: "failed", error: "reloadRefused", message: error.message, detail: { problems: error.problems, refused: error.refused } })
  }
  if (error._tag === "NotNow") return new Failure({ end: "failed", error: "notNow", message: error.message })
  const { reason } = error
  if (isTorn(error)) return cutOff(runtime)
  if (reason._tag === "HttpError" && reason.kind === "TransportError") {
    return Runtime.unreachable(`the runtime (pid ${runtime.pid}) does not listen at ${runtime.operatorUrl}`)
  }
  const status = reason._tag === "HttpError" && reason.cause instanceof HttpClientError.StatusCodeError ? reason.cause.response.status : undefined
  return status === 401
    ? new Failure({ end: "failed", error: "unauthorized", message: `the runtime does not know the token in ${Runtime.dataFolder()}/operator-token: restart it, it reads the token when it starts` })
    : new Failure({ end: "failed", error: "badAnswer", message: `the runtime at ${runtime.operatorUrl} answered ${status ?? "what cannot be read"}` })
}
