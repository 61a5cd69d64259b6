/** Every kind of row of the journal. */
import { Schema } from "effect"
import { AccountEvent } from "./events/AccountEvent.ts"
import { DispatchEvent } from "./events/DispatchEvent.ts"
import { GuardEvent } from "./events/GuardEvent.ts"
import { IngressEvent } from "./events/IngressEvent.ts"
import { SupervisionEvent } from "./events/SupervisionEvent.ts"
import { AlertId } from "./Ids.ts"

export const JournalEvent = Schema.TaggedUnion({
  ...IngressEvent,
  ...DispatchEvent,
  ...GuardEvent,
  ...AccountEvent,
  ...SupervisionEvent
})
export type JournalEvent = typeof JournalEvent.Type

/** The one alert a row belongs to, if any: `why` reads by it. */
export const alertIdOf = (event: JournalEvent): AlertId | undefined => ("alertId" in event ? event.alertId : undefined)

export const JournalRow = Schema.Struct({
  /** Place in the whole journal, from 1, without gaps. */
  seq: Schema.Int,
  /** Wall clock at the commit. */
  atMs: Schema.Finite,
  stream: Schema.NonEmptyString,
  /** Place in its stream, from 1. */
  version: Schema.Int,
  event: JournalEvent
})
export type JournalRow = typeof JournalRow.Type
