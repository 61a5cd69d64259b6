/** Bytes on a bare socket to this machine, and all that came back until one side closed. */
import * as Net from "node:net"
import { Effect, Option } from "effect"

export interface Reply {
  readonly text: string
  /** Cut by us: the other side had neither answered to the end nor closed. */
  readonly wasCut: boolean
  /** Nobody took the call. */
  readonly isDead: boolean
}

const keptMax = 2_000_000
/** Waited for the first byte, and after the last one; then we leave. */
const firstWithinMs = 400
const moreWithinMs = 20

/** `leaves`: says what it has to say and goes, without waiting. */
export const send = (port: number, bytes: Uint8Array, within: `${number} millis`, leaves = false): Effect.Effect<Reply> =>
  Effect.suspend(() => {
    const chunks: Array<Buffer> = []
    let size = 0
    const text = (): string => Buffer.concat(chunks).toString("latin1")
    return Effect.callback<Reply>((resume) => {
      let wasOpen = false
      const socket = Net.connect({ port, host: "127.0.0.1" }, () => {
        wasOpen = true
        if (leaves) socket.end(bytes)
        else socket.write(bytes)
      })
      socket.setTimeout(firstWithinMs, () => socket.writableEnded ? socket.destroy() : socket.end())
      socket.on("data", (chunk: Buffer) => {
        size += chunk.length
        socket.setTimeout(moreWithinMs)
        if (size <= keptMax) chunks.push(chunk)
      })
      socket.on("error", () => {})
      socket.on("close", () => resume(Effect.succeed({ text: text(), wasCut: false, isDead: !wasOpen })))
      return Effect.sync(() => socket.destroy())
    }).pipe(
      Effect.timeoutOption(within),
      Effect.map(Option.getOrElse((): Reply => ({ text: text(), wasCut: true, isDead: false })))
    )
  })

/** Statuses of all answers in it, without the invitations to go on. */
export const statusesOf = ({ text }: Reply): ReadonlyArray<number> =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status)).filter((status) => status !== 100)
