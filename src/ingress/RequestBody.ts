/** A request's body, bounded while it is read, and whether the answer to it left the house. The edge where Node's own objects end. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Deferred, Effect } from "effect"

/** `cut`: the sender left before it was whole. */
export type Bytes = Uint8Array | "tooLarge" | "cut"

const ignore = (): void => {}

/** Tells once. Past the bound nothing more is read: the answer closes the connection. */
export const read = (request: IncomingMessage, response: ServerResponse, bytesMax: number, tell: (bytes: Bytes) => void): void => {
  request.on("error", ignore)
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) return tell("tooLarge")
  if (request.headers.expect !== undefined) response.writeContinue()
  const chunks: Array<Uint8Array> = []
  let size = 0
  const end = (bytes: Bytes) => {
    request.off("data", onData).off("end", onEnd).off("close", onClose)
    tell(bytes)
  }
  const onData = (chunk: Uint8Array) => {
    size += chunk.length
    chunks.push(chunk)
    if (size <= bytesMax) return
    request.pause()
    end("tooLarge")
  }
  const onEnd = () => {
    const [only] = chunks
    end(only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks))
  }
  const onClose = () => end("cut")
  request.on("data", onData).on("end", onEnd).on("close", onClose)
}

/** To be asked for before the answer is written: true once its last byte was handed to the system, false when the connection went first. */
export const written = (response: ServerResponse): Effect.Effect<boolean> => {
  const done = Deferred.makeUnsafe<boolean>()
  response.once("finish", () => Deferred.doneUnsafe(done, Effect.succeed(true)))
  response.once("close", () => Deferred.doneUnsafe(done, Effect.succeed(false)))
  if (response.destroyed) Deferred.doneUnsafe(done, Effect.succeed(false))
  return Deferred.await(done)
}
