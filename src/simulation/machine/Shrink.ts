/** A day with violations made smaller: without the alerts, kinds of fault and happenings that it does not need. */
import * as Day from "#src/simulation/machine/Day.ts"

const invariantsOf = ({ violations }: Day.Day): ReadonlySet<string> => new Set(violations.map(({ invariant }) => invariant))

/** Names of everything that can be left out. */
const names = (alerts: number): ReadonlyArray<string> => [
  ...Array.from({ length: 37 }, (_, number) => `F${number + 1}`),
  ...["kill", "clock", "stall", "drop", "silence", "cancelAll", "byHand", "stale"].flatMap((kind) => [0, 1, 2, 3].map((number) => `${kind}${number}`)),
  ...Array.from({ length: alerts }, (_, number) => `alert-${number}`)
]

/** Still breaks the same invariant, with as much left out as one round in each direction finds. */
export const shrink = (options: Day.Options): { readonly without: ReadonlySet<string>; readonly kept: ReadonlyArray<string>; readonly day: Day.Day } => {
  const all = names(options.alerts ?? 60)
  let day = Day.run(options)
  const first = day.violations[0]?.invariant
  let without = new Set<string>(options.without)
  const attempt = (some: ReadonlyArray<string>): boolean => {
    const fewer = new Set([...without, ...some])
    const tried = Day.run({ ...options, without: fewer })
    if (first === undefined || !invariantsOf(tried).has(first)) return false
    without = fewer
    day = tried
    return true
  }
  for (let size = 32; size >= 1; size = Math.floor(size / 4)) {
    const left = all.filter((name) => !without.has(name))
    for (let from = 0; from < left.length; from += size) attempt(left.slice(from, from + size))
  }
  return { without, kept: all.filter((name) => !without.has(name)), day }
}
