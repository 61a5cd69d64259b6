/**
 * One request over HTTP. Owns: what is known of its fate when no answer came. Either surely no byte of it reached the venue, or nobody can
 * tell. Nothing is sent twice here.
 */
import { Duration, Effect, Stream } from "effect"
import { HttpBody, HttpClient, HttpClientError, HttpClientRequest, type HttpClientResponse, type HttpMethod } from "effect/http"
import { Ambiguous, Unavailable } from "#src/ports/Venue.ts"

export interface Asked {
  readonly method: HttpMethod.HttpMethod
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** As it came, unread. */
export interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: string
}

export interface Limits {
  /** From the first byte that leaves to the last that comes. */
  readonly withinMs: number
  /** Of an answer's body; a longer one is not read to its end. */
  readonly bytesMax: number
}

/** What drivers call a connection that was never made: no name, no route, no port, no trust. */
const neverConnected = new Set([
  "ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID", "DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "ERR_TLS_CERT_ALTNAME_INVALID"
])
/** These can also end a connection that was made: they count only where it was not. */
const maybeConnected = new Set(["EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"])
const causesMax = 5

const codeOf = (cause: unknown): string | undefined =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string" ? cause.code : undefined

/** Its own code or one of what is behind it. Of several tries each must have failed like that. */
const isNeverConnected = (cause: unknown, depth = 0): boolean => {
  if (typeof cause !== "object" || cause === null || depth > causesMax) return false
  if ("errors" in cause && Array.isArray(cause.errors) && cause.errors.length > 0) {
    return cause.errors.slice(0, causesMax).every((one) => isNeverConnected(one, depth + 1))
  }
  const code = codeOf(cause)
  if (code !== undefined) return neverConnected.has(code) || (maybeConnected.has(code) && "syscall" in cause && cause.syscall === "connect")
  return "cause" in cause && isNeverConnected(cause.cause, depth + 1)
}

/** Never the driver's own words: they may carry an address with a token in it. */
const fateOf = ({ reason }: HttpClientError.HttpClientError): Ambiguous | Unavailable => {
  switch (reason._tag) {
    case "EncodeError":
    case "InvalidUrlError":
      return new Unavailable({ reason: `the request could not be made (${reason._tag})` })
    case "TransportError":
      return isNeverConnected(reason.cause)
        ? new Unavailable({ reason: `no connection${codeText(reason.cause)}` })
        : new Ambiguous({ cause: `the connection broke${codeText(reason.cause)}` })
    default:
      return new Ambiguous({ cause: "the connection broke in the answer" })
  }
}

const codeText = (cause: unknown): string => {
  const code = codeOf(cause)
  return code !== undefined && /^[A-Z0-9_]{1,40}$/.test(code) ? ` (${code})` : ""
}

const tooLong = (bytesMax: number) => new Ambiguous({ cause: `an answer of more than ${bytesMax} bytes` })

const bodyOf = Effect.fnUntraced(function*(response: HttpClientResponse.HttpClientResponse, bytesMax: number) {
  const announced = response.headers["content-length"]
  if (announced !== undefined && /^\d{1,12}$/.test(announced)) return Number(announced) > bytesMax ? yield* tooLong(bytesMax) : yield* response.text
  const parts: Array<Uint8Array> = []
  let bytes = 0
  yield* Stream.runForEach(response.stream, (part) => {
    bytes += part.byteLength
    if (bytes > bytesMax) return Effect.fail(tooLong(bytesMax))
    parts.push(part)
    return Effect.void
  })
  return Buffer.concat(parts).toString("utf8")
})

const requestOf = (base: string, headers: Readonly<Record<string, string>>, { body, method, path, query = {} }: Asked) => {
  const request = HttpClientRequest.make(method)(base + path, { urlParams: query, headers: { accept: "application/json", ...headers } })
  return body === undefined ? request : HttpClientRequest.setBody(request, HttpBody.text(JSON.stringify(body), "application/json"))
}

export const make = (client: HttpClient.HttpClient, base: string) =>
  (asked: Asked, headers: Readonly<Record<string, string>>, { bytesMax, withinMs }: Limits): Effect.Effect<Answer, Ambiguous | Unavailable> =>
    Effect.gen(function*() {
      const response = yield* client.execute(requestOf(base, headers, asked))
      const body = yield* bodyOf(response, bytesMax)
      return { status: response.status, retryAfter: response.headers["retry-after"], body }
    }).pipe(
      Effect.catchTag("HttpClientError", (error) => Effect.fail(fateOf(error))),
      Effect.timeoutOrElse({
        duration: Duration.millis(withinMs),
        orElse: () => Effect.fail(new Ambiguous({ cause: `no answer within ${withinMs} ms` }))
      }),
      Effect.provideService(HttpClient.TracerDisabledWhen, () => true)
    )
export type Send = ReturnType<typeof make>
