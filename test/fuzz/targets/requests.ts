/** HTTP requests as bytes: put together from parts that may be wrong, then broken or not. */
import * as Bytes from "../engine/Bytes.ts"
import type { Chance } from "../engine/Chance.ts"
import * as Hostile from "../engine/Hostile.ts"

export interface Parts {
  readonly method: string
  readonly path: string
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: Uint8Array
}

const methods = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PRI", "get", "POST POST", ""]
const versions = ["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "http/1.1", ""]

const extra: ReadonlyArray<(chance: Chance, length: number) => readonly [string, string]> = [
  () => ["transfer-encoding", "chunked"],
  () => ["transfer-encoding", "gzip, chunked, identity"],
  (chance, length) => ["content-length", String(length + chance.between(-3, 3))],
  (chance) => ["content-length", chance.pick(Hostile.numbers)],
  () => ["expect", "100-continue"],
  () => ["expect", "a miracle"],
  () => ["connection", "keep-alive, upgrade"],
  () => ["upgrade", "websocket"],
  () => ["upgrade", "h2c"],
  () => ["content-encoding", "gzip"],
  () => ["host", "evil.example"],
  (chance) => ["x-forwarded-for", chance.pick(Hostile.texts)],
  (chance) => [`x-${"a".repeat(chance.below(200))}`, "b".repeat(chance.below(20_000))],
  (chance) => [chance.pick(Hostile.names), chance.pick(Hostile.texts)]
]

const chunkedBody = (chance: Chance, body: Uint8Array): Uint8Array => {
  const size = chance.hits(0.9) ? body.length.toString(16) : chance.pick(["-1", "fffffffff", "0x10", "", "g"])
  return Buffer.concat([Bytes.encode(`${size}\r\n`), body, Bytes.encode(chance.hits(0.9) ? "\r\n0\r\n\r\n" : "\r\n")])
}

/** With its length, unless something else is said of it. */
export const print = (chance: Chance, { body, headers, method, path }: Parts, isBroken: boolean): Uint8Array => {
  const all = [...headers]
  const sizes: Array<readonly [string, string]> = []
  if (isBroken) for (let times = chance.below(3); times > 0; times--) all.push(chance.pick(extra)(chance, body.length))
  const isChunked = all.some(([name]) => name === "transfer-encoding")
  if (!isChunked && !all.some(([name]) => name === "content-length")) sizes.push(["content-length", String(body.length)])
  const line = isBroken && chance.hits(0.2)
    ? `${chance.pick(methods)} ${chance.hits(0.5) ? path : `${path}${chance.pick(Hostile.texts)}`} ${chance.pick(versions)}`
    : `${method} ${path} HTTP/1.1`
  const end = isBroken && chance.hits(0.05) ? "\n" : "\r\n"
  const head = [line, ...[...all, ...sizes].map(([name, value]) => `${name}: ${value}`), "", ""].join(end)
  return Buffer.concat([Buffer.from(head, "latin1"), isChunked ? chunkedBody(chance, body) : body])
}

/** One request or several on one connection; the last one closes it. */
export const connection = (chance: Chance, partsOf: () => Parts, isBroken: boolean): Uint8Array => {
  const count = chance.hits(0.1) ? chance.between(2, 6) : 1
  const requests = Array.from({ length: count }, (_, index) => {
    const parts = partsOf()
    return print(chance, index === count - 1 ? { ...parts, headers: [...parts.headers, ["connection", "close"]] } : parts, isBroken)
  })
  const bytes = Buffer.concat(requests)
  return isBroken && chance.hits(0.4) ? Bytes.mutate(chance, bytes, requests[0] ?? bytes) : bytes
}
