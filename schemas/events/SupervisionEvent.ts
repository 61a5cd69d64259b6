/** Restarts and connections of actors; configuration and switches. Streams of the actors, `operator`. */
import { Schema } from "effect"
import { AlertId, LoginId } from "../Ids.ts"
import { RiskScope } from "../RiskScope.ts"

export const SupervisionEvent = {
  Restarted: { atMs: Schema.Finite, defect: Schema.String },
  /** Past its restart limit: from here on this actor only reduces risk. */
  ReduceOnly: { atMs: Schema.Finite },
  SessionConnected: { login: LoginId, atMs: Schema.Finite },
  SessionLost: { login: LoginId, atMs: Schema.Finite, reason: Schema.String },
  ConfigApplied: { hash: Schema.String, body: Schema.Unknown },
  /** A person's command, before anything follows from it: `alertId` (`operator-...`) is the cause of what does. `detail`: what was asked, no secret. */
  CommandGiven: { alertId: AlertId, command: Schema.NonEmptyString, who: Schema.String, why: Schema.String, detail: Schema.Unknown },
  /** Journaled switches that override configuration; `who` and `why` as given by the operator. */
  SwitchSet: { kind: Schema.Literals(["pause", "kill", "block"]), scope: RiskScope, on: Schema.Boolean, who: Schema.String, why: Schema.String }
} as const
