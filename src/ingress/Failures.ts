/** Failed sign-ins per source. Past the bound a failing source hears 429 in place of 401; one that knows the secret never does. */

const sourcesMax = 1_024
const failuresMax = 20
const periodMs = 60_000

interface Count {
  readonly sinceMs: number
  readonly failures: number
}

/** `nowMs`: monotonic. */
export const make = () => {
  const bySource = new Map<string, Count>()
  return {
    /** Counts one more; true: too many. */
    note: (source: string, nowMs: number): boolean => {
      const before = bySource.get(source)
      const count = before === undefined || nowMs - before.sinceMs >= periodMs
        ? { sinceMs: nowMs, failures: 1 }
        : { sinceMs: before.sinceMs, failures: before.failures + 1 }
      bySource.delete(source)
      bySource.set(source, count)
      const oldest = bySource.keys().next().value
      if (bySource.size > sourcesMax && oldest !== undefined) bySource.delete(oldest)
      return count.failures > failuresMax
    }
  }
}
