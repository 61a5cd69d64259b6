/** What has to be judged at an instant that lies ahead. Owns: their order. A heap: cheap to add, and nothing is looked at before its time. */

export interface Due {
  readonly at: (atMs: number, judge: (atMs: number) => void) => void
  /** Judges all whose instant lies before this one, each at its own. */
  readonly before: (atMs: number) => void
}

interface Entry {
  readonly atMs: number
  readonly place: number
  readonly judge: (atMs: number) => void
}

const isFirst = (one: Entry, other: Entry): boolean => one.atMs < other.atMs || (one.atMs === other.atMs && one.place < other.place)

const add = (heap: Array<Entry>, entry: Entry): void => {
  let at = heap.push(entry) - 1
  while (at > 0) {
    const above = (at - 1) >> 1
    const parent = heap[above]
    if (parent === undefined || isFirst(parent, entry)) break
    heap[at] = parent
    at = above
  }
  heap[at] = entry
}

const sink = (heap: Array<Entry>, entry: Entry): void => {
  let at = 0
  for (;;) {
    const left = heap[2 * at + 1]
    const right = heap[2 * at + 2]
    const isRight = left !== undefined && right !== undefined && isFirst(right, left)
    const child = isRight ? right : left
    if (child === undefined || isFirst(entry, child)) break
    heap[at] = child
    at = 2 * at + (isRight ? 2 : 1)
  }
  heap[at] = entry
}

const take = (heap: Array<Entry>): void => {
  const last = heap.pop()
  if (last !== undefined && heap.length > 0) sink(heap, last)
}

export const make = (): Due => {
  const heap: Array<Entry> = []
  let place = 0
  return {
    at: (atMs, judge) => add(heap, { atMs, place: place++, judge }),
    before: (atMs) => {
      for (let first = heap[0]; first !== undefined && first.atMs < atMs; first = heap[0]) {
        take(heap)
        first.judge(first.atMs)
      }
    }
  }
}
