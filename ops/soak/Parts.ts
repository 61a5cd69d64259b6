/** What a soak runs: how much of its time each part gets, the command of one run, and what its answer counts. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as Child from "./Child.ts"
import type { Entry } from "./Corpus.ts"
import * as Sum from "./Sum.ts"

export interface Counted {
  readonly sum: Partial<Sum.Sum>
  /** To be run for ever. */
  readonly corpus?: ReadonlyArray<Entry>
}

export interface Part {
  readonly name: string
  /** Of the time that is left once those with needs of their own have it. */
  readonly share: number
  /** Seconds of one core, whatever the time: it has an end of its own. */
  readonly needs?: number
  /** It keeps both cores busy by itself. */
  readonly isWide: boolean
  /** From the root. */
  readonly program: string
  /** Of its nth run, with so many seconds left of all it has. Undefined: that was all of it. */
  readonly args: (n: number, seed: number, seconds: number, of: number) => ReadonlyArray<string> | undefined
  readonly count: (lines: ReadonlyArray<unknown>) => Counted
}

/** A lane starts another run only if it has at least this left. */
export const secondsMin = 5
/** Of a run that is told how long it may take: so much more and it is ended. */
export const graceSeconds = 120

type Json = Readonly<Record<string, unknown>>
const object = (value: unknown): Json => typeof value === "object" && value !== null ? value as Json : {}
const list = (value: unknown): ReadonlyArray<Json> => Array.isArray(value) ? value.map(object) : []
const number = (value: unknown): number => typeof value === "number" && Number.isFinite(value) ? value : 0
const text = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value) ?? ""
const counts = (value: unknown): Readonly<Record<string, number>> => Object.fromEntries(Object.entries(object(value)).map(([name, count]) => [name, number(count)]))
const whyShown = 300

const entryOf = ({ days: count, faults, scenario, seed, why }: Json): Entry => ({ scenario: text(scenario), seed: number(seed), days: number(count), faults: text(faults), why: text(why) })

const days = (name: string, offset: number): Part => ({
  name, share: 7, isWide: false, program: "ops/soak/days.ts",
  args: (n, seed, seconds) => ["--seed", String(seed + offset + n * 10_000), "--seconds", String(Math.floor(seconds)), "--json"],
  count: ([line]) => ({ sum: object(object(line)["sum"]) as Partial<Sum.Sum>, corpus: list(object(line)["failed"]).map(entryOf) })
})

/** So slow it never is. A run tells what it found at its end: none is longer than a few minutes. */
const machineDaysPerSecond = 0.7
const machineDaysMax = 200
const machine: Part = {
  name: "machine days", share: 28, isWide: false, program: "src/simulation/machine/main.ts",
  args: (n, seed, seconds) => ["--days", String(Math.min(machineDaysMax, Math.ceil(seconds * machineDaysPerSecond))), "--seed", String(seed + n), "--json"],
  count: ([line]) => {
    const told = object(line)
    const failed = list(told["failed"]).map((day) => ({ seed: number(day["seed"]), invariants: list(day["violations"]) }))
    return {
      sum: {
        machineDays: number(told["days"]), faults: counts(told["faults"]), nakedMs: counts(told["naked"]), slowestNakedMs: number(told["slowestNakedMs"]),
        violations: number(told["violations"]), ...Sum.ofInvariants(failed.flatMap(({ invariants }) => invariants.map(({ invariant }) => text(invariant)))),
        failures: failed.map(({ invariants: [first], seed }) => ({
          part: "machine days", again: `node src/simulation/machine/main.ts --day ${seed}`, why: `${text(first?.["invariant"])} ${text(first?.["message"])}`
        }))
      },
      corpus: failed.map(({ invariants: [first], seed }) => ({ scenario: "machine", seed, days: 1, faults: "", why: `${text(first?.["invariant"])} ${text(first?.["message"])}` }))
    }
  }
}

const shards = 20
/** All calls of all recoveries take about so long, seconds; with less a sample of them. */
const recoverySeconds = 1_500
const calls: Part = {
  name: "every call", share: 18, isWide: false, program: "test/simulation/calls/main.ts",
  args: (n, seed, _, of) => n >= shards ? undefined
    : ["--shard", `${(seed + n) % shards + 1}/${shards}`, "--recovery", of >= recoverySeconds ? "all" : "sampled", "--seed", String(seed), "--json"],
  count: (lines) => {
    const failures = lines.flatMap((line) => list(object(line)["failures"]))
    return {
      sum: {
        callRuns: lines.reduce<number>((sum, line) => sum + number(object(line)["runs"]), 0), violations: failures.length,
        ...Sum.ofInvariants(failures.map(({ violations }) => text(Array.isArray(violations) ? violations[0] : "").split(" ")[0] ?? "")),
        failures: failures.map(({ replay, violations }) => ({ part: "every call", again: text(replay), why: text(Array.isArray(violations) ? violations[0] : "").slice(0, whyShown) }))
      }
    }
  }
}

