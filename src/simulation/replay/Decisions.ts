/**
 * What accounts made of approved alerts, decided again from the book before it and the facts that the journal holds: the quote that the entry
 * stood on, the configuration by its hash, the switches. What a venue could do is not journaled: it is tried which powers explain the row.
 */
import { Schema } from "effect"
import type { House } from "#config/House.ts"
import { modeOf } from "#schemas/config/LoginConfig.ts"
import type { AlertId } from "#schemas/Ids.ts"
import { JournalEvent, type JournalRow } from "#schemas/JournalEvent.ts"
import type { Quote } from "#schemas/Quote.ts"
import { ApprovedSignal } from "#schemas/Signal.ts"
import type * as Book from "#src/lifecycle/Book.ts"
import * as Decide from "#src/lifecycle/Decide.ts"
import type { Facts, Powers } from "#src/lifecycle/Facts.ts"
import { gatedOf } from "#src/simulation/replay/Arrivals.ts"
import type { Scene } from "#src/simulation/replay/Scene.ts"
import type { Tally } from "#src/simulation/replay/Tally.ts"

const encode = Schema.encodeSync(Schema.toCodecJson(JournalEvent))
const accountPrefix = "account/"

const bits = [false, true]
/** How a venue closes plays no part in what an alert decides. */
const anyPowers: ReadonlyArray<Powers> = bits.flatMap((nativeBrackets) => bits.flatMap((reduceOnly) => bits.flatMap((oca) => bits.map((modify) =>
  ({ nativeBrackets, reduceOnly, oca, modify, closeTakesOrders: false })))))

const powersOf = (house: House, account: string): ReadonlyArray<Powers> => {
  const configured = [...house.accounts.values()].find(({ id }) => id === account)
  const login = configured === undefined ? undefined : house.logins.get(configured.login)
  return login?.venue === "paper" ? [{ ...login.paper, closeTakesOrders: false }] : anyPowers
}

interface Decided {
  readonly row: JournalRow
  readonly alertId: AlertId
  readonly house: House
  readonly nowMs: number
  readonly quote: Quote | undefined
}

const factsOf = (scene: Scene, installationId: string, { house, nowMs, quote, row }: Decided, powers: Powers): Facts | undefined => {
  const id = row.stream.slice(accountPrefix.length)
  const account = [...house.accounts.values()].find((one) => one.id === id)
  const login = account === undefined ? undefined : house.logins.get(account.login)
  if (account === undefined || login === undefined) return undefined
  return {
    nowMs, installationId, account, powers,
    configHash: house.hash,
    strategies: house.strategies,
    calendars: house.calendars,
    quote: (instrumentId) => quote?.instrumentId === instrumentId ? quote : undefined,
    latched: (scopes) => scopes.find(scene.latched),
    paused: (scopes) => scopes.find(scene.paused),
    mode: modeOf(login.venue),
    exposedSinceMs: () => undefined,
    notBeforeMs: () => undefined,
    isLowOnDisk: false,
    mayEnter: true,
    isLeaving: false
  }
}

/** As it waited, else as it came: a reversal whose turn has come is an entry by then. */
const approvedOf = (scene: Scene, { alertId, house, row }: Decided): ApprovedSignal | undefined => {
  const waited = scene.waited(row.stream, alertId)
  if (waited !== undefined) return waited
  const gated = gatedOf(scene, house, alertId)
  return gated === undefined ? undefined : ApprovedSignal.make({ ...gated, _tag: "ApprovedSignal", guardNotes: [] })
}

/** What is decided now under the first powers that explain the row; else under the first. */
const again = (scene: Scene, installationId: string, decided: Decided, before: Book.Book, isSame: (events: ReadonlyArray<JournalEvent>) => boolean) => {
  const approved = approvedOf(scene, decided)
  if (approved === undefined) return undefined
  let first: ReadonlyArray<JournalEvent> | undefined
  for (const powers of powersOf(decided.house, decided.row.stream.slice(accountPrefix.length))) {
    const facts = factsOf(scene, installationId, decided, powers)
    if (facts === undefined) return undefined
    const events = Decide.act(before, approved, facts)
    if (isSame(events)) return events
    first ??= events
  }
  return first
}

