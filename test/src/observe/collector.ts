/** A collector of traces as it looks from outside: a real HTTP server that keeps what is posted to it. */
import { createServer } from "node:http"
import { Effect, Schema } from "effect"

const Value = Schema.Struct({
  stringValue: Schema.optionalKey(Schema.String),
  intValue: Schema.optionalKey(Schema.String),
  doubleValue: Schema.optionalKey(Schema.Finite),
  boolValue: Schema.optionalKey(Schema.Boolean)
})
const attributes = Schema.Array(Schema.Struct({ key: Schema.String, value: Value }))
const Span = Schema.Struct({
  traceId: Schema.String,
  spanId: Schema.String,
  parentSpanId: Schema.optionalKey(Schema.String),
  name: Schema.String,
  kind: Schema.Int,
  startTimeUnixNano: Schema.String.check(Schema.isPattern(/^\d{19}$/)),
  endTimeUnixNano: Schema.String.check(Schema.isPattern(/^\d{19}$/)),
  attributes,
  status: Schema.Struct({ code: Schema.optionalKey(Schema.Int) })
})
export type Span = typeof Span.Type
const Body = Schema.fromJsonString(Schema.Struct({
  resourceSpans: Schema.Array(Schema.Struct({
    resource: Schema.Struct({ attributes }),
    scopeSpans: Schema.Array(Schema.Struct({ scope: Schema.Struct({ name: Schema.String }), spans: Schema.Array(Span) }))
  }))
}))

export interface Collector {
  readonly url: string
  /** Everything that was posted, in order. */
  readonly spans: ReadonlyArray<Span>
  readonly bodies: ReadonlyArray<string>
  /** What it answers from now on. */
  answer: number
}

export const make = Effect.acquireRelease(
  Effect.promise(() => new Promise<{ readonly collector: Collector; readonly close: () => void }>((resolve) => {
    const spans: Array<Span> = []
    const bodies: Array<string> = []
    const server = createServer((asked, answer) => {
      let body = ""
      asked.on("data", (chunk: Buffer) => { body += chunk.toString() })
      asked.on("end", () => {
        const isMeant = asked.method === "POST" && asked.url === "/v1/traces" && asked.headers["content-type"] === "application/json"
        const status = isMeant ? collector.answer : 404
        bodies.push(body)
        if (status === 200) {
          for (const { scopeSpans } of Schema.decodeUnknownSync(Body)(body).resourceSpans) spans.push(...scopeSpans.flatMap((scope) => scope.spans))
        }
        answer.writeHead(status, { "content-type": "application/json" }).end("{}")
      })
    })
    const collector: Collector = { url: "", spans, bodies, answer: 200 }
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      Object.assign(collector, { url: `http://127.0.0.1:${port}` })
      resolve({ collector, close: () => { server.close(); server.closeAllConnections() } })
    })
  })),
  ({ close }) => Effect.sync(close)
).pipe(Effect.map(({ collector }) => collector))

/** Each span's way from its root: `alert buy > ack`. */
export const ways = (spans: ReadonlyArray<Span>): ReadonlyArray<string> => {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const wayOf = ({ name, parentSpanId }: Span): string => {
    const parent = parentSpanId === undefined ? undefined : byId.get(parentSpanId)
    return parent === undefined ? (parentSpanId === undefined ? name : `? > ${name}`) : `${wayOf(parent)} > ${name}`
  }
  return spans.map(wayOf)
}
