/**
 * The judge: fed with rows of the journal, records of the venues' ledgers and what senders and operators saw, in the order in which it
 * happened, it says which promise was broken. Owns: who is told of what, and in which order. Each rule has a file of its own.
 */
import * as Agreement from "./Agreement.ts"
import * as Answers from "./Answers.ts"
import * as Budget from "./Budget.ts"
import * as Calm from "./Calm.ts"
import * as Caps from "./Caps.ts"
import * as Closing from "./Closing.ts"
import * as Digest from "./Digest.ts"
import * as Due from "./Due.ts"
import * as Ended from "./Ended.ts"
import * as Endings from "./Endings.ts"
import * as Evolve from "./Evolve.ts"
import * as Excess from "./Excess.ts"
import * as Fills from "./Fills.ts"
import * as Fires from "./Fires.ts"
import * as Fold from "./Fold.ts"
import * as Forbidden from "./Forbidden.ts"
import * as Fresh from "./Fresh.ts"
import * as Latched from "./Latched.ts"
import * as Latches from "./Latches.ts"
import * as Naked from "./Naked.ts"
import * as OneAlert from "./OneAlert.ts"
import * as OneEntry from "./OneEntry.ts"
import * as Outcomes from "./Outcomes.ts"
import * as Recent from "./Recent.ts"
import * as Resting from "./Resting.ts"
import * as Secrets from "./Secrets.ts"
import * as Settings from "./Settings.ts"
import type { Encoded, EncodedRecord, LedgerRecord, Row } from "./Shapes.ts"
import * as Shown from "./Shown.ts"
import * as Statistics from "./Statistics.ts"
import * as Told from "./Told.ts"
import * as Traced from "./Traced.ts"
import * as Unknowns from "./Unknowns.ts"
import * as Venues from "./Venues.ts"
import * as Violation from "./Violation.ts"
import type { Rule, World } from "./World.ts"

export interface Options {
  /** By the name of a ledger: the venue's account names, and which of our accounts is meant. */
  readonly venues: Venues.Directory
  readonly secrets?: ReadonlyArray<string>
  /** By login. */
  readonly requestsPerMinute?: Readonly<Record<string, number>>
  readonly slackMs?: number
  /** By venue: from our last look at a latch to the venue's book. */
  readonly transitMs?: Readonly<Record<string, number>>
  readonly violationsMax?: number
  /** Rows are handed over when they are staged, and count once `durableUpTo` says so. */
  readonly staged?: boolean
  /** `ledger`: the clock of the rows may be stepped, time is taken from everything else. */
  readonly clock?: "both" | "ledger"
  readonly isOurs?: (clientId: string) => boolean
}

const slackMsDefault = 250
const violationsMaxDefault = 50
/** Rows and records kept for the story of a violation, and to compare with what a later life reads. */
const keptMax = 200_000

const rulesOf = (world: World, options: Options, statistics: Statistics.Statistics) => {
  const outcomes = Outcomes.make(world)
  const oneAlert = OneAlert.make(world)
  const rules: ReadonlyArray<Rule> = [
    oneAlert,
    OneEntry.make(world),
    outcomes,
    Naked.make(world, statistics),
    Endings.make(world),
    Caps.make(world),
    Agreement.make(world),
    Ended.make(world),
    Closing.make(world),
    Fills.make(world),
    Excess.make(world),
    Resting.make(world),
    Forbidden.make(world),
    Fires.make(world),
    Budget.make(world, options.venues, options.requestsPerMinute ?? {}),
    Fresh.make(world),
    Traced.make(world),
    Unknowns.make(world, statistics)
  ]
  const answered = (answer: Answers.Answered): void => {
    outcomes.answered(answer)
    oneAlert.answered(answer)
  }
  return { answered, rules }
}

