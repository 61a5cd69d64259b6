/** Circles in a graph of modules. Pure. */

export type Graph = ReadonlyMap<string, ReadonlyArray<string>>

/** One circle for each import that closes one, each named once, by the modules on it. Empty: the graph has none. */
export const cyclesOf = (graph: Graph): ReadonlyArray<ReadonlyArray<string>> => {
  const finished = new Set<string>()
  const trail: Array<string> = []
  const found = new Map<string, ReadonlyArray<string>>()

  const visit = (module: string): void => {
    const at = trail.indexOf(module)
    if (at >= 0) {
      const cycle = trail.slice(at)
      found.set(cycle.toSorted().join(), cycle)
      return
    }
    if (finished.has(module)) return
    trail.push(module)
    for (const next of graph.get(module) ?? []) visit(next)
    trail.pop()
    finished.add(module)
  }

  for (const module of graph.keys()) visit(module)
  return [...found.values()]
}
