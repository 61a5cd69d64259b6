/**
 * Several lives of the real process over one data folder, each ended by SIGKILL in the middle of its work, and one more that is left in peace
 * until nothing changes any more. Then journal, ledger and what senders were told are judged.
 */
import { readFileSync } from "node:fs"
import { createServer, type AddressInfo } from "node:net"
import * as NodePath from "node:path"
import { Clock, Effect, Fiber, Option, Random } from "effect"
import { ClientOrderId } from "#schemas/Ids.ts"
import * as Reference from "#src/simulation/venues/reference/Reference.ts"
import * as Serve from "#src/simulation/venues/shared/Serve.ts"
import type { Judge } from "#src/simulation/oracle/Judge.ts"
import { folder, write } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"
import * as Config from "./Config.ts"
import * as Counts from "./Counts.ts"
import * as Picture from "./Picture.ts"
import * as Rows from "./Rows.ts"
import * as Sender from "./Sender.ts"
import * as Verdict from "./Verdict.ts"

const loadMs = { min: 50, max: 1_500 }
/** Of a hundred lives, so many end before they are in full swing: at any moment from their birth on. */
const earlyPercent = 25
/** Of the others, so many are sent nothing before all accounts may trade; the rest as soon as the door opens. */
const openPercent = 60
/** Before anybody knows how long a start takes. */
const startMsGuess = 1_500
const perSecondUsual = 400
const quietWithinMs = 150_000
/** Nothing new in journal and ledger for so long, and nothing left to be done. */
const stillMs = 800
/** An operator waits so long for the house to find the proof by itself. */
const patienceMs = 45_000
const lookEvery = "50 millis"

export interface Options {
  readonly seed: number
  readonly kills: number
  readonly style: "native" | "plain"
  /** Alerts; absent: 400. */
  readonly perSecond?: number
  /** The data folder stays here, with the ledger beside it. */
  readonly keep?: string
}

export interface Result extends Omit<Counts.Counts, "lost" | "doubled" | "unlogged" | "unknown" | "naked"> {
  readonly seed: number
  readonly style: string
  readonly kills: number
  /** Orders that never arrived and that nobody can prove of: an operator's word ended them. */
  readonly attested: number
  readonly posts: number
  readonly rows: number
  readonly ledger: number
  readonly lost: number
  readonly doubled: number
  readonly unlogged: number
  readonly unknown: number
  readonly naked: number
  /** From the process to the last account open, with all that the killed lives had left. */
  readonly tradingReadyMs: number
  /** From there until nothing changed any more. */
  readonly quietMs: number
  /** So much more time every promise had: the machine had no room for the house, in its worst life. */
  readonly starvedMs: number
  readonly violations: number
  readonly statistics: ReturnType<Judge["statistics"]>
  /** What is wrong, in words. */
  readonly told: ReadonlyArray<string>
}

const toldMax = 10

