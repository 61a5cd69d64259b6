/** A planted bug: a change of the house's text, what it breaks, and the run that must show it. Imports nothing: the hook reads it before the house is loaded. */

/** What is done to the world at an instant of its scenario: by an operator, or at the reference venue. */
export type Hand = { readonly at: string } & (
  | { readonly tell: "pause" | "resume" | "kill" | "unkill" | "flatten"; readonly scope: string }
  | { readonly strike: string; readonly ms?: number }
  | { readonly outageSeconds: number }
  | { readonly diskFullSeconds: number }
  /** The process is killed; the next life begins two seconds later. */
  | { readonly dies: true }
  | { readonly price: string; readonly symbol: string }
  | { readonly trade: "buy" | "sell"; readonly symbol: string; readonly qty: string; readonly account: string }
)

/** One simulated run; with `each` as many as it has calls. */
export interface Run {
  /** A file of `scenarios/`, without its ending. */
  readonly scenario: string
  readonly seed?: number
  readonly faults?: string
  readonly hands?: ReadonlyArray<Hand>
  /** The same run once for every call of this kind, with this done to that one alone. */
  readonly each?: { readonly kind: "journal" | "network"; readonly moment: "before" | "after"; readonly fate: "fail" | "kill" }
}

/** A text that stands once in a file, from the repository's root. */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

export interface Bug extends Edit {
  readonly name: string
  /** What the house promises and this bug breaks, in words for a user. */
  readonly promise: string
  /** Where two guards stand behind each other, what takes the second away. */
  readonly also?: ReadonlyArray<Edit>
  /** Tried in turn until one shows it. */
  readonly runs: readonly [Run, ...ReadonlyArray<Run>]
  /** It shows as two unequal journals of one seed. */
  readonly isChance?: true
}

const handText = ({ at, ...what }: Hand): string => `${Object.values(what).join(" ")} at ${at}`

export const keyOf = ({ each, faults = "", hands = [], scenario, seed = 1 }: Run): string =>
  [scenario, `seed ${seed}`, faults, ...hands.map(handText), each === undefined ? "" : `${each.fate} ${each.moment} each ${each.kind} call`].filter((part) => part !== "").join(", ")

export const editsOf = (bug: Bug): ReadonlyArray<Edit> => [bug, ...bug.also ?? []]

export const occurrences = (text: string, find: string): number => text.split(find).length - 1

/** Fails where the text is not what the bug was made for. */
export const plant = (text: string, { file, find, replace }: Edit): string => {
  const found = occurrences(text, find)
  if (found !== 1) throw new Error(`a planted bug is stale: its text stands ${found} times in ${file}, expected once: ${find}`)
  return text.replace(find, () => replace)
}
