/** Alerts on their way: the steps of `actors/dispatcher` and of the strategies' guards as plain calls, over the same gates, guards and fold. */
import * as Guard from "#actors/strategy-guard/State.ts"
import type { AccountId, StrategyId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import { type ApprovedSignal, type GatedSignal, isReducing } from "#schemas/Signal.ts"
import type { Reason, Verdict } from "#schemas/Verdict.ts"
import * as Open from "#src/dispatch/Open.ts"
import * as Gates from "#src/gates/Gates.ts"
import type { Chance } from "#src/simulation/Chance.ts"
import type { Account } from "#src/simulation/machine/Account.ts"
import type { World } from "#src/simulation/machine/World.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

const { AlertGated, AlertSettled } = JournalEvent.cases
const stream = "dispatch"
/** A message takes up to so long. */
const errandMsMax = 4
const redecideAfterMs = 250
const redecideAfterMsMax = 10_000

interface Blocked {
  readonly outcome: "skipped" | "expired" | "failed"
  readonly reason: Reason
}
type Judged =
  | { readonly _tag: "Blocked"; readonly blocked: Blocked; readonly verdicts: ReadonlyArray<Verdict> }
  | { readonly _tag: "Gated"; readonly gated: GatedSignal }

const gateOf = ({ settled: { house }, wallMs }: World) => (alert: Open.OpenAlert, isPaused: (scope: RiskScope) => boolean): Judged => {
  const { accounts, calendars, hash, instruments, lanes, strategies } = house
  const { receivedAtMs, signal } = alert
  const strategy = strategies.get(signal.strategy)
  const lane = lanes.get(signal.lane)
  if (strategy === undefined || lane === undefined) throw new Error("the machine sends only what is configured")
  const { blocked, verdicts } = Gates.run({ signal, receivedAtMs, nowMs: wallMs(), strategy, lane, house: { accounts, calendars, instruments }, isPaused })
  if (blocked !== undefined) return { _tag: "Blocked", blocked, verdicts }
  const instrument = Resolve.resolve(instruments, signal.symbol, receivedAtMs, calendars)
  if (instrument._tag === "None") throw new Error(`no instrument ${signal.symbol}`)
  return {
    _tag: "Gated",
    gated: { _tag: "GatedSignal", alertId: alert.alertId, seq: alert.seq, receivedAtMs, signal, instrument: instrument.value, verdicts, configHash: hash }
  }
}

const approvedOf = (gated: GatedSignal, guardNotes: ReadonlyArray<Reason>): ApprovedSignal => ({ ...gated, _tag: "ApprovedSignal", guardNotes })

/** Guards by strategy, each a fold of its own stream. */
const makeGuards = ({ journal, settled: { house }, wallMs }: World, states: Map<StrategyId, Guard.State>) => {
  const of = (id: StrategyId) => states.get(id) ?? Guard.empty
  const commit = (id: StrategyId, events: ReadonlyArray<JournalEvent>) => {
    if (events.length === 0) return
    journal.stage(`strategy-guard/${id}`, events)
    states.set(id, events.reduce(Guard.evolve, of(id)))
  }
  return {
    consider: (gated: GatedSignal) => {
      const id = gated.signal.strategy
      commit(id, Guard.consider(of(id), { gated, strategy: house.strategies.get(id), nowMs: wallMs() }))
      return of(id).unsettled.get(gated.alertId)
    },
    settle: ({ alertId, signal: { strategy } }: Open.OpenAlert, sent: boolean) => commit(strategy, Guard.settled(of(strategy), alertId, sent)),
    states
  }
}

/** How the accounts are told: each hears its errands in their order, each a moment later. */
const makeErrands = ({ heap, soon }: World, accounts: ReadonlyMap<AccountId, Account>, chance: Chance, isPaused: (scope: RiskScope) => boolean) => {
  const lastMs = new Map<AccountId, number>()
  const send = (id: AccountId, run: (account: Account) => void) => {
    const atMs = Math.max(lastMs.get(id) ?? 0, heap.nowMs() + chance.below(errandMsMax))
    lastMs.set(id, atMs)
    soon(() => {
      const account = accounts.get(id)
      if (account !== undefined) run(account)
    }, atMs)
  }
  return {
    conclude: (id: AccountId, { alertId }: Open.OpenAlert, { outcome, reason }: Blocked) => send(id, (account) => account.concluded(alertId, outcome, reason)),
    tell: (id: AccountId, approved: ApprovedSignal) => send(id, (account) => {
      if (isReducing(approved.signal.action) || !isPaused(`account/${id}`)) account.considered(approved)
      else account.concluded(approved.alertId, "skipped", { rule: "AccountPaused", message: `account ${id} is paused by an operator`, facts: {} })
    })
  }
}

export class Dispatch {
  readonly #world: World
  readonly #gate: ReturnType<typeof gateOf>
  readonly #guards: ReturnType<typeof makeGuards>
  readonly #errands: ReturnType<typeof makeErrands>
  #open = Open.empty
  #isFollowing = false

  constructor(world: World, of: { readonly accounts: ReadonlyMap<AccountId, Account>; readonly guards: Map<StrategyId, Guard.State>; readonly chance: Chance }) {
    this.#world = world
    this.#gate = gateOf(world)
    this.#guards = makeGuards(world, of.guards)
    this.#errands = makeErrands(world, of.accounts, of.chance, this.#isPaused)
  }

  /** There may be new rows. */
  notice(): void {
    if (this.#isFollowing) return
    this.#isFollowing = true
    this.#world.soon(() => this.#follow())
  }

  /** A new life: what the one before left undone. */
  resume(): void {
    this.#open = this.#world.journal.rows.reduce(Open.evolve, this.#open)
    for (const alert of Open.all(this.#open)) {
      if (alert.gated === undefined) this.#begin(alert)
      else if (Open.isSettled(alert)) this.#settle(alert)
      else this.#redrive(alert, Open.owing(alert))
    }
  }

  guards(): ReadonlyMap<StrategyId, Guard.State> {
    return this.#guards.states
  }

  readonly #isPaused = (scope: RiskScope): boolean => this.#open.paused.has(scope)

  #follow(): void {
    const { rows } = this.#world.journal
    this.#isFollowing = false
    for (let row = rows[this.#open.seq]; row !== undefined; row = rows[this.#open.seq]) {
      const { event } = row
      this.#open = Open.evolve(this.#open, row)
      const alert = "alertId" in event ? Open.find(this.#open, event.alertId) : undefined
      if (alert === undefined) continue
      const id = Open.accountOf(row.stream)
      if (event._tag === "AlertAccepted") this.#begin(alert)
      else if (event._tag === "OrderWithheld" && event.retry && id !== undefined) this.#redecide(alert, id)
      else if (event._tag === "OutcomeReached" && Open.isSettled(alert)) this.#settle(alert)
    }
  }

  #write(...events: ReadonlyArray<JournalEvent>): void {
    this.#world.journal.stage(stream, events)
  }

  #gatedRow(alert: Open.OpenAlert, verdicts: ReadonlyArray<Verdict>, blocked?: Blocked): JournalEvent {
    const { accounts, hash } = this.#world.settled.house
    return AlertGated.make({
      alertId: alert.alertId, strategy: alert.signal.strategy, verdicts, configHash: hash, accounts: [...accounts.keys()], ...(blocked === undefined ? {} : { blocked })
    })
  }

  #begin(alert: Open.OpenAlert): void {
    const judged = this.#gate(alert, this.#isPaused)
    if (judged._tag === "Blocked") return this.#write(this.#gatedRow(alert, judged.verdicts, judged.blocked), AlertSettled.make({ alertId: alert.alertId, sent: false }))
    const { gated } = judged
    const verdict = this.#guards.consider(gated)
    if (verdict?._tag !== "Approved") {
      const reason = verdict?.reason ?? { rule: "Crashed", message: "no verdict", facts: {} }
      this.#write(this.#gatedRow(alert, gated.verdicts, { outcome: "skipped", reason }))
      return this.#settle(alert)
    }
    this.#write(this.#gatedRow(alert, gated.verdicts))
    const approved = approvedOf(gated, verdict.notes)
    for (const id of this.#world.settled.house.accounts.keys()) this.#errands.tell(id, approved)
  }

  #settle(alert: Open.OpenAlert): void {
    const sent = alert.orders.size > 0
    this.#guards.settle(alert, sent)
    this.#write(AlertSettled.make({ alertId: alert.alertId, sent }))
  }

  #redrive(alert: Open.OpenAlert, to: ReadonlyArray<AccountId>): void {
    const judged = this.#gate(alert, this.#isPaused)
    for (const id of to) {
      if (judged._tag === "Gated") this.#errands.tell(id, approvedOf(judged.gated, []))
      else this.#errands.conclude(id, alert, judged.blocked)
    }
  }

  #redecide(alert: Open.OpenAlert, id: AccountId): void {
    const { heap, soon } = this.#world
    const times = alert.withheld.get(id) ?? 1
    soon(() => {
      const now = Open.find(this.#open, alert.alertId)
      if (now !== undefined && !now.done.has(id)) this.#redrive(now, [id])
    }, heap.nowMs() + Math.min(redecideAfterMsMax, redecideAfterMs * 2 ** (times - 1)))
  }
}
