/** What a trial consists of: scenarios that say what they need, and venues that say what they lack and why. */
import type { Effect } from "effect"

/** What not every venue has, or can be made to do. */
export type Need =
  | "native brackets" | "no native brackets" | "reduce-only"
  | "wire" | "stream" | "token" | "counted sign-ins" | "tickets" | "entitlements"
  | "hand" | "exchange" | "races" | "refused child" | "pictures" | "fees"

/** Why a venue is without it. */
export type Lacks = { readonly [need in Need]?: string }

export interface Scenario<R> {
  readonly title: string
  readonly needs?: ReadonlyArray<Need>
  readonly run: Effect.Effect<unknown, unknown, R>
}

export interface Group<R> {
  readonly title: string
  readonly scenarios: ReadonlyArray<Scenario<R>>
}

/** Undefined: it runs there. */
export const whyNot = ({ needs = [] }: Pick<Scenario<never>, "needs">, lacks: Lacks): string | undefined =>
  needs.map((need) => lacks[need]).find((reason) => reason !== undefined)
