/** Pause, kill and their ends. What stops is latched first and then journaled; what lifts is journaled first: without the disk nothing is let go. */
import { DateTime, Effect, Semaphore } from "effect"
import { HouseConfig } from "#config/House.ts"
import { NotFound } from "#schemas/contracts/AdminRpc.ts"
import type { Asker, CommandReceipt } from "#schemas/contracts/Commands.ts"
import type { AlertId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import { Views } from "#src/admin/Views.ts"
import { type LatchKind, RiskLatch } from "#src/ports/RiskLatch.ts"
import * as Projection from "#src/projections/Switches.ts"
import * as Given from "./Given.ts"
import * as Recall from "./Recall.ts"
import * as Scopes from "./Scopes.ts"

interface Asked extends Asker {
  readonly kind: Scopes.Kind
  readonly scope: RiskScope
  readonly on: boolean
}

const verbs = { pause: ["pause", "resume"], kill: ["kill", "unkill"] } as const
const words: Readonly<Record<LatchKind, string>> = { pause: "paused", kill: "killed", block: "blocked by a flatten" }

const meaning = {
  pause: "entries are skipped; what works stays, exits and stops go on",
  kill: "no new risk leaves; positions keep their stops, exits go on"
} as const

/** More switches than this are counted, not named. */
const namedMax = 10

const since = ({ atMs, who, why }: Projection.Switch): string =>
  `${atMs === undefined ? "" : ` since ${DateTime.formatIso(DateTime.makeUnsafe(atMs))}`}${who === "" ? "" : ` by ${who}`}${why === "" ? "" : ` (${why})`}`

/** What a lift has left in force, for whoever expects that all is open now. */
const rest = (held: ReadonlyArray<{ readonly kind: LatchKind; readonly scope: RiskScope }>): ReadonlyArray<string> =>
  held.length === 0 ? [] : [
    `still in force: ${held.slice(0, namedMax).map(({ kind, scope }) => `${kind} ${scope}`).join(", ")}${held.length > namedMax ? ` and ${held.length - namedMax} more` : ""}`
  ]

const notOnDisk = "NOT ON DISK: the journal cannot be written. It holds now and is written as soon as there is room; if this process ends before, say it again"

/** Its row has a place and follows as soon as there is room: what the journal will say is what holds. */
const liftNotOnDisk = "NOT ON DISK yet: if this process ends before there is room, it holds again"

/** One at a time; but a switch is latched before its turn, and what a lift before it lifts is never the newer one. */
const makeTurns = Effect.map(Semaphore.make(1), (turn) => {
  const newest = new Map<string, AlertId>()
  return {
    note: (key: string, id: AlertId) => newest.set(key, id),
    newest: (key: string) => newest.get(key),
    take: turn.withPermit
  }
})

export const make = Effect.gen(function*() {
  const house = yield* HouseConfig
  const latch = yield* RiskLatch
  const views = yield* Views
  const { given, onDisk, stage, writeSurely } = yield* Given.make
  const recall = yield* Recall.make
  const turns = yield* makeTurns

  const rowOf = ({ scope, who, why }: Asked, kind: LatchKind, on: boolean) =>
    JournalEvent.cases.SwitchSet.make({ kind, scope, on, ...Given.askerOf({ ...(who === undefined ? {} : { who }), ...(why === undefined ? {} : { why }) }) })

  const commandOf = (commandId: AlertId, asked: Asked) =>
    given(commandId, verbs[asked.kind][asked.on ? 0 : 1], asked, { scope: asked.scope })

  const stop = Effect.fnUntraced(function*(commandId: AlertId, asked: Asked) {
    const { kind, scope } = asked
    yield* latch.set(scope, kind)
    const before = Projection.find((yield* views.current).switches, kind, scope)
    const rows = [commandOf(commandId, asked), ...before === undefined ? [rowOf(asked, kind, true)] : []]
    const isHeld = Effect.map(latch.all, (held) => held.some((one) => one.kind === kind && one.scope === scope))
    const durable = yield* writeSurely(rows, isHeld)
    const said = before === undefined ? `${scope} is ${words[kind]}: ${meaning[kind]}` : `${scope} was ${words[kind]} already${since(before)}`
    return { durable: durable || before !== undefined, lines: [said, ...durable || before !== undefined ? [] : [notOnDisk]] }
  })

  const lift = Effect.fnUntraced(function*(commandId: AlertId, asked: Asked, seen: AlertId | undefined) {
    const { kind, scope } = asked
    const { switches } = yield* views.current
    const latched = yield* latch.all
    const kinds: ReadonlyArray<LatchKind> = kind === "kill" ? ["kill"] : ["pause", "block"]
    const journaled = kinds.filter((one) => Projection.isOn(switches, one, scope))
    const on = kinds.filter((one) => journaled.includes(one) || latched.some((held) => held.kind === one && held.scope === scope))
    const place = yield* stage([commandOf(commandId, asked), ...journaled.map((one) => rowOf(asked, one, false))])
    const durable = place !== undefined && (yield* onDisk(place))
    if (place === undefined && on.length > 0) {
      return { durable, lines: [`NOTHING WAS LIFTED: the journal cannot be written, ${scope} stays ${on.map((one) => words[one]).join(" and ")}`] }
    }
    const isOvertaken = turns.newest(`${kind} ${scope}`) !== seen
    for (const one of on) if (!(isOvertaken && one === kind)) yield* latch.clear(scope, one)
    const said = on.length === 0
      ? `${scope} was not ${kinds.map((one) => words[one]).join(" or ")}: nothing to lift`
      : `${scope} is ${on.map((one) => words[one]).join(" and ")} no more`
    return { durable, lines: [said, ...durable || on.length === 0 ? [] : [liftNotOnDisk], ...rest(yield* latch.all)] }
  })

  const SetSwitch = Effect.fnUntraced(function*(asked: Asked) {
    const { kind, on, scope } = asked
    const current = yield* house.current
    const refusal = Scopes.refusal(current, kind, scope)
    const isSet = (yield* latch.all).some((held) => held.scope === scope) // what left the configuration can still be lifted
    if (refusal !== undefined && (on || !isSet)) return yield* new NotFound({ what: scope, message: refusal })
    if (on) yield* latch.set(scope, kind)
    const commandId = yield* Given.nextId
    const key = `${kind} ${scope}`
    const seen = turns.newest(key)
    if (on) turns.note(key, commandId)
    const done = yield* turns.take(on ? stop(commandId, asked) : lift(commandId, asked, seen))
    const recalled = on && kind === "kill" ? yield* recall(current, scope, commandId) : []
    const receipt: CommandReceipt = { commandId, durable: done.durable, lines: [...done.lines, ...recalled] }
    return receipt
  })

  return { SetSwitch }
})
