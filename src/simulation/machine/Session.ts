/**
 * One login's session: what waits for its wire, what is out, its connection. Owns: who goes first, and what may still leave at the last moment;
 * the rules are those of `actors/broker-session`.
 */
import * as Outbox from "#actors/broker-session/Outbox.ts"
import * as Transmit from "#actors/broker-session/Transmit.ts"
import type { AccountId, ClientOrderId, InstrumentId, LoginId, StrategyId } from "#schemas/Ids.ts"
import type { Ticks } from "#schemas/Instrument.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Quote } from "#schemas/Quote.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import type { RequestResult, SessionRequest } from "#schemas/SessionRequest.ts"
import type { VenueEvent } from "#schemas/VenueEvent.ts"
import * as Exposure from "#src/lifecycle/Exposure.ts"
import type { Chance } from "#src/simulation/Chance.ts"
import type { Account } from "#src/simulation/machine/Account.ts"
import * as Picture from "#src/simulation/machine/Picture.ts"
import type { Abilities } from "#src/simulation/machine/Setup.ts"
import * as Travel from "#src/simulation/machine/Travel.ts"
import type { Ordering, Told, Venue } from "#src/simulation/machine/Venue.ts"
import type { World } from "#src/simulation/machine/World.ts"

const { SessionConnected, SessionLost } = JournalEvent.cases

const reconnectMs = [250, 500, 1_000, 2_000, 5_000] as const
const steadyMs = 30_000
const neededMs = 500
const neededTriesMax = 20
const sendersOfAll = 2
const sendersOfUrgent = 2
/** Silence is found out at the latest by the third missed heartbeat. */
const silenceMsMax = 31_000
/** Each frame has its number: a gap is found out with the next quote, where no market is open with the next heartbeat. */
const gapMsMax = { open: 1_000, shut: 10_000 }
const silenceMsMin = 1_000
const urgencies = ["cancel", "protective", "exit", "entry", "query"] as const
const patientFrom = urgencies.indexOf("entry")

interface Item {
  request: SessionRequest
  readonly afterSeq: number
  readonly strategy: StrategyId | undefined
  readonly urgency: number
  isOut: boolean
}

type Entry = Extract<SessionRequest, { readonly _tag: "Submit" | "SubmitBracket" }>

const addsRisk = (request: SessionRequest): request is Entry =>
  request._tag === "SubmitBracket" || (request._tag === "Submit" && request.order.leg === "entry")

const scopesOf = (request: Entry, login: LoginId, strategy: StrategyId | undefined): ReadonlyArray<RiskScope> => {
  const { asset } = request.instrument
  const { lane } = request._tag === "Submit" ? request.order : request.bracket.entry
  return [
    "all", `login/${login}`, `account/${Outbox.accountOf(request)}`, `asset/${asset}`, `asset/${asset}/paper`,
    ...(strategy === undefined ? [] : [`strategy/${strategy}` as const]),
    ...(lane === undefined ? [] : [`lane/${lane}` as const])
  ]
}

const idsIn = (request: SessionRequest): ReadonlyArray<ClientOrderId> => {
  if (request._tag === "Submit") return [request.order.id]
  if (request._tag !== "SubmitBracket") return []
  const { entry, stop, target } = request.bracket
  return [entry, stop, target].flatMap((order) => order === undefined ? [] : [order.id])
}

export interface Options {
  readonly login: LoginId
  readonly venue: Venue
  readonly abilities: Abilities
  readonly account: (id: AccountId) => Account | undefined
  readonly accounts: ReadonlyArray<AccountId>
  readonly chance: Chance
}

export class Session {
  readonly login: LoginId
  readonly #world: World
  readonly #of: Options
  readonly #travel: Travel.Travel
  readonly #bornAtMs: number
  /** In the order they came. */
  readonly #items: Array<Item> = []
  readonly #times: Picture.Times = { fillMs: 0, pictureMs: 0 }
  readonly #out = { all: 0, urgent: 0 }
  /** 0: none. */
  #connection = 0
  #connections = 0
  #connectedAtMs = Infinity
  #tries = 0
  #failures = 0
  #quotesStopMs: number