const isByHand = (alertId: AlertId): boolean => alertId.startsWith("operator-")

/** Rows of the same decision stand together: the entry, its order, and what goes with it in one piece. */
export const entry = (scene: Scene, tally: Tally, installationId: string, row: JournalRow, following: ReadonlyArray<JournalRow>): void => {
  const { event } = row
  if (event._tag !== "EntryDecided") return
  const house = scene.houseBy(event.configHash)
  if (house === undefined) return tally.leave("entry: its configuration is not in this journal")
  if (isByHand(event.alertId)) return tally.leave("entry: an order by hand")
  const intents = following.map((next) => next.event).filter((next) => next._tag === "OrderIntended" && next.alertId === event.alertId)
  const was = [event, ...intents].map((one) => encode(one))
  const wasText = was.map((one) => JSON.stringify(one))
  const sameAs = (events: ReadonlyArray<JournalEvent>) => events.every((one, n) => JSON.stringify(encode(one)) === wasText[n])
  const account = row.stream.slice(accountPrefix.length)
  const decided: Decided = { row, alertId: event.alertId, house, nowMs: event.decidedAtMs, quote: event.quote }
  const events = again(scene, installationId, decided, scene.book(account), sameAs)
  if (events === undefined) return tally.leave("entry: its alert or account is not in this journal")
  tally.compare("entry", row, was.slice(0, events.length), events.map((one) => encode(one)))
}

export const close = (scene: Scene, tally: Tally, installationId: string, row: JournalRow): void => {
  const { event } = row
  if (event._tag !== "CloseDecided") return
  const house = scene.house()
  if (!["signal", "flatten", "reverse"].includes(event.reason) || house === undefined || isByHand(event.alertId)) {
    return tally.leave("close: by a rule or by hand")
  }
  const decided: Decided = { row, alertId: event.alertId, house, nowMs: row.atMs, quote: undefined }
  const account = row.stream.slice(accountPrefix.length)
  const was = encode(event)
  const found = (events: ReadonlyArray<JournalEvent>) => events.map((one) => encode(one)).find((one) => JSON.stringify(one) === JSON.stringify(was))
  const events = again(scene, installationId, decided, scene.book(account), (all) => found(all) !== undefined)
  if (events === undefined) return tally.leave("close: its alert or account is not in this journal")
  tally.compare("close", row, was, found(events) ?? events.map((one) => encode(one)))
}

/** Of what is known without the market: the venue's answers and quotes of that instant are not journaled with a no. */
const withoutMarket: ReadonlySet<string> = new Set([
  "SameSide", "OppositeSide", "InstrumentOwned", "EntryInFlight", "NothingToDo", "AccountDisabled", "AccountLane", "AccountAsset", "AccountSymbol", "StopRequired"
])

export const outcome = (scene: Scene, tally: Tally, installationId: string, row: JournalRow): void => {
  const { event } = row
  if (event._tag !== "OutcomeReached") return
  const { alertId, reason } = event
  const house = scene.house()
  if (reason === undefined || house === undefined) return tally.leave("outcome: it follows from orders and fills")
  if (!withoutMarket.has(reason.rule) || isByHand(alertId)) return tally.leave(`outcome: ${reason.rule} needs what is not journaled with it`)
  const decided: Decided = { row, alertId, house, nowMs: row.atMs, quote: undefined }
  const [now] = again(scene, installationId, decided, scene.book(row.stream.slice(accountPrefix.length)), () => true) ?? []
  if (now === undefined) return tally.leave("outcome: its alert or account is not in this journal")
  const shown = (one: JournalEvent) => one._tag === "OutcomeReached" ? { outcome: one.outcome, rule: one.reason?.rule } : encode(one)
  if (now._tag === "OutcomeReached" && now.reason?.rule === "QuoteStale") return tally.leave("outcome: the market came before it")
  tally.compare("outcome", row, shown(event), shown(now))
}
