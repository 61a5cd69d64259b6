/** `/metrics`: what is counted as it happens, and what is read when somebody looks. Owns: the second part. */
import { Context, Effect, Layer } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { HouseConfig } from "#config/House.ts"
import { AccountView, SessionView } from "#schemas/contracts/Views.ts"
import { Gauges } from "#src/ports/Gauges.ts"
import { Journal } from "#src/ports/Journal.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import * as EventLoop from "./EventLoop.ts"
import * as Series from "./Series.ts"

/** Strategies, accounts or logins whose queues are shown one by one; those of the others are added up as `other`. */
export const ownersMax = 256

/** For one life: totals that others keep are told from what was seen of them before. */
const makeSeries = () => ({
  turnedAway: Series.total("interlock_deliveries_refused_total", "Deliveries that nobody could attribute to an alert, by error"),
  rows: Series.total("interlock_journal_rows_total", "Rows of the journal, from its first day"),
  durable: Series.gauge("interlock_journal_durable", "1 while a commit would be accepted, else 0"),
  lowDisk: Series.gauge("interlock_journal_disk_low", "1 while there is too little room for new risk, else 0"),
  sessions: Series.gauge("interlock_sessions", "Logins by state"),
  accounts: Series.gauge("interlock_accounts", "Accounts by state"),
  depth: Series.gauge("interlock_queue_depth", "What waits in a queue: see the labels queue and owner"),
  lag: Series.gauge("interlock_event_loop_lag_seconds", "How late the event loop was since the last look"),
  memory: Series.gauge("interlock_process_memory_bytes", "Memory of the process, by kind"),
  uptime: Series.gauge("interlock_process_uptime_seconds", "Time since the process began"),
  cpu: Series.total("interlock_process_cpu_seconds_total", "Processor time that the process has used")
})
type All = ReturnType<typeof makeSeries>

/** How many stand in each state, those in which nobody stands too. */
const tally = (states: ReadonlyArray<string>, found: Iterable<string>): ReadonlyMap<string, number> => {
  const counts = new Map(states.map((state) => [state, 0]))
  for (const state of found) counts.set(state, (counts.get(state) ?? 0) + 1)
  return counts
}

const shown = (counts: ReadonlyMap<string, number>, gauge: ReturnType<typeof Series.gauge>) =>
  Effect.forEach(counts, ([state, count]) => gauge(count, { state }), { discard: true })

/** Queues that are gone stay at zero. */
const depths = (series: All) => {
  const bounds = new Map<string, (owner: string) => string>()
  const known = new Map<string, { readonly queue: string; readonly owner: string; depth: number }>()
  return Effect.gen(function*() {
    for (const sum of known.values()) sum.depth = 0
    for (const { depth, owner, queue } of yield* Gauges) {
      const bound = bounds.get(queue) ?? Series.bounded(ownersMax)
      bounds.set(queue, bound)
      const label = bound(owner)
      const sum = known.get(`${queue} ${label}`) ?? { queue, owner: label, depth: 0 }
      sum.depth += depth()
      known.set(`${queue} ${label}`, sum)
    }
    for (const { depth, owner, queue } of known.values()) yield* series.depth(depth, owner === "" ? { queue } : { queue, owner })
  })
}

export class Exposition extends Context.Service<Exposition, {
  /** The Prometheus text format, as of now. */
  readonly text: Effect.Effect<string>
}>()("src/observe/Exposition") {
  static readonly layer = Layer.effect(Exposition, Effect.gen(function*() {
    const config = yield* HouseConfig
    const journal = yield* Journal
    const refused = yield* RefusedDeliveries
    const supervision = yield* Supervision
    const lagNow = yield* EventLoop.make
    const series = makeSeries()
    const queues = depths(series)

    const states = Effect.gen(function*() {
      const { accounts, logins } = yield* config.current
      const now = yield* supervision.states
      const state = <Id, State>(known: ReadonlyMap<Id, State>) => ({ enabled, id }: { readonly enabled: boolean; readonly id: Id }) =>
        enabled ? known.get(id) ?? "connecting" : "disabled"
      yield* shown(tally(SessionView.fields.state.literals, Array.from(logins.values(), state<string, string>(now.sessions))), series.sessions)
      yield* shown(tally(AccountView.fields.state.literals, Array.from(accounts.values(), state<string, string>(now.accounts))), series.accounts)
    })

    const ofProcess = Effect.gen(function*() {
      const { external, heapUsed, rss } = process.memoryUsage()
      const { system, user } = process.cpuUsage()
      const lag = yield* lagNow
      for (const [kind, bytes] of Object.entries({ resident: rss, heap: heapUsed, external })) yield* series.memory(bytes, { kind })
      for (const [quantile, seconds] of Object.entries(lag)) yield* series.lag(seconds, { quantile })
      yield* series.uptime(process.uptime())
      yield* series.cpu((system + user) / 1e6)
    })

    const look = Effect.gen(function*() {
      const { durable, lowDisk, seq } = yield* journal.status
      yield* series.rows(seq)
      yield* series.durable(durable ? 1 : 0)
      yield* series.lowDisk(lowDisk ? 1 : 0)
      for (const [error, count] of Object.entries(yield* refused.counts)) yield* series.turnedAway(count, { error })
      yield* states
      yield* queues
      yield* ofProcess
    })

    return Exposition.of({ text: Effect.andThen(look, PrometheusMetrics.format()) })
  }))
}
