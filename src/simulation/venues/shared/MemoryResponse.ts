/** An answer that is already whole, in the shape of Effect's HTTP client: its text costs no promise. */
import { Effect, Inspectable, Option, Pipeable, Stream } from "effect"
import { Cookies, Headers, HttpClientError, type HttpClientRequest, HttpClientResponse, HttpIncomingMessage, UrlParams } from "effect/http"
import type { Response } from "./Venue.ts"

class MemoryResponse extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [HttpIncomingMessage.TypeId]: typeof HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId]: typeof HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly request: HttpClientRequest.HttpClientRequest
  readonly url: string
  readonly status: number
  readonly headers: Headers.Headers
  readonly cookies = Cookies.empty
  readonly remoteAddress = Option.none<string>()
  readonly text: Effect.Effect<string>
  private readonly body: string

  constructor(request: HttpClientRequest.HttpClientRequest, url: string, { body, headers, status }: Response) {
    super()
    this.request = request
    this.url = url
    this.status = status
    this.headers = Headers.fromInput(headers)
    this.body = body
    this.text = Effect.succeed(body)
  }

  toJSON(): unknown {
    return HttpIncomingMessage.inspect(this, { _id: "HttpClientResponse", request: this.request.toJSON(), status: this.status })
  }

  private failed(cause: unknown) {
    return new HttpClientError.HttpClientError({ reason: new HttpClientError.DecodeError({ request: this.request, response: this, cause }) })
  }

  get json(): HttpClientResponse.HttpClientResponse["json"] {
    return Effect.try({ try: () => this.body === "" ? null : JSON.parse(this.body), catch: (cause) => this.failed(cause) })
  }

  get urlParamsBody(): HttpClientResponse.HttpClientResponse["urlParamsBody"] {
    return Effect.sync(() => UrlParams.fromInput(new URLSearchParams(this.body)))
  }

  get arrayBuffer(): HttpClientResponse.HttpClientResponse["arrayBuffer"] {
    return Effect.sync(() => new TextEncoder().encode(this.body).buffer)
  }

  get stream(): HttpClientResponse.HttpClientResponse["stream"] {
    return Stream.sync(() => new TextEncoder().encode(this.body))
  }

  get formData(): HttpClientResponse.HttpClientResponse["formData"] {
    return Effect.fail(this.failed("no form"))
  }

  get upgrade(): HttpClientResponse.HttpClientResponse["upgrade"] {
    return Effect.fail(this.failed("no upgrade"))
  }

  pipe() {
    return Pipeable.pipeArguments(this, arguments)
  }
}

export const make = (request: HttpClientRequest.HttpClientRequest, url: URL, response: Response): HttpClientResponse.HttpClientResponse =>
  new MemoryResponse(request, url.href, response)
