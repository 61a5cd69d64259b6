/** Spans as OTLP over HTTP carries them, in JSON. */
import type { Attributes, Span } from "./Trace.ts"

const internal = 1
const error = 2

type Value = { readonly stringValue: string } | { readonly intValue: string } | { readonly doubleValue: number } | { readonly boolValue: boolean }

const valueOf = (value: string | number | boolean): Value => {
  if (typeof value === "string") return { stringValue: value }
  if (typeof value === "boolean") return { boolValue: value }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}

const attributesOf = (attributes: Attributes) => Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }))

/** Milliseconds may have a fraction; nanoseconds are a decimal string. */
const nanosOf = (ms: number): string => String(BigInt(Math.round(ms * 1_000)) * 1_000n)

const spanOf = ({ attributes, endMs, isError, name, parentId, spanId, startMs, traceId }: Span) => ({
  traceId,
  spanId,
  ...(parentId === undefined ? {} : { parentSpanId: parentId }),
  name,
  kind: internal,
  startTimeUnixNano: nanosOf(startMs),
  endTimeUnixNano: nanosOf(endMs),
  attributes: attributesOf(attributes),
  status: isError ? { code: error } : {}
})

export const bodyOf = (spans: ReadonlyArray<Span>) => ({
  resourceSpans: [{
    resource: { attributes: attributesOf({ "service.name": "interlock" }) },
    scopeSpans: [{ scope: { name: "interlock" }, spans: spans.map(spanOf) }]
  }]
})