  constructor(world: World, of: Options) {
    this.login = of.login
    this.#world = world
    this.#of = of
    this.#travel = Travel.make(world, of.venue, of.chance)
    this.#bornAtMs = world.wallMs()
    this.#quotesStopMs = world.heap.nowMs()
  }

  connect(): void {
    this.#world.soon(() => this.#connect(), this.#world.heap.nowMs() + this.#travel.travelMs())
  }

  /** The stream ends. */
  drop(): void {
    this.#world.soon(() => this.#lost("the venue closed the stream"))
  }

  fallSilent(): void {
    this.#world.soon(() => {
      if (this.#connection === 0) return
      this.#of.venue.silence()
      this.#findOut("the venue fell silent", silenceMsMin + this.#of.chance.below(silenceMsMax - silenceMsMin))
    })
  }

  ask(request: SessionRequest, afterSeq: number, strategy?: StrategyId): void {
    const waiting = request._tag === "Snapshot" ? this.#items.find((item) =>
      !item.isOut && item.request._tag === "Snapshot" && item.request.accountId === request.accountId) : undefined
    if (waiting !== undefined) {
      waiting.request = request
      return
    }
    this.#items.push({ request, afterSeq, strategy, urgency: urgencies.indexOf(Outbox.urgencyOf(request)), isOut: false })
    this.#world.soon(() => this.#pump())
  }

  quote(id: InstrumentId): Quote | undefined {
    const { heap, market, wallMs } = this.#world
    const { venue } = this.#of
    const traded = market.get(id)
    if (traded === undefined) return undefined
    const isLive = this.#connection !== 0 && venue.quotesAreAlive() && venue.isOpen(id)
    const atMs = isLive ? heap.nowMs() : Math.min(heap.nowMs(), this.#quotesStopMs)
    const bid = traded.prices.at(atMs)
    return {
      instrumentId: id, bid: bid as Ticks, ask: (bid + 1) as Ticks, last: bid as Ticks, source: this.login, isSimulated: true, atMs: atMs + wallMs() - heap.nowMs()
    }
  }

  #pump(): void {
    for (let item = this.#next(true); this.#out.urgent < sendersOfUrgent && item !== undefined; item = this.#next(true)) this.#carry(item, "urgent")
    for (let item = this.#next(false); this.#out.all < sendersOfAll && item !== undefined; item = this.#next(false)) this.#carry(item, "all")
  }

  #next(isUrgent: boolean): Item | undefined {
    let first: Item | undefined
    for (const item of this.#items) {
      if (item.isOut || (isUrgent && item.urgency >= patientFrom)) continue
      if (first === undefined || item.urgency < first.urgency) first = item
    }
    return first
  }

  #carry(item: Item, by: "all" | "urgent"): void {
    const { broken, journal } = this.#world
    this.#out[by] += 1
    item.isOut = true
    const { request } = item
    const done = () => {
      this.#items.splice(this.#items.indexOf(item), 1)
      this.#out[by] -= 1
      this.#pump()
    }
    if (request._tag === "Snapshot") return this.#picture(request, done)
    const transmit = () => this.#transmit(item, request, (result) => {
      this.#of.account(Outbox.accountOf(request))?.answered(request, result)
      done()
    })
    if (broken.isEager === true) transmit()
    else journal.durable(item.afterSeq, transmit)
  }

  #transmit(item: Item, request: Ordering, answered: (result: RequestResult) => void): void {
    const no = this.#stopped(item) ?? (this.#connection === 0 ? Transmit.notConnected : undefined)
    if (no === undefined) this.#travel.send(request, answered)
    else this.#world.soon(() => answered(no))
  }

  #stopped({ request, strategy }: Item): RequestResult | undefined {
    if (!addsRisk(request)) return undefined
    const { latched, paused, wallMs } = this.#world
    const scopes = latched.size + paused.size === 0 ? [] : scopesOf(request, this.login, strategy)
    if (scopes.some((scope) => latched.has(scope))) return Transmit.withheld("Latched", "no new risk may leave", false)
    if (scopes.some((scope) => paused.has(scope))) return Transmit.withheld("Paused", "it was paused before it left", true)
    return wallMs() > (request.notAfterMs ?? Infinity) ? Transmit.withheld("StaleEntry", "its alert grew too old while it waited for the wire", true) : undefined
  }

  #picture(request: Extract<SessionRequest, { readonly _tag: "Snapshot" }>, done: () => void): void {
    const { heap, soon, wallMs } = this.#world
    const mine = this.#connection
    Picture.take({
      request, venue: this.#of.venue, times: this.#times, wallMs, lookupIsProof: this.#of.abilities.lookupIsProof,
      inHand: new Set(this.#items.flatMap((one) => idsIn(one.request))),
      isEarly: wallMs() - this.#bornAtMs < Transmit.answerWithinMs,
      later: (run) => soon(run, heap.nowMs() + this.#travel.travelMs()),
      isGone: () => this.#connection === 0 || this.#connection !== mine,
      overheard: (came) => this.#of.account(request.accountId)?.reported(came),
      end: (snapshot) => {
        this.#of.account(request.accountId)?.pictured(snapshot)
        done()
      }
    })
  }

  #heard(told: ReadonlyArray<Told>): void {
    const byAccount = new Map<string, Array<VenueEvent>>()
    for (const { account, event } of told) {
      if (event._tag === "Filled") this.#times.fillMs = Math.max(this.#times.fillMs, event.fill.atMs)
      const events = byAccount.get(account)
      if (events === undefined) byAccount.set(account, [event])
      else events.push(event)
    }
    for (const id of this.#of.accounts) {
      const events = byAccount.get(`V-${id}`)
      if (events !== undefined) this.#of.account(id)?.reported(events)
    }
  }

  #note(event: JournalEvent): void {
    this.#world.journal.stage(`broker-session/${this.login}`, [event])
  }

  #lost(reason: string): void {
    if (this.#connection === 0) return
    this.#connection = 0
    this.#quotesStopMs = this.#world.heap.nowMs()
    this.#of.venue.deaf()
    this.#of.venue.write({ kind: "reach", up: false })
    if (this.#world.heap.nowMs() - this.#connectedAtMs >= steadyMs) this.#tries = 0
    this.#note(SessionLost.make({ login: this.login, atMs: this.#world.wallMs(), reason }))
    for (const id of this.#of.accounts) this.#of.account(id)?.down()
    this.#retry()
  }

  #retry(): void {
    const listedMs = reconnectMs[Math.min(this.#tries, reconnectMs.length - 1)] ?? silenceMsMax
    const isNeeded = this.#failures < neededTriesMax && this.#of.accounts.some((id) => {
      const book = this.#of.account(id)?.book()
      return book !== undefined && Exposure.cannotWait(book)
    })
    const waitMs = isNeeded ? Math.min(listedMs, neededMs) : listedMs
    this.#tries += 1
    this.#failures += 1
    this.#world.soon(() => this.#connect(), this.#world.heap.nowMs() + waitMs)
  }

  #isOpen(): boolean {
    return [...this.#world.market.keys()].some((id) => this.#of.venue.isOpen(id))
  }

  #findOut(reason: string, afterMs: number): void {
    const { heap, soon } = this.#world
    const mine = this.#connection
    this.#quotesStopMs = heap.nowMs()
    soon(() => {
      if (this.#connection === mine) this.#lost(reason)
    }, heap.nowMs() + afterMs)
  }

  #connect(): void {
    const { abilities, account, accounts, venue } = this.#of
    if (this.#connection !== 0) return
    if (venue.dice.hit("F6", "sign in") !== undefined) return this.#retry()
    this.#connections += 1
    const mine = this.#connections
    this.#connection = mine
    this.#failures = 0
    this.#connectedAtMs = this.#world.heap.nowMs()
    const whileMine = (run: () => void) => this.#world.soon(() => {
      if (this.#connection === mine) run()
    })
    venue.listen((told) => whileMine(() => this.#heard(told)), () => whileMine(() => this.#findOut("a gap in the stream", this.#of.chance.below(this.#isOpen() ? gapMsMax.open : gapMsMax.shut))))
    venue.write({ kind: "reach", up: true })
    this.#note(SessionConnected.make({ login: this.login, atMs: this.#world.wallMs() }))
    for (const id of accounts) account(id)?.up(abilities.powers)
  }
}
