/** What operators switched off: pauses, kills and blocks now in force. */
import { HashMap } from "effect"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"

export type Kind = "pause" | "kill" | "block"

export interface Switch {
  readonly kind: Kind
  readonly scope: RiskScope
  readonly who: string
  readonly why: string
  readonly atMs: number
}

/** By `kind scope`: as many as there are scopes. */
export type State = HashMap.HashMap<string, Switch>

export const empty: State = HashMap.empty()

export const evolve = (state: State, { atMs, event }: JournalRow): State => {
  if (event._tag !== "SwitchSet") return state
  const { kind, on, scope, who, why } = event
  const key = `${kind} ${scope}`
  return on ? HashMap.set(state, key, { kind, scope, who, why, atMs }) : HashMap.remove(state, key)
}

export const isOn = (state: State, kind: Kind, scope: RiskScope): boolean => HashMap.has(state, `${kind} ${scope}`)

/** What of the whole house is shut: a block left by a flatten stops entries as a pause does. */
export const ingress = (state: State): { readonly paused: boolean; readonly killed: boolean } => ({
  paused: isOn(state, "pause", "all") || isOn(state, "block", "all"),
  killed: isOn(state, "kill", "all")
})
