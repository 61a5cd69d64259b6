/** Who sleeps on one machine, by when it wakes: of two at the same instant the one that lay down first. */

export interface Sleeper {
  readonly atMs: number
  readonly place: number
  /** Absent: it does not want to be woken any more. */
  wake: (() => void) | undefined
}

export const cancel = (sleeper: Sleeper): void => {
  sleeper.wake = undefined
}

const isBefore = (one: Sleeper, other: Sleeper): boolean => one.atMs < other.atMs || (one.atMs === other.atMs && one.place < other.place)

/** A binary heap. Those that were cancelled leave it when they come to its top. */
export const make = () => {
  let heap: Array<Sleeper> = []
  let places = 0

  const at = (index: number): Sleeper | undefined => heap[index]

  const up = (from: number): void => {
    const moved = heap[from]
    if (moved === undefined) return
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent]
      if (above === undefined || !isBefore(moved, above)) break
      heap[index] = above
      index = parent
    }
    heap[index] = moved
  }

  const down = (moved: Sleeper): void => {
    let index = 0
    for (;;) {
      const [left, right] = [at(2 * index + 1), at(2 * index + 2)]
      if (left === undefined) break
      const isRight = right !== undefined && isBefore(right, left)
      const least = isRight ? right : left
      if (!isBefore(least, moved)) break
      heap[index] = least
      index = 2 * index + (isRight ? 2 : 1)
    }
    heap[index] = moved
  }

  const pop = (): Sleeper | undefined => {
    const top = heap[0]
    const last = heap.pop()
    if (last !== undefined && last !== top) down(last)
    return top
  }

  const prune = (): void => {
    while (heap[0] !== undefined && heap[0].wake === undefined) pop()
  }

  return {
    add: (atMs: number, wake: () => void): Sleeper => {
      const sleeper: Sleeper = { atMs, place: places++, wake }
      heap.push(sleeper)
      up(heap.length - 1)
      return sleeper
    },
    /** Infinity: nobody sleeps. */
    nextAt: (): number => {
      prune()
      return heap[0]?.atMs ?? Infinity
    },
    wakeNext: (): void => {
      prune()
      const wake = pop()?.wake
      wake?.()
    },
    clear: (): void => {
      heap = []
    }
  }
}
export type Sleepers = ReturnType<typeof make>
