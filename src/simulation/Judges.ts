/** The independent judge, told what it must know of a run: which account of which ledger is whose. */
import type { House } from "#config/House.ts"
import * as FakePlan from "#src/simulation/FakePlan.ts"
import type { Witness } from "#src/simulation/Judging.ts"
import * as Judge from "#src/simulation/oracle/Judge.ts"

export interface About {
  readonly house: House
  readonly secrets: ReadonlyArray<string>
  /** The clock of our rows may be stepped. */
  readonly isClockStepped: boolean
  /** By venue: from our last look at a latch to the venue's book. */
  readonly transitMs: Readonly<Record<string, number>>
}

type Directory = Parameters<typeof Judge.make>[0]["venues"]

const directoryOf = (house: House): Directory => {
  const found: Record<string, Record<string, { account: string; login: string }>> = {}
  for (const login of house.logins.values()) {
    const ledger = FakePlan.ledgerOf(login)
    const accounts = FakePlan.accountsOf(house, login.id).map(({ account, venueAccount }) =>
      [login.venue === "paper" ? account : venueAccount, { account, login: login.id }] as const)
    found[ledger] = { ...found[ledger], ...Object.fromEntries(accounts) }
  }
  return found
}

/** More than these are counted, not kept. */
export const violationsMax = 50

export const make = ({ house, isClockStepped, secrets, transitMs }: About): Witness => {
  const judge = Judge.make({
    venues: directoryOf(house), secrets, violationsMax, transitMs,
    ...(isClockStepped ? { clock: "ledger" as const } : {})
  })
  return {
    row: judge.row,
    ledger: judge.ledger,
    answered: judge.answered,
    life: judge.life,
    disturbed: judge.disturbed,
    disk: judge.disk,
    time: judge.time,
    reread: judge.reread,
    end: judge.end,
    violations: judge.violations,
    violationsCount: judge.violationsCount,
    statistics: judge.statistics,
    told: judge.fail
  }
}
