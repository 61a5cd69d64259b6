/** The wire between house and venue: how long a request is under way, and what becomes of it there and back. */
import * as Transmit from "#actors/broker-session/Transmit.ts"
import { RequestResult } from "#schemas/SessionRequest.ts"
import type { Chance } from "#src/simulation/Chance.ts"
import type { Ordering, Venue } from "#src/simulation/machine/Venue.ts"
import type { World } from "#src/simulation/machine/World.ts"
import type { FaultName } from "#src/simulation/venues/shared/Faults.ts"

const { Refused, Unknown } = RequestResult.cases

const slowMsMin = 1_000
const slowMsMax = 30_000

/** These surely did nothing, or nobody can know. */
const undone: ReadonlyArray<readonly [FaultName, RequestResult]> = [
  ["F1", Transmit.withheld("Unavailable", "connection refused", true)],
  ["F9", Transmit.withheld("Unavailable", "no such host", true)],
  ["F24", Transmit.withheld("RateLimited", "the venue wants 1000 ms of silence", true)],
  ["F25", Transmit.withheld("RateLimited", "the venue wants 2000 ms of silence", true)],
  ["F26", Refused.make({ reason: "try again", kind: "other" })],
  ["F2", Unknown.make({ cause: "the connection was reset" })]
]

export type Travel = ReturnType<typeof make>

export const make = ({ heap, soon }: World, venue: Venue, chance: Chance) => {
  const travelMs = () => 2 + chance.below(40)

  /** `back` is told at most once, and not at all if the house died meanwhile. */
  const send = (request: Ordering, back: (result: RequestResult) => void): void => {
    const detail = request._tag === "Submit" ? request.order.id : request._tag === "SubmitBracket" ? request.bracket.entry.id : request.orderId
    const hit = (name: FaultName) => venue.dice.hit(name, detail) !== undefined
    const later = (ms: number, result: RequestResult) => soon(() => back(result), heap.nowMs() + ms)
    const no = undone.find(([name]) => hit(name))
    if (no !== undefined) return later(travelMs(), no[1])
    const isLost = hit("F3") || hit("F27") || hit("F28")
    const isSlow = hit("F5")
    const slowMs = isSlow ? slowMsMin + chance.below(slowMsMax - slowMsMin) : 0
    const isSlowThere = isSlow && chance.hits(0.3)
    const thereMs = travelMs() + (isSlowThere ? slowMs : 0)
    heap.at(heap.nowMs() + thereMs, () => {
      const result = venue.act(request)
      if (!isLost) soon(() => back(result), heap.nowMs() + travelMs() + (isSlowThere ? 0 : slowMs))
    })
    if (isLost) later(thereMs + travelMs(), Unknown.make({ cause: "the connection was reset" }))
    else if (isSlow) later(Transmit.answerWithinMs, Unknown.make({ cause: `no answer within ${Transmit.answerWithinMs} ms` }))
  }

  return {
    send: (request: Ordering, back: (result: RequestResult) => void): void => {
      let isBack = false
      send(request, (result) => {
        if (isBack) return
        isBack = true
        back(result)
      })
    },
    travelMs
  }
}
