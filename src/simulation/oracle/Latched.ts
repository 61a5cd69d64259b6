/** The latches that hold, by kind and scope. Owns: since when; setting one that holds changes nothing. */
import type { Latch } from "./World.ts"

export const make = () => {
  const held = new Map<string, Latch>()
  const key = (kind: string, scope: string): string => `${kind} ${scope}`
  return {
    all: held as ReadonlyMap<string, Latch>,
    isHeld: (latch: Latch): boolean => held.get(key(latch.kind, latch.scope)) === latch,
    /** A new one. */
    set: (kind: Latch["kind"], scope: string, on: boolean, atMs: number): Latch | undefined => {
      const before = held.get(key(kind, scope))
      if (!on) {
        held.delete(key(kind, scope))
        return undefined
      }
      if (before !== undefined) return undefined
      const latch: Latch = { kind, scope, atMs }
      held.set(key(kind, scope), latch)
      return latch
    }
  }
}
