/** A venue's fake that stamps (CLOCK_MONOTONIC) every order whose last byte has come; `GET /stamps` gives them and forgets them. */
import { Effect } from "effect"
import type { Venue } from "#src/simulation/venues/shared/Venue.ts"

export interface Orders {
  readonly isOrder: (method: string, path: string) => boolean
  /** What a body names. */
  readonly id: string
  readonly account: string
}

const fieldsOf = (body: string): Readonly<Record<string, unknown>> => {
  const order: unknown = JSON.parse(body)
  return typeof order === "object" && order !== null ? { ...order } : {}
}

export const of = <V extends Venue>(venue: V, { account, id, isOrder }: Orders): V => {
  /** Parsed only when they are asked for. */
  let stamps: Array<readonly [body: string, atNs: number]> = []
  const told = (): string => {
    const text = JSON.stringify(stamps.map(([body, atNs]) => {
      const order = fieldsOf(body)
      return [String(order[id]), String(order[account]), atNs]
    }))
    stamps = []
    return text
  }
  return {
    ...venue,
    handle: (request) => {
      const { body, method, path } = request
      if (isOrder(method, path)) stamps.push([body, Number(process.hrtime.bigint())])
      if (path === "/stamps") return Effect.succeed({ status: 200, headers: { "content-type": "application/json" }, body: told() })
      return venue.handle(request)
    }
  }
}