/** The picture, the rules, and what one row or one record does to them. */
const courtOf = (options: Options) => {
  const { clock = "both", isOurs = (id: string) => id.startsWith("il-"), secrets = [], slackMs = slackMsDefault, transitMs = {} } = options
  const docket = Violation.make(options.violationsMax ?? violationsMaxDefault)
  const fold = Fold.empty()
  const settings = Settings.make()
  const calm = Calm.make()
  const due = Due.make()
  const statistics = Statistics.make()
  const venues = new Map<string, Venues.Venue>()
  const books = new Map<string, Venues.Book>()
  const kept = new Map<number, Encoded>()
  const records = Recent.make<{ readonly venue: string; readonly record: EncodedRecord }>(keptMax)
  let nowMs = -Infinity

  const latched = Latched.make()
  const world: World = {
    fold, settings, calm, due, venues, slackMs, isOurs,
    bookOf: (account) => books.get(account),
    report: docket.report,
    nowMs: () => nowMs,
    isOneClock: clock === "both",
    transitMs: (venue) => transitMs[venue] ?? 0,
    latches: latched.all
  }
  const { answered, rules } = rulesOf(world, options, statistics)
  const latches = Latches.make(world, latched.isHeld)
  const shown = Shown.make(world)
  const everyRule = [...rules, latches]
  const befores = everyRule.flatMap(({ before }) => before ?? [])
  const afters = everyRule.flatMap(({ row }) => row ?? [])
  const listeners = everyRule.flatMap(({ record }) => record ?? [])

  const time = (atMs: number): void => {
    due.before(atMs)
    nowMs = Math.max(nowMs, atMs)
  }

  const switched = (kind: "pause" | "kill" | "block", scope: string, on: boolean, atMs: number): void => {
    const latch = latched.set(kind, scope, on, atMs)
    if (latch !== undefined) latches.set(latch)
  }

  const counts = (row: Row): void => {
    if (clock === "both") time(row.atMs)
    kept.set(row.seq, row)
    if (kept.size > keptMax) kept.delete(row.seq - keptMax)
    statistics.row(row)
    for (const before of befores) before(row)
    if (row.event._tag === "ConfigApplied") settings.apply(row.event)
    if (row.event._tag === "SwitchSet") switched(row.event.kind, row.event.scope, row.event.on, clock === "both" ? row.atMs : nowMs)
    Evolve.evolve(fold, row)
    for (const after of afters) after(row)
    Secrets.judge(world, secrets, row)
    shown.reached(row.seq)
  }

  const row = (encoded: Encoded): void => {
    const before = kept.get(encoded.seq)
    if (before !== undefined) return Answers.reread(world, [encoded], encoded.seq, (seq) => kept.get(seq))
    counts(encoded as Row)
  }

  const ledger = (encoded: EncodedRecord, name: string): void => {
    const record = encoded as LedgerRecord
    time(record.atMs)
    records.add({ venue: name, record })
    statistics.record(record)
    const venue = venues.get(name) ?? { name, books: new Map(), shut: new Set() }
    venues.set(name, venue)
    calm.record(name, record)
    const touched = Venues.evolve(venue, options.venues, record)
    if (touched !== undefined) books.set(touched.book.account, touched.book)
    for (const listen of listeners) listen(record, touched, name)
  }

  const story: Told.Kept = { rows: () => kept.values(), records: records.all, nameOf: (account) => books.get(account)?.name }
  return {
    world, docket, fold, calm, answered, shown, statistics, everyRule, time, switched, row, ledger, story,
    keptAt: (seq: number) => kept.get(seq)
  }
}

export const make = (options: Options) => {
  const { calm, docket, everyRule, fold, answered, keptAt, ledger, row, shown, statistics, story, switched, time, world } = courtOf(options)
  let staged: Array<Encoded> = []

  return {
    /** One row, encoded, in the journal's order, once it is on disk; with `staged`, once it has its place. */
    row: (encoded: Encoded): void => {
      if (options.staged === true) staged.push(encoded)
      else row(encoded)
    },
    durableUpTo: (seq: number): void => {
      const ready = staged.filter((one) => one.seq <= seq)
      staged = staged.filter((one) => one.seq > seq)
      for (const one of ready) row(one)
    },
    ledger,
    answered: (answer: Answers.Answered): void => {
      time(answer.atMs)
      Answers.judge(world, answer)
      answered(answer)
    },
    life: ({ atMs, kind }: { readonly atMs: number; readonly kind: "start" | "stop" | "kill" }): void => {
      time(atMs)
      if (kind === "start") statistics.counts.lives += 1
      if (kind !== "start") staged = []
      calm.life(atMs, kind)
    },
    /** The latch itself, the moment it was set or lifted. */
    operator: ({ atMs, scope, what }: { readonly atMs: number; readonly what: "pause" | "resume" | "kill" | "unkill" | "flatten"; readonly scope: string }): void => {
      time(atMs)
      if (what === "resume") {
        switched("pause", scope, false, atMs)
        switched("block", scope, false, atMs)
      } else switched(what === "flatten" ? "block" : what === "unkill" ? "kill" : what, scope, what !== "unkill", atMs)
    },
    disturbed: ({ atMs, untilMs = atMs, venue }: { readonly atMs: number; readonly untilMs?: number; readonly venue?: string; readonly what: string }): void => {
      time(atMs)
      calm.disturbed(atMs, untilMs, venue)
    },
    disk: ({ atMs, full }: { readonly atMs: number; readonly full: boolean }): void => {
      time(atMs)
      calm.disk(atMs, full)
    },
    time,
    /** False: that place of the journal is behind. */
    view: shown.view,
    reread: (rows: ReadonlyArray<Encoded>): void => Answers.reread(world, rows, fold.seq, keptAt),
    fold: (): Digest.Folded => Digest.of(fold),
    end: ({ atMs, settled }: { readonly atMs: number; readonly settled: boolean }): void => {
      time(atMs + 1)
      for (const { end } of everyRule) end?.(atMs, settled)
    },
    violations: docket.all,
    /** Those beyond the bound too. */
    violationsCount: docket.count,
    statistics: statistics.figures,
    fail: (violation: Violation.Violation): string => Told.text(violation, story),
    text: (): string => Told.all(docket.all(), story)
  }
}

export type Judge = ReturnType<typeof make>
