/** How often an actor has started anew: the number of its life, and when it last restarted. */
export interface Lives {
  readonly count: number
  readonly recentAtMs: ReadonlyArray<number>
}

/** As many as any restart limit looks at. */
const recentMax = 10

export const born: Lives = { count: 0, recentAtMs: [] }

export const restarted = (lives: Lives, atMs: number): Lives => ({
  count: lives.count + 1,
  recentAtMs: [...lives.recentAtMs, atMs].slice(-recentMax)
})
