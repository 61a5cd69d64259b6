/** The client's end of a stream that never leaves the process. It opens once somebody listens, so that no frame is missed. */
import { Result } from "effect"
import type { Socket } from "effect/socket"
import type { Venue, Wire } from "./Venue.ts"

type Kind = "open" | "message" | "error" | "close"
type Listener = (event: Socket.WebSocketEvent) => void

const abnormal = 1006

export const make = (hosts: ReadonlyMap<string, Venue>, address: string, soon: (act: () => void) => void): Socket.WebSocketLike => {
  const listeners = new Map<Listener, { readonly kind: Kind; readonly isOnce: boolean }>()
  let readyState = 0
  let wire: Wire | undefined
  let isHeard = false
  const tell = (kind: Kind, event: Socket.WebSocketEvent): void => {
    for (const [listener, entry] of Array.from(listeners)) {
      if (entry.kind !== kind) continue
      if (entry.isOnce) listeners.delete(listener)
      listener(event)
    }
  }
  const closed = (code: number, reason: string): void => {
    if (readyState === 3) return
    readyState = 3
    tell("close", { code, reason })
  }
  const failed = (message: string): void => {
    tell("error", { type: "error", data: message })
    closed(abnormal, message)
  }
  const waiting: Array<string> = []
  const connect = (): void => {
    if (readyState !== 0) return
    const url = new URL(address)
    const venue = hosts.get(url.hostname)
    if (venue === undefined) return failed("refused")
    const connected = venue.upgrade(url.pathname + url.search, {
      // Nothing is heard before the stream is open, and nothing before what came first.
      frame: (text) => isHeard ? tell("message", { data: text }) : void waiting.push(text),
      close: (code, reason) => readyState === 0 ? soon(() => closed(code, reason)) : closed(code, reason)
    })
    if (Result.isFailure(connected)) return failed(connected.failure._tag === "Broken" ? connected.failure.kind : `status ${connected.failure.status}`)
    wire = connected.success
    readyState = 1
    tell("open", {})
    for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) tell("message", { data: text })
    isHeard = true
  }
  return {
    get readyState() {
      return readyState
    },
    addEventListener: (kind, listener, options) => {
      listeners.set(listener, { kind, isOnce: options?.once === true })
      if (kind === "message") soon(connect)
    },
    removeEventListener: (_kind, listener) => void listeners.delete(listener),
    close: (code = 1000, reason = "") => {
      if (readyState >= 2) return
      wire?.close()
      closed(code, reason)
    },
    send: (data) => wire?.receive(typeof data === "string" ? data : new TextDecoder().decode(data))
  }
}