const kills: Part = {
  name: "kills", share: 48, isWide: true, program: "test/simulation/kills/main.ts",
  args: (n, seed, seconds) => n > 0 ? undefined : ["--minutes", String(seconds / 60), "--seed", String(seed % 1_000_000), "--json"],
  count: ([line]) => {
    const told = object(line)
    const sum = (name: string) => number(told[name])
    return {
      sum: {
        kills: sum("kills"), acknowledged: sum("acknowledged"), lost: sum("lost"), doubled: sum("doubled") + sum("unlogged"), unknown: sum("unknown"), naked: sum("naked"),
        violations: sum("violations"), nakedMs: counts(told["nakedMs"]), slowestNakedMs: sum("slowestNakedMs"), slowestUnknownMs: sum("slowestUnknownMs"),
        slowestEvidenceMs: sum("slowestEvidenceMs"),
        failures: list(told["failed"]).map(({ again, told: words }) => ({ part: "kills", again: text(again), why: text(Array.isArray(words) ? words[0] : "").slice(0, whyShown) }))
      }
    }
  }
}

const planted: Part = {
  name: "planted bugs", share: 0, needs: 300, isWide: false, program: "test/simulation/planted/main.ts",
  args: (n) => n > 0 ? undefined : ["--json"],
  count: (lines) => {
    const told = lines.map(object)
    const bugs = told.filter(({ name }) => name !== undefined)
    const clean = told.filter(({ withoutBug }) => withoutBug === true)
    return {
      sum: {
        bugsPlanted: bugs.length, bugsCaught: bugs.filter(({ noticed }) => noticed === true).length,
        failures: [
          ...clean.map(({ invariant, run, text: what }) => ({ part: "planted bugs", again: `node test/simulation/planted/main.ts # ${text(run)}`, why: `without any bug: ${text(invariant)} ${text(what)}` })),
          ...bugs.filter(({ noticed }) => noticed !== true).map(({ name }) => ({ part: "planted bugs", again: `node test/simulation/planted/main.ts --only ${text(name)}`, why: `${text(name)} was not noticed` }))
        ]
      }
    }
  }
}

/** So slow it never is. */
const inputsPerSecond = 100
const fuzz: Part = {
  name: "fuzz", share: 16, isWide: false, program: "test/fuzz/main.ts",
  args: (n, seed, seconds) => ["--inputs", String(Math.ceil(seconds * inputsPerSecond)), "--seed", String(seed + n), "--json"],
  count: (lines) => {
    const reports = Array.isArray(lines[0]) ? list(lines[0]) : lines.map(object)
    return {
      sum: {
        fuzzInputs: reports.reduce((sum, { inputs }) => sum + number(inputs), 0),
        failures: reports.flatMap(({ told }) => list(told).map(({ at, seed, target, wrong }) => ({
          part: "fuzz", again: `node test/fuzz/main.ts --target ${text(target)} --seed ${text(seed)} --at ${number(at)}`, why: text(wrong).slice(0, whyShown)
        })))
      }
    }
  }
}

const seedsTwice = { all: 50, atOnce: 5 }
const twice: Part = {
  name: "equal journals", share: 0, needs: 420, isWide: false, program: "ops/soak/twice.ts",
  args: (n, seed) => {
    const { all, atOnce } = seedsTwice
    return n * atOnce >= all ? undefined : ["--seed", String(seed + n * atOnce), "--seeds", String(atOnce), "--json"]
  },
  count: ([line]) => {
    const differing = list(object(line)["differing"])
    return {
      sum: {
        seedsTwice: number(object(line)["seeds"]) - differing.length, violations: differing.length,
        failures: differing.map(({ again, why }) => ({ part: "equal journals", again: text(again), why: text(why) }))
      }
    }
  }
}

/** Scenarios that bring their own faults: of senders, of our own side, and of venues, that have few chances in other days. The first is as long as six of the others. */
const seldomScenarios = ["many-senders", ...Array.from({ length: 6 }, () => "rough-paper"), ...Array.from({ length: 5 }, () => "rough-native")].join()
const seldom: Part = {
  ...days("seldom faults", 2_000_000), share: 0, needs: 900,
  args: (n, seed, seconds) => n > 0 ? undefined : ["--only", seldomScenarios, "--seed", String(seed + 2_000_000), "--seconds", String(Math.floor(seconds)), "--json"]
}

/** Those that have an end of their own first: what they leave is for the others. */
export const all: ReadonlyArray<Part> = [kills, calls, planted, twice, seldom, fuzz, machine, days("days", 0), days("more days", 1_000_000)]

export const isThere = ({ program }: Part): boolean => existsSync(join(Child.home, program))
