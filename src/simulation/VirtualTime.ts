/**
 * Virtual time for a whole world in one thread: machines whose fibers run, sleep, stall, are suspended and die, each with a clock of its own
 * over the one true time. Owns: what runs next. Time moves only when nobody has anything to do, and then straight to the next sleeper.
 */
import { Clock, Context, Duration, Effect, Exit, Scheduler } from "effect"
import * as Sleepers from "#src/simulation/Sleepers.ts"
import * as Tasks from "#src/simulation/Tasks.ts"

/** Rounds of tasks at one instant; past it somebody goes round in a circle. */
const roundsMax = 1_000_000
const nanosPerMs = 1_000_000

export interface Machine {
  readonly name: string
  /** `Clock` and `Scheduler` of this machine; everything that runs on it has them. */
  readonly context: Context.Context<never>
  /** Starts with the machine's next turn. `onExit` is never called of a machine that died. */
  readonly fork: <A, E>(effect: Effect.Effect<A, E>, onExit?: (exit: Exit.Exit<A, E>) => void) => void
  readonly wallMs: () => number
  /** Stands still while the machine is suspended. */
  readonly monotonicMs: () => number
  /** The wall clock jumps; deadlines do not. */
  readonly stepWall: (byMs: number) => void
  /** Nothing runs for so long: a blocked event loop. */
  readonly stall: (forMs: number) => void
  /** Nothing runs and monotonic time stands still: a machine that sleeps. */
  readonly suspend: (forMs: number) => void
  /** Stalled or suspended. */
  readonly isAway: () => boolean
  /** Power off, at once: what was running, sleeping or waiting never goes on, and no finalizer runs. */
  readonly kill: () => void
  readonly isDead: () => boolean
}

interface Engine extends Machine {
  readonly tasks: Tasks.Tasks
  readonly sleepers: Sleepers.Sleepers
  /** True time of its next sleeper or of its coming back; Infinity: it waits for others. */
  readonly dueMs: () => number
  readonly mayRun: () => boolean
}

const clockOf = (wallMs: () => number, monotonicMs: () => number, sleepers: Sleepers.Sleepers): Clock.Clock => {
  const nanos = (ms: number) => BigInt(Math.round(ms)) * BigInt(nanosPerMs)
  return {
    currentTimeMillisUnsafe: wallMs,
    currentTimeMillis: Effect.sync(wallMs),
    currentTimeNanosUnsafe: () => nanos(wallMs()),
    currentTimeNanos: Effect.sync(() => nanos(wallMs())),
    monotonicTimeNanosUnsafe: () => nanos(monotonicMs()),
    monotonicTimeNanos: Effect.sync(() => nanos(monotonicMs())),
    sleep: (duration) => {
      const ms = Math.ceil(Duration.toMillis(duration))
      if (ms <= 0) return Effect.yieldNow
      if (!Number.isFinite(ms)) return Effect.never
      return Effect.callback<void>((resume) => {
        const sleeper = sleepers.add(monotonicMs() + ms, () => resume(Effect.void))
        return Effect.sync(() => Sleepers.cancel(sleeper))
      })
    }
  }
}

const makeMachine = (name: string, nowMs: () => number): Engine => {
  const tasks = Tasks.make()
  const sleepers = Sleepers.make()
  let isDead = false
  let aheadMs = 0
  let lagMs = 0
  let backAtMs = -Infinity
  const wallMs = () => nowMs() + aheadMs
  const monotonicMs = () => nowMs() - lagMs
  const dispatcher: Scheduler.SchedulerDispatcher = {
    scheduleTask: (task, priority) => {
      if (!isDead) tasks.add(task, priority)
    },
    flush: () => {} // nobody runs before its turn
  }
  const scheduler: Scheduler.Scheduler = {
    executionMode: "async",
    // On a dead machine the fiber that somebody else still resumes gives way at once, and for ever.
    shouldYield: (fiber) => isDead || fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield,
    makeDispatcher: () => dispatcher
  }
  const context = Context.make(Clock.Clock, clockOf(wallMs, monotonicMs, sleepers)).pipe(Context.add(Scheduler.Scheduler, scheduler))
  const runFork = Effect.runForkWith(context)
  const away = (forMs: number) => {
    backAtMs = Math.max(backAtMs, nowMs()) + forMs
  }
  return {
    name,
    context,
    tasks,
    sleepers,
    fork: (effect, onExit) => dispatcher.scheduleTask(() => {
      const fiber = runFork(effect)
      if (onExit !== undefined) fiber.addObserver((exit) => { if (!isDead) onExit(exit) })
    }, 0),
    wallMs,
    monotonicMs,
    stepWall: (byMs) => { aheadMs += byMs },
    stall: away,
    suspend: (forMs) => {
      away(forMs)
      lagMs += forMs
    },
    isAway: () => nowMs() < backAtMs,
    kill: () => {
      isDead = true
      tasks.clear()
      sleepers.clear()
    },
    isDead: () => isDead,
    dueMs: () => isDead ? Infinity : Math.max(tasks.isEmpty() ? sleepers.nextAt() + lagMs : -Infinity, backAtMs),
    mayRun: () => !isDead && nowMs() >= backAtMs
  }
}

export interface VirtualTime {
  readonly nowMs: () => number
  readonly machine: (name: string) => Machine
  /** Runs everything up to and at this instant, and leaves the time there. Stops early when told to. */
  readonly runUntil: (atMs: number, isEnough?: () => boolean) => void
  /** Sleepers woken and rounds run so far. */
  readonly counts: () => { readonly wakes: number; readonly rounds: number }
}

export const make = (startMs: number): VirtualTime => {
  let nowMs = startMs
  let machines: ReadonlyArray<Engine> = []
  let wakes = 0
  let rounds = 0

  const runTasks = () => {
    for (let round = 0; ; round++) {
      if (round > roundsMax) throw new Error(`nothing sleeps and time stands still at ${nowMs}: ${machines.map(({ name }) => name).join()}`)
      let hasRun = false
      for (const machine of machines) {
        if (machine.tasks.isEmpty() || !machine.mayRun()) continue
        machine.tasks.runRound()
        rounds += 1
        hasRun = true
      }
      if (!hasRun) return
    }
  }

  /** The machine that is due first; of two the one that is older. */
  const next = (): Engine | undefined => {
    let found: Engine | undefined
    let foundMs = Infinity
    for (const machine of machines) {
      const dueMs = machine.dueMs()
      if (dueMs < foundMs) {
        found = machine
        foundMs = dueMs
      }
    }
    return found
  }

  return {
    nowMs: () => nowMs,
    machine: (name) => {
      const machine = makeMachine(name, () => nowMs)
      machines = [...machines.filter((one) => !one.isDead()), machine]
      return machine
    },
    runUntil: (atMs, isEnough = () => false) => {
      for (;;) {
        runTasks()
        if (isEnough()) return
        const machine = next()
        const dueMs = machine?.dueMs() ?? Infinity
        if (machine === undefined || dueMs > atMs) break
        nowMs = Math.max(nowMs, dueMs)
        if (!machine.tasks.isEmpty()) continue // it was away
        wakes += 1
        machine.sleepers.wakeNext()
      }
      nowMs = Math.max(nowMs, atMs)
    },
    counts: () => ({ wakes, rounds })
  }
}
