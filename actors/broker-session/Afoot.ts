/** Entries that left this process and may work at the venue: what can be cancelled without asking anybody. */
import type { Hand } from "#actors/broker-session/Outbox.ts"
import type { Tell } from "#actors/broker-session/Tell.ts"
import type { AccountId, ClientOrderId } from "#schemas/Ids.ts"
import type { RequestResult, SessionRequest } from "#schemas/SessionRequest.ts"
import type { VenueEvent } from "#schemas/VenueEvent.ts"

/** More are not remembered; the oldest goes, its account still knows it. */
export const afootMax = 4_096

type Entry = Extract<SessionRequest, { readonly _tag: "Submit" | "SubmitBracket" }>

const entryOf = (request: Entry) => request._tag === "Submit" ? request.order : request.bracket.entry

export const sent = (afoot: Hand["afoot"], request: Entry): void => {
  const { accountId, id } = entryOf(request)
  afoot.set(id, accountId)
  const oldest = afoot.keys().next().value
  if (afoot.size > afootMax && oldest !== undefined) afoot.delete(oldest)
}

/** A no ends it; a yes does not, and of what nobody knows the worst is assumed. */
export const answered = (afoot: Hand["afoot"], request: SessionRequest, { _tag }: RequestResult): void => {
  if ((request._tag !== "Submit" && request._tag !== "SubmitBracket") || _tag === "Accepted" || _tag === "Unknown") return
  afoot.delete(entryOf(request).id)
}

const hasEnded = (event: VenueEvent): event is Extract<VenueEvent, { readonly _tag: "OrderChanged" }> =>
  event._tag === "OrderChanged" && ["Rejected", "Filled", "Canceled", "Expired"].includes(event.report.status)

/** What the venue says unasked, heard on its way to the account. */
export const overheard = (tell: Tell, afoot: Hand["afoot"]): Tell => ({
  ...tell,
  reported: (told) => {
    for (const { event } of told) if (hasEnded(event)) afoot.delete(event.report.clientOrderId)
    return tell.reported(told)
  }
})

export const of = (afoot: Hand["afoot"], account: AccountId): ReadonlyArray<ClientOrderId> =>
  Array.from(afoot).flatMap(([id, owner]) => owner === account ? [id] : [])
