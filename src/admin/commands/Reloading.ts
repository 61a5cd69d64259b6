/** The configuration swapped while orders work: read and checked whole, told what would change, then put into force, all of it or nothing. */
import { Effect, Fiber, Option, Semaphore } from "effect"
import { Account } from "#actors/account/Protocol.ts"
import * as DiffEffect from "#config/DiffEffect.ts"
import { type House, HouseConfig } from "#config/House.ts"
import { HouseSwap } from "#config/HouseLive.ts"
import { type SecretsInvalid, SecretsSwap } from "#config/SecretsLive.ts"
import { NotNow } from "#schemas/contracts/AdminRpc.ts"
import type { Asker, ConfigChange, ReloadReceipt } from "#schemas/contracts/Commands.ts"
import type { AccountId, AlertId, InstrumentId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Commitment } from "#src/lifecycle/Commitments.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"
import * as Resolve from "#src/symbols/Resolve.ts"
import * as Follow from "./Follow.ts"
import * as Given from "./Given.ts"
import * as Refusals from "./Refusals.ts"
import * as Restarting from "./Restarting.ts"

/** For an account to say what it holds; it answers behind what it is doing. */
const answerWithin = "5 seconds"
/** For those who run to be told; whoever does not listen is told later. */
const toldWithin = "2 seconds"
/** Changes that the journal's row names; the configuration itself stands beside it. */
const pathsMax = 100

const noFiles = new NotNow({ message: "this house was not read from files: there is nothing to read again" })
const noRoom = new NotNow({ message: "the journal has no room: nothing was changed" })

const ofSecrets = ({ problems }: SecretsInvalid) => Refusals.ofProblems(problems.map(Refusals.problemOfSecret))

/** What is about to be put into force. */
interface Plan {
  readonly before: House
  readonly after: House
  readonly changes: ReadonlyArray<DiffEffect.Change>
  readonly secrets: ReadonlyArray<ConfigChange>
  readonly notes: ReadonlyArray<string>
}

const versionOf = ({ calendars, instruments }: House, id: InstrumentId): number | undefined =>
  Option.getOrUndefined(Resolve.byId(instruments, id, calendars))?.version

const secretChanges = (changed: ReadonlyArray<string>): ReadonlyArray<ConfigChange> =>
  changed.map((name) => ({ path: `secrets/${name}`, kind: "changed", effect: "now" }))

const detailOf = ({ after, before, changes, secrets }: Plan, judged: ReadonlyArray<ConfigChange>) => ({
  hashBefore: before.hash,
  hashAfter: after.hash,
  changes: [...judged, ...secrets].slice(0, pathsMax).map(({ effect, path }) => `${path} (${effect})`),
  unnamed: Math.max(0, changes.length + secrets.length - pathsMax)
})

const receiptOf = ({ after, before, notes, secrets }: Plan, judged: ReadonlyArray<ConfigChange>, applied: boolean, more: ReadonlyArray<string>): ReloadReceipt =>
  ({ hashBefore: before.hash, hashAfter: after.hash, applied, changes: [...judged, ...secrets], notes: [...notes, ...more] })

const makePlan = (files: HouseSwap["Service"], secretsSwap: SecretsSwap["Service"], config: HouseConfig["Service"]) =>
  Effect.gen(function*() {
    const before = yield* config.current
    const after = yield* Effect.mapError(files.read, ({ all }) => Refusals.ofProblems(all))
    const versions = DiffEffect.versionProblems(before, after)
    if (versions.length > 0) return yield* Refusals.ofProblems(versions)
    const { changed, toMake } = yield* Effect.mapError(secretsSwap.look(after), ofSecrets)
    const stale = yield* files.staleSettings
    const plan: Plan = {
      before,
      after,
      changes: DiffEffect.of(before, after),
      secrets: secretChanges(changed),
      notes: [
        ...toMake.map((name) => `secret ${name} is not there: it is made`),
        ...stale.map((name) => `restart the house for ${name}: it is not what it was at the start`)
      ]
    }
    return plan
  })

const notOnDisk = "NOT ON DISK yet: it counts from now on, and its row is written as soon as there is room"

