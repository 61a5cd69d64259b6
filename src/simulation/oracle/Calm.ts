/**
 * Since when nothing has stood in the way: the house lives, its venue answers, no fault is still felt. Owns: from when a bound counts.
 */
import * as Lingers from "./Lingers.ts"
import type { LedgerRecord } from "./Shapes.ts"

/** An account that is not reconciled so long after all became calm has no excuse any more. */
const reconciledWithinMs = 60_000
const doubtMs = 40_000
/** A sign-in that has ended is for the house to make good: it gets this long. */
const signInMs = 10_000

interface OfVenue {
  upSinceMs: number | undefined
  faultUntilMs: number
  doubtUntilMs: number
  /** Whose sign-in it turned away, until when. */
  readonly outUntilMs: Map<string, number>
}

export interface Calm {
  readonly life: (atMs: number, kind: "start" | "stop" | "kill") => void
  readonly disturbed: (atMs: number, untilMs: number, venue: string | undefined) => void
  readonly disk: (atMs: number, full: boolean) => void
  readonly isDiskFull: () => boolean
  readonly isAlive: () => boolean
  readonly record: (venue: string, record: LedgerRecord) => void
  /** Undefined: something is in the way now. May lie ahead: until then a fault is still felt. */
  readonly sinceMs: (venue: string | undefined) => number | undefined
  /** As `sinceMs` for what has to happen at once: faults do not count, only that the venue answers and lets in, and the account knows where it stands. */
  readonly ableSinceMs: (venue: string | undefined, reconciledSinceMs: number | undefined) => number | undefined
  readonly isDoubtful: (venue: string | undefined, atMs: number) => boolean
}

const latest = (...times: ReadonlyArray<number | undefined>): number | undefined => {
  let last = -Infinity
  for (const atMs of times) {
    if (atMs === undefined) return undefined
    last = Math.max(last, atMs)
  }
  return last
}

export const make = (): Calm => {
  const venues = new Map<string, OfVenue>()
  let aliveSinceMs: number | undefined = -Infinity
  let diskSinceMs: number | undefined = -Infinity
  let disturbedUntilMs = -Infinity

  const of = (name: string): OfVenue => {
    const known = venues.get(name)
    if (known !== undefined) return known
    const made: OfVenue = { upSinceMs: -Infinity, faultUntilMs: -Infinity, doubtUntilMs: -Infinity, outUntilMs: new Map() }
    venues.set(name, made)
    return made
  }
  const felt = (at: OfVenue, untilMs: number) => {
    at.faultUntilMs = Math.max(at.faultUntilMs, untilMs)
  }
  const sinceMs = (name: string | undefined): number | undefined => {
    const venue = name === undefined ? undefined : venues.get(name)
    return latest(aliveSinceMs, diskSinceMs, disturbedUntilMs, venue === undefined ? -Infinity : venue.upSinceMs, venue?.faultUntilMs ?? -Infinity, ...venue?.outUntilMs.values() ?? [])
  }
  return {
    life: (atMs, kind) => {
      aliveSinceMs = kind === "start" ? atMs : undefined
    },
    disturbed: (_, untilMs, name) => {
      if (name === undefined) disturbedUntilMs = Math.max(disturbedUntilMs, untilMs)
      else felt(of(name), untilMs)
    },
    disk: (atMs, full) => {
      diskSinceMs = full ? undefined : atMs
    },
    isDiskFull: () => diskSinceMs === undefined,
    isAlive: () => aliveSinceMs !== undefined,
    record: (name, record) => {
      if (record.kind === "reach" && record.session === undefined) of(name).upSinceMs = record.up ? record.atMs : undefined
      if (record.kind === "reach" && record.session !== undefined) {
        if (!record.up) felt(of(name), record.atMs + signInMs)
        if (record.up) of(name).outUntilMs.delete(record.session)
        else if (record.forMs !== undefined) of(name).outUntilMs.set(record.session, record.atMs + record.forMs)
      }
      if (record.kind !== "fault") return
      const at = of(name)
      felt(at, record.atMs + Lingers.ms(record.name, record.ms))
      if (Lingers.isDoubtful(record.name)) at.doubtUntilMs = Math.max(at.doubtUntilMs, record.atMs + (record.ms ?? 0) + doubtMs)
    },
    sinceMs,
    ableSinceMs: (name, reconciledSinceMs) => {
      const venue = name === undefined ? undefined : venues.get(name)
      const calm = sinceMs(name)
      const known = reconciledSinceMs ?? (calm === undefined ? undefined : calm + reconciledWithinMs)
      return latest(aliveSinceMs, diskSinceMs, disturbedUntilMs, venue === undefined ? -Infinity : venue.upSinceMs, known, ...venue?.outUntilMs.values() ?? [])
    },
    isDoubtful: (name, atMs) => name !== undefined && atMs < (venues.get(name)?.doubtUntilMs ?? -Infinity)
  }
}