/** Free now: the lives of one house follow each other on it, so that a sender finds the next. */
const freePort = Effect.callback<number>((resume) => {
  const server = createServer()
  const isBound = (address: ReturnType<typeof server.address>): address is AddressInfo => typeof address === "object" && address !== null
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = isBound(address) ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

const openAccounts = (house: Process.Child): number => {
  const states = new Map<string, string>()
  for (const [, account = "", state = ""] of house.out().matchAll(/^account (\S+) (\S+)/gm)) states.set(account, state)
  return [...states.values()].filter((state) => state === "open").length
}

const open = (house: Process.House) =>
  Process.until("every account open", quietWithinMs, Effect.sync(() => openAccounts(house) === Config.accounts.length ? Option.some(true) : house.out() + house.err()))

interface Stage {
  readonly data: string
  readonly house: Process.Options
  readonly sender: Effect.Success<ReturnType<typeof Sender.make>>
  readonly lives: Array<Verdict.Life>
  /** Of each life. */
  readonly starved: Array<number>
}

const note = (lives: Array<Verdict.Life>, kind: Verdict.Life["kind"]) => Effect.map(Clock.currentTimeMillis, (atMs) => void lives.push({ atMs, kind }))

/** How long it was ready to run and the machine had no room for it; 0 where nobody can tell. */
const starvedMs = ({ pid }: Process.Child): number => {
  try {
    return Math.round(Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[1]) / 1e6)
  } catch {
    return 0
  }
}

const endIt = (stage: Stage, house: Process.Child) => Effect.gen(function*() {
  stage.starved.push(starvedMs(house))
  yield* Process.kill(house)
  yield* note(stage.lives, "kill")
})

/** One life. Gives how long its start took, if it came that far. */
const life = Effect.fnUntraced(function*(stage: Stage, startMs: number) {
  yield* note(stage.lives, "start")
  if ((yield* Random.nextIntBetween(0, 100)) < earlyPercent) {
    const house = yield* Process.begin(stage.data, stage.house)
    yield* Effect.sleep(yield* Random.nextIntBetween(0, Math.ceil(startMs * 1.5)))
    yield* endIt(stage, house)
    return startMs
  }
  const house = yield* Process.start(stage.data, stage.house)
  if ((yield* Random.nextIntBetween(0, 100)) < openPercent) yield* open(house)
  const sending = yield* Effect.forkChild(stage.sender.load)
  yield* Effect.sleep(yield* Random.nextIntBetween(loadMs.min, loadMs.max))
  yield* endIt(stage, house)
  yield* Fiber.interrupt(sending)
  return house.readyMs
}, Effect.scoped)

/** Unknown, and the venue never saw it. */
const unproven = (picture: Picture.Picture, there: ReadonlySet<string>): ReadonlyArray<string> =>
  [...picture.orders.values()].filter(({ id, status }) => status === "Unknown" && !there.has(id)).map(({ id }) => id)

/** Nothing is under way that the house could end by itself. */
const isUpToOthers = (picture: Picture.Picture, there: ReadonlySet<string>): boolean =>
  picture.reconciled.size === Config.accounts.length &&
  [...picture.orders.values()].every(({ id, status }) => status !== "Intended" && (status !== "Unknown" || !there.has(id))) &&
  picture.open().every(([, account]) => account !== "")

/** As an operator who has looked at the venue's own screen. Who comes too late is told so. */
const attest = (house: Process.House, ids: ReadonlyArray<string>) =>
  Process.ask(house, (client) => Effect.forEach(ids, (id) =>
    Effect.ignore(client.ResolveOrder({ orderId: ClientOrderId.make(id), who: "kills", why: "the venue does not have it" })), { discard: true }))

/** Journal and ledger, as far as they were read. */
const watch = (data: string, venue: Reference.Reference) => Effect.gen(function*() {
  const journal = yield* Effect.acquireRelease(Effect.sync(() => Rows.follow(data)), ({ close }) => Effect.sync(close))
  const picture = Picture.make()
  const there = new Set<string>()
  let seen = 0
  /** Whether there was anything new. */
  const look = (): boolean => {
    const rows = journal.next()
    rows.forEach(picture.row)
    const records = venue.ledger.slice(seen)
    seen = venue.ledger.length
    for (const record of records) if (record.kind === "order" && record.clientId !== undefined) there.add(record.clientId)
    return rows.length > 0 || records.some(({ kind }) => kind !== "request" && kind !== "told")
  }
  return { look, picture, there }
})

/** Until nothing changes any more, or there is no more time. What the venue never saw nobody but an operator can end: he does. */
const comeToRest = Effect.fnUntraced(function*({ data }: Stage, house: Process.House, venue: Reference.Reference) {
  const { look, picture, there } = yield* watch(data, venue)
  const endMs = (yield* Clock.currentTimeMillis) + quietWithinMs
  let attested = 0
  let stillSinceMs = Infinity
  while (true) {
    const isNew = look()
    const nowMs = yield* Clock.currentTimeMillis
    stillSinceMs = isNew || !isUpToOthers(picture, there) ? Infinity : Math.min(stillSinceMs, nowMs)
    if (nowMs - stillSinceMs >= stillMs) {
      const ids = unproven(picture, there)
      if (ids.length === 0 && picture.open().length === 0) return { isAtRest: true, attested }
      if (nowMs - stillSinceMs >= patienceMs) {
        attested += ids.length
        yield* attest(house, ids)
        stillSinceMs = Infinity
      }
    }
    if (nowMs > endMs) return { isAtRest: false, attested }
    yield* Effect.sleep(lookEvery)
  }
}, Effect.scoped)

const judged = ({ data, lives, sender, starved }: Stage, ledger: ReadonlyArray<Reference.Reference["ledger"][number]>, isAtRest: boolean) => {
  const rows = Rows.all(data)
  const picture = Picture.make()
  rows.forEach(picture.row)
  const counts = Counts.of(picture, ledger, sender.answers)
  const starvedMs = Math.max(0, ...starved)
  const judge = Verdict.of({ rows, ledger, lives, starvedMs, answers: sender.answers })
  judge.end({ atMs: Math.max(rows.at(-1)?.atMs ?? 0, ledger.at(-1)?.atMs ?? 0), settled: isAtRest })
  const violations = judge.violations().slice(0, toldMax)
  const named = (["lost", "doubled", "unlogged", "unknown", "naked"] as const).flatMap((name) => counts[name].slice(0, toldMax).map((text) => `${name} ${text}`))
  return {
    starvedMs, rows: rows.length, ledger: ledger.length, counts, violations: judge.violationsCount(), statistics: judge.statistics(),
    told: [...isAtRest ? [] : [`not at rest within ${quietWithinMs} ms`], ...named, ...violations.map(judge.fail)]
  }
}

/** The last life, in peace. */
const inPeace = Effect.fnUntraced(function*(stage: Stage, venue: Reference.Reference) {
  yield* note(stage.lives, "start")
  const bornMs = yield* Clock.currentTimeMillis
  const house = yield* Process.start(stage.data, stage.house)
  yield* open(house)
  const readyAtMs = yield* Clock.currentTimeMillis
  yield* stage.sender.over
  const { attested, isAtRest } = yield* comeToRest(stage, house, venue)
  const ledger = [...venue.ledger]
  const quietAtMs = yield* Clock.currentTimeMillis
  yield* endIt(stage, house)
  return { attested, isAtRest, ledger, tradingReadyMs: readyAtMs - bornMs, quietMs: quietAtMs - readyAtMs }
}, Effect.scoped)

export const run = ({ keep, kills, perSecond = perSecondUsual, seed, style }: Options) => Effect.gen(function*() {
  const root = keep ?? (yield* folder)
  const venue = yield* Reference.make(Config.venue(seed, style))
  const { url } = yield* Serve.serve(venue, { port: 0 })
  yield* write(NodePath.join(root, "config"), Config.files(url))
  const port = yield* freePort
  const stage: Stage = {
    data: NodePath.join(root, "data"),
    house: { config: NodePath.join(root, "config"), env: { ...Config.environment(port), INTERLOCK_LOG: "error" } },
    sender: yield* Sender.make(port, perSecond),
    lives: [],
    starved: []
  }
  let startMs = startMsGuess
  for (let n = 1; n < kills; n++) startMs = yield* life(stage, startMs)
  const { attested, isAtRest, ledger, quietMs, tradingReadyMs } = yield* inPeace(stage, venue)
  if (keep !== undefined) yield* write(root, { "ledger.jsonl": ledger.map((record) => JSON.stringify(record)).join("\n") })
  const { counts, told, ...rest } = judged(stage, ledger, isAtRest)
  const result: Result = {
    seed, style, kills, attested, posts: stage.sender.counts.posts, tradingReadyMs, quietMs, ...counts, ...rest, told,
    lost: counts.lost.length, doubled: counts.doubled.length, unlogged: counts.unlogged.length, unknown: counts.unknown.length, naked: counts.naked.length
  }
  return result
}).pipe(Effect.scoped, Random.withSeed(seed))
