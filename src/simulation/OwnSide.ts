/** What happens to the house itself: killed, without room on its disk, its clock stepped, stalled, asleep, reconfigured. */
import type { Disk } from "#src/simulation/Disk.ts"
import type { Faults, Name } from "#src/simulation/Faults.ts"
import type { Witness } from "#src/simulation/Judging.ts"
import type { Life } from "#src/simulation/Life.ts"
import { offsetMs, type OwnSide, type Overrides, type Scenario } from "#src/simulation/Scenario.ts"

const dayMs = 86_400_000
const minuteMs = 60_000
const clockStepMs = 3_600_000
const defaultMs = { F46: 60_000, F50: 10_000, F54: 3_600_000 } as const
const downMsDefault = 2_000
/** What a disturbance may still hold up once it is over. */
const afterMs = 10_000

/** The clock jumps, or seems to. */
export const ofClock: ReadonlySet<string> = new Set(["clockStep", "stall", "suspend"])

const perMinute: ReadonlyArray<Name> = ["F46", "F49", "F50", "F52", "F54"]
const faultOf: Readonly<Record<OwnSide["what"], Name>> = { kill: "F45", diskFull: "F46", clockStep: "F49", stall: "F50", reload: "F52", suspend: "F54" }

interface Around {
  readonly scenario: Scenario
  readonly faults: Faults
  readonly judge: Witness
  readonly disk: Disk
  readonly later: (ms: number, then: () => void) => void
  readonly nowMs: () => number
  readonly life: () => Life | undefined
  readonly setDownMs: (ms: number) => void
  readonly reload: (overrides: Overrides) => void
}

/** Each is told to the judge before it begins. */
const makeTroubles = ({ disk, judge, later, life, nowMs }: Around) => {
  let fullUntilMs = -Infinity
  const disturbed = (what: string, forMs: number) => judge.disturbed({ atMs: nowMs(), untilMs: nowMs() + forMs + afterMs, what })

  const hasRoom = () => {
    if (nowMs() < fullUntilMs || fullUntilMs === -Infinity) return
    fullUntilMs = -Infinity
    disk.setFull(false)
    judge.disk({ atMs: nowMs(), full: false })
  }
  return {
    full: (forMs: number): void => {
      disk.watch()
      disk.setFull(true)
      judge.disk({ atMs: nowMs(), full: true })
      disturbed("disk full", forMs)
      fullUntilMs = Math.max(fullUntilMs, nowMs() + forMs)
      later(forMs, hasRoom)
    },
    step: (byMs: number): void => {
      disturbed("clock stepped", 0)
      life()?.machine.stepWall(byMs)
    },
    stall: (forMs: number): void => {
      disturbed("stalled", forMs)
      life()?.machine.stall(forMs)
    },
    suspend: (forMs: number): void => {
      disturbed("suspended", forMs)
      life()?.machine.suspend(forMs)
    },
    calm: (): void => {
      fullUntilMs = Math.min(fullUntilMs, nowMs())
      hasRoom()
    }
  }
}

export const make = (around: Around) => {
  const { faults, later, life, nowMs, reload, scenario, setDownMs } = around
  const { calm, full, stall, step, suspend } = makeTroubles(around)
  let isOn = true
  let stepsBack = 1

  const act = (what: OwnSide): void => {
    if (!isOn) return
    faults.count(faultOf[what.what])
    switch (what.what) {
      case "kill":
        setDownMs(what.downSeconds === undefined ? downMsDefault : what.downSeconds * 1_000)
        return life()?.kill()
      case "diskFull":
        return full(what.forSeconds * 1_000)
      case "stall":
        return stall(what.forSeconds * 1_000)
      case "suspend":
        return suspend(what.forSeconds * 1_000)
      case "clockStep":
        return step(what.bySeconds * 1_000)
      case "reload":
        return reload(what.overrides)
    }
  }

  /** A machine that is away is not sent away again, and all are back when the session ends: what is judged then is a house that runs. */
  const minute = (untilMs: number) => {
    const leftMs = untilMs - nowMs()
    const isHere = life()?.machine.isAway() === false
    const diskFull = faults.hit("F46")
    if (diskFull !== undefined) full(diskFull.ms ?? defaultMs.F46)
    if (faults.hit("F49") !== undefined) {
      stepsBack = -stepsBack
      step(stepsBack * clockStepMs)
    }
    const stalled = isHere ? faults.hit("F50") : undefined
    if (stalled !== undefined) stall(Math.min(stalled.ms ?? defaultMs.F50, leftMs))
    if (faults.hit("F52") !== undefined) reload({})
    const asleep = isHere && stalled === undefined ? faults.hit("F54") : undefined
    if (asleep !== undefined) suspend(Math.min(asleep.ms ?? defaultMs.F54, leftMs))
  }

  const everyMinute = (untilMs: number) => {
    if (!isOn || nowMs() >= untilMs) return
    minute(untilMs)
    later(minuteMs, () => everyMinute(untilMs))
  }

  return {
    act,
    day: (n: number, dayStartMs: number, sessionMs: number): void => {
      for (const what of scenario.own ?? []) {
        if (Math.floor(offsetMs(what.at) / dayMs) === n) later(dayStartMs + offsetMs(what.at) % dayMs - nowMs(), () => act(what))
      }
      if (faults.isPlanned(...perMinute)) later(minuteMs, () => everyMinute(dayStartMs + sessionMs))
    },
    off: (): void => {
      isOn = false
      calm()
    }
  }
}
