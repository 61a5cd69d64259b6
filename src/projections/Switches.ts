/** What operators switched off: pauses, kills and blocks now in force. */
import { HashMap, Option } from "effect"
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import type { SwitchView } from "#schemas/contracts/Views.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"

export type Kind = SwitchView["kind"]

/** `atMs` absent: it is in no journal, and holds in this process only. */
export interface Switch {
  readonly kind: Kind
  readonly scope: RiskScope
  readonly who: string
  readonly why: string
  readonly atMs: number | undefined
}

/** By `kind scope`: as many as there are scopes. */
export type State = HashMap.HashMap<string, Switch>

export const empty: State = HashMap.empty()

/** Switches shown at most: kills first, then blocks, then pauses, the newest first. */
export const shownMax = 200

const keyOf = (kind: Kind, scope: RiskScope): string => `${kind} ${scope}`

export const evolve = (state: State, { atMs, event }: JournalRow): State => {
  if (event._tag !== "SwitchSet") return state
  const { kind, on, scope, who, why } = event
  return on ? HashMap.set(state, keyOf(kind, scope), { kind, scope, who, why, atMs }) : HashMap.remove(state, keyOf(kind, scope))
}

export const find = (state: State, kind: Kind, scope: RiskScope): Switch | undefined => Option.getOrUndefined(HashMap.get(state, keyOf(kind, scope)))

export const isOn = (state: State, kind: Kind, scope: RiskScope): boolean => HashMap.has(state, keyOf(kind, scope))

/** With what holds in this process although no journal has it. */
export const withLatched = (state: State, latched: ReadonlyArray<Pick<Switch, "kind" | "scope">>): State =>
  latched.reduce((all, { kind, scope }) =>
    isOn(all, kind, scope) ? all : HashMap.set(all, keyOf(kind, scope), { kind, scope, who: "", why: "", atMs: undefined }), state)

/** What of the whole house is shut: a block left by a flatten stops entries as a pause does. */
export const ingress = (state: State): { readonly paused: boolean; readonly killed: boolean } => ({
  paused: isOn(state, "pause", "all") || isOn(state, "block", "all"),
  killed: isOn(state, "kill", "all")
})

const kinds: ReadonlyArray<Kind> = ["kill", "block", "pause"]

const shown = (state: State): ReadonlyArray<Switch> =>
  Array.from(HashMap.values(state)).sort((one, other) =>
    kinds.indexOf(one.kind) - kinds.indexOf(other.kind) || (other.atMs ?? Infinity) - (one.atMs ?? Infinity) || one.scope.localeCompare(other.scope))

export const views = (state: State): ReadonlyArray<SwitchView> =>
  shown(state).slice(0, shownMax).map(({ atMs, kind, scope, who, why }) => ({
    kind, scope, who, why, durable: atMs !== undefined, ...(atMs === undefined ? {} : { atMs })
  }))

/** `kill all`: what keeps this account from new risk, as a whole or in one of its asset classes. */
export const stopping = (state: State, { assets, id, login }: AccountConfig, mode: "paper" | "live"): ReadonlyArray<string> => {
  const covering = new Set<string>(["all", `account/${id}`, `login/${login}`, ...assets.flatMap((asset) => [`asset/${asset}`, `asset/${asset}/${mode}`])])
  return shown(state).filter(({ scope }) => covering.has(scope)).map(({ kind, scope }) => keyOf(kind, scope))
}
