/** What is still to happen, in virtual time: the earliest first, and of one instant what was said first. */

interface Entry {
  readonly atMs: number
  readonly n: number
  readonly run: () => void
}

const isBefore = (one: Entry, other: Entry): boolean => one.atMs < other.atMs || (one.atMs === other.atMs && one.n < other.n)

export type Heap = ReturnType<typeof make>

export const make = (startMs: number) => {
  const entries: Array<Entry> = []
  let nowMs = startMs
  let n = 0
  let ran = 0

  const rise = (from: number): void => {
    const moved = entries[from]
    let at = from
    while (moved !== undefined && at > 0) {
      const up = (at - 1) >> 1
      const parent = entries[up]
      if (parent === undefined || !isBefore(moved, parent)) break
      entries[at] = parent
      at = up
    }
    if (moved !== undefined) entries[at] = moved
  }

  const sink = (moved: Entry): void => {
    const { length } = entries
    let at = 0
    while (true) {
      const left = 2 * at + 1
      if (left >= length) break
      const [one, other] = [entries[left], entries[left + 1]]
      const isOther = one !== undefined && other !== undefined && isBefore(other, one)
      const child = isOther ? other : one
      if (child === undefined || !isBefore(child, moved)) break
      entries[at] = child
      at = isOther ? left + 1 : left
    }
    entries[at] = moved
  }

  return {
    nowMs: () => nowMs,
    /** Events that have happened. */
    ran: () => ran,
    at: (atMs: number, run: () => void): void => {
      n += 1
      entries.push({ atMs: Math.max(atMs, nowMs), n, run })
      rise(entries.length - 1)
    },
    /** Up to and with that instant. `after` each event: true ends it there. */
    runUntil: (untilMs: number, after: () => boolean): boolean => {
      while (true) {
        const first = entries[0]
        if (first === undefined || first.atMs > untilMs) break
        const last = entries.pop()
        if (last !== undefined && last !== first) sink(last)
        nowMs = first.atMs
        ran += 1
        first.run()
        if (after()) return true
      }
      nowMs = Math.max(nowMs, untilMs)
      return false
    }
  }
}
