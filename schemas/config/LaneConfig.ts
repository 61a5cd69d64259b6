/** `lanes.json`: the entrances for alerts. */
import { Schema } from "effect"
import { LaneId } from "../Ids.ts"
import { SecretRef } from "./Secret.ts"

export const LaneConfig = Schema.Struct({
  id: LaneId,
  enabled: Schema.Boolean,
  secret: SecretRef,
  /** Decoders tried in order; the first that recognises the body wins. */
  formats: Schema.Array(Schema.Literals(["canonical", "abtradex-legacy"])),
  /** Addresses that may post; absent: any. */
  allowFrom: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  /** Peers whose forwarded header is believed. */
  trustedProxies: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  /** A byte-equal body without an id: a second intent, or for 30 s a resend. Default `resend` behind a proxy, else `intent`. */
  repeat: Schema.optionalKey(Schema.Literals(["intent", "resend"]))
})
export type LaneConfig = typeof LaneConfig.Type

export const LanesFile = Schema.Struct({ $schema: Schema.optionalKey(Schema.String), lanes: Schema.Array(LaneConfig) })
