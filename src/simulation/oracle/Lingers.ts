/**
 * How long a fault may still be felt after its record, where the record does not say: until then lateness proves nothing. Owns: this table.
 * It excuses lateness alone; nothing in it excuses a lost, doubled or untrue thing.
 */

const second = 1_000
const minute = 60 * second
/** What is not named: a request tried again with its back-off. */
const otherMs = 5 * second

const table: Readonly<Record<string, number>> = {
  /** Half-open or silent: found out by three missed heartbeats, then a reconnect with its back-off. */
  F4: 2 * minute,
  F7: 2 * minute,
  F8: 2 * minute,
  F5: 40 * second,
  F6: 2 * minute,
  F9: minute,
  F10: 30 * second,
  F24: minute,
  F25: minute,
  F29: 70 * second,
  F30: 40 * second,
  F31: 30 * second,
  F32: minute,
  /** No new sign-in for ten minutes, or until a person says so. */
  F33: 11 * minute,
  F22: 40 * second,
  /** Refused for a minute, then tried again with a back-off of at most half of one. */
  F37: 95 * second,
  F20: 40 * second,
  F21: 40 * second
}

export const ms = (name: string, said: number | undefined): number => Math.max(said ?? 0, table[name] ?? otherMs)

/** After these the venue's own words contradict each other, and a position may be doubted a moment before it is acted on. */
const doubtful = new Set(["F10", "F12", "F13", "F15", "F20", "F21", "F22", "F23", "F29", "F30"])
export const isDoubtful = (name: string): boolean => doubtful.has(name)