export const make = Effect.gen(function*() {
  const config = yield* HouseConfig
  const house = yield* Effect.serviceOption(HouseSwap)
  const secrets = yield* Effect.serviceOption(SecretsSwap)
  const accountFor = yield* Account.client
  const quotes = yield* QuoteBook
  const scope = yield* Effect.scope
  const { given, onDisk, stage } = yield* Given.make
  const follow = yield* Follow.make
  const one = yield* Semaphore.make(1)

  const said = Effect.fnUntraced(function*(ids: Iterable<AccountId>) {
    const answers = new Map<AccountId, ReadonlyArray<Commitment>>()
    yield* Effect.forEach(ids, (id) => accountFor(id).Commitments().pipe(
      Effect.timeout(answerWithin),
      Effect.map((commitments) => commitments === null ? undefined : answers.set(id, commitments)),
      Effect.ignore
    ), { concurrency: "unbounded", discard: true })
    return answers
  })

  /**
   * Has its place before it counts, and is on disk where there is room: what is decided by the new configuration stands behind its row. False:
   * the row follows as soon as there is room.
   */
  const journaled = Effect.fnUntraced(function*(plan: Plan, judged: ReadonlyArray<ConfigChange>, asker: Asker, commandId: AlertId) {
    const { after, before } = plan
    const rows = [
      given(commandId, "reload", asker, detailOf(plan, judged)),
      ...(before.hash === after.hash ? [] : [JournalEvent.cases.ConfigApplied.make({ hash: after.hash, body: after.body })])
    ]
    const place = yield* stage(rows)
    return place === undefined ? yield* noRoom : yield* onDisk(place)
  })

  /** While it looks, entries of those it looks at wait: what it saw is still so when the swap comes. */
  const apply = Effect.fnUntraced(function*(files: HouseSwap["Service"], secretsSwap: SecretsSwap["Service"], plan: Plan, asker: Asker) {
    const { after, before, changes } = plan
    const touched = DiffEffect.accountsTouched(changes, before)
    let isApplied = false
    let isOnDisk = false
    const commandId = yield* Given.nextId
    const swapped = Effect.gen(function*() {
      if (touched.size > 0) yield* files.swap({ ...before, entriesWait: touched })
      const judged = Refusals.judged(changes, before, yield* said(touched))
      if (judged.some(({ refused }) => refused !== undefined)) return yield* Refusals.ofChanges(judged)
      const { take } = yield* Effect.mapError(secretsSwap.prepare(after), ofSecrets)
      yield* Effect.uninterruptible(Effect.gen(function*() {
        isOnDisk = yield* journaled(plan, judged, asker, commandId)
        yield* take
        yield* files.swap(after)
        yield* quotes.forgetOf((id) => versionOf(before, id) !== versionOf(after, id)) // said in other ticks
        isApplied = true
      }))
      return judged
    }).pipe(Effect.ensuring(Effect.suspend(() => isApplied ? Effect.void : files.swap(before))))
    // Those who waited have their turn at once.
    const ticks = Effect.forEach(touched, (id) => Effect.ignore(accountFor(id).Tick(undefined, { discard: true })), { discard: true })
    const judged = yield* Effect.ensuring(swapped, ticks)
    const { notes, tell } = follow(before, after)
    const telling = yield* Effect.forkIn(tell, scope, { startImmediately: true })
    yield* Effect.timeoutOption(Fiber.await(telling), toldWithin)
    return receiptOf(plan, judged, true, [...notes, ...isOnDisk ? [] : [notOnDisk], `command ${commandId}`])
  })

  const Reload = Effect.fnUntraced(function*({ dryRun, ...asker }: Asker & { readonly dryRun: boolean }) {
    if (Option.isNone(house) || Option.isNone(secrets)) return yield* noFiles
    const plan = yield* makePlan(house.value, secrets.value, config)
    const { after, before, changes } = plan
    if (dryRun) {
      const judged = Refusals.judged(changes, before, yield* said(DiffEffect.accountsTouched(changes, before)))
      return receiptOf(plan, judged, false, follow(before, after).notes)
    }
    if (before.hash === after.hash && plan.secrets.length === 0) return receiptOf(plan, [], false, [])
    return yield* apply(house.value, secrets.value, plan, asker)
  }, one.withPermit)

  return { Reload, ...yield* Restarting.make }
})
