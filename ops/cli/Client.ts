/** Asks the running house over its operator listener. */
import { Effect, Layer, Redacted } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as RpcClient from "effect/rpc/RpcClient"
import type { RpcClientError } from "effect/rpc/RpcClientError"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import { AdminRpc, type NotFound, type NotNow } from "#schemas/contracts/AdminRpc.ts"
import { Failure } from "./Failure.ts"
import * as Runtime from "./Runtime.ts"

const answerMax = "20 seconds"

const makeClient = RpcClient.make(AdminRpc)
export type Client = Effect.Success<typeof makeClient>

/** What a question may end with, on its way here. */
export type Asked<A> = Effect.Effect<A, RpcClientError | NotFound | NotNow | Failure>

/** With the operator's token; an answer that is no 2xx is an error. */
const signed = ({ operatorUrl, token }: Runtime.Runtime) =>
  Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, (client) => client.pipe(
    HttpClient.mapRequest((request) => request.pipe(
      HttpClientRequest.prependUrl(`${operatorUrl.replace(/\/$/, "")}/rpc`),
      HttpClientRequest.bearerToken(Redacted.value(token))
    )),
    HttpClient.filterStatusOk
  ))).pipe(Layer.provide(FetchHttpClient.layer))

const protocol = (runtime: Runtime.Runtime) =>
  Layer.effect(RpcClient.Protocol, Effect.flatMap(HttpClient.HttpClient, (client) => RpcClient.makeProtocolHttp(client))).pipe(
    Layer.provide([RpcSerialization.layerNdjson, signed(runtime)])
  )

/** One question or several to the house that runs now. */
export const ask = <A>(question: (client: Client, runtime: Runtime.Runtime) => Asked<A>): Effect.Effect<A, Failure> =>
  Effect.gen(function*() {
    const runtime = yield* Runtime.find
    return yield* Effect.flatMap(makeClient, (client) => question(client, runtime)).pipe(
      Effect.scoped,
      Effect.provide(protocol(runtime)),
      Effect.timeoutOrElse({
        duration: answerMax,
        orElse: () => Effect.fail(new Failure({ end: "failed", error: "noAnswer", message: `the runtime did not answer within ${answerMax}; try again` }))
      }),
      Effect.mapError((error) => toFailure(error, runtime))
    )
  })

const toFailure = (error: RpcClientError | NotFound | NotNow | Failure, runtime: Runtime.Runtime): Failure => {
  if (error instanceof Failure) return error
  if (error._tag === "NotFound") return new Failure({ end: "failed", error: "notFound", message: error.message })
  if (error._tag === "NotNow") return new Failure({ end: "failed", error: "notNow", message: error.message })
  const { reason } = error
  if (reason._tag === "HttpError" && reason.kind === "TransportError") {
    return Runtime.unreachable(`the runtime (pid ${runtime.pid}) does not listen at ${runtime.operatorUrl}`)
  }
  const status = reason._tag === "HttpError" && reason.cause instanceof HttpClientError.StatusCodeError ? reason.cause.response.status : undefined
  return status === 401
    ? new Failure({ end: "failed", error: "unauthorized", message: `the runtime does not know the token in ${Runtime.dataFolder()}/operator-token: restart it, it reads the token when it starts` })
    : new Failure({ end: "failed", error: "badAnswer", message: `the runtime at ${runtime.operatorUrl} answered ${status ?? "what cannot be read"}` })
}
