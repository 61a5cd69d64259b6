/** One run of one target. Owns: how inputs are numbered, what counts as a failure, when memory is looked at. */
import { Cause, Clock, Effect, Option, References } from "effect"
import * as Chance from "./Chance.ts"
import { type Input, type Kept, kept, type Opened, type Seen, type Target, wrong } from "./Target.ts"

/** Failures told in full; all are counted. */
const toldMax = 20
/** An input that takes longer is a failure: whoever sent it holds up everybody. */
const slowMs = 2_000
const hangs = "15 seconds"
/** Where memory is measured first: what is filled once is full by then. */
const warmShare = 0.2
/** A shorter run says nothing about what stays. */
const longMin = 20_000
const chunkSize = 500

export interface Options {
  readonly seed: string
  readonly inputs: number
  /** Bytes held after everything that can go is gone. */
  readonly memory?: () => number
}

export interface Failure extends Kept {
  readonly at: number
  readonly seed: string
}

export interface Report {
  readonly target: string
  readonly seed: string
  readonly inputs: number
  readonly ms: number
  readonly perSecond: number
  readonly labels: Readonly<Record<string, number>>
  /** Answers 500 to 599 other than 503. */
  readonly serverErrors: number
  readonly failures: number
  readonly told: ReadonlyArray<Failure>
  /** `isLong`: long enough for the growth to say something. */
  readonly memory: { readonly warmBytes: number; readonly endBytes: number; readonly growth: number; readonly isLong: boolean } | undefined
}

/** The one command that makes this input again. */
export const replay = ({ at, seed, target }: Pick<Failure, "at" | "seed" | "target">): string => `node test/fuzz/main.ts --target ${target} --seed ${seed} --at ${at}`

export const chanceOf = (target: Target, seed: string, at: number): Chance.Chance => Chance.of(`${seed}/${target.name}/${at}`)

const firstLines = (text: string): string => text.split("\n").slice(0, 4).join(" | ").slice(0, 600)

/** What is said of hostile input is for the operator, and there are millions. */
const muted = Effect.provideService(References.MinimumLogLevel, "None")

/** Whatever happens, something was seen. */
export const judged = ({ judge }: Opened, input: Input): Effect.Effect<Seen> =>
  Effect.gen(function*() {
    const startMs = yield* Clock.currentTimeMillis
    const seen = yield* Effect.suspend(() => judge(input)).pipe(
      Effect.timeoutOption(hangs),
      Effect.map(Option.getOrElse(() => wrong("hung", `no end within ${hangs}`))),
      Effect.catchCause((cause) => Effect.succeed(wrong("crashed", `crashed: ${firstLines(Cause.pretty(cause))}`)))
    )
    const ms = (yield* Clock.currentTimeMillis) - startMs
    return ms > slowMs && seen.wrong === undefined ? wrong(seen.label, `took ${ms} ms`) : seen
  })

const isServerError = (label: string): boolean => /^5\d\d/.test(label) && !label.startsWith("503")

export const run = (target: Target, { inputs, memory, seed }: Options): Effect.Effect<Report> =>
  Effect.scoped(Effect.gen(function*() {
    const opened = yield* target.open(seed)
    const labels: Record<string, number> = {}
    const told: Array<Failure> = []
    let failures = 0
    let serverErrors = 0
    let warmBytes: number | undefined

    const one = Effect.fnUntraced(function*(at: number) {
      const input = opened.make(chanceOf(target, seed, at))
      const { label, wrong: what } = yield* judged(opened, input)
      labels[label] = (labels[label] ?? 0) + 1
      if (isServerError(label)) serverErrors++
      if (what === undefined && !isServerError(label)) return
      failures++
      if (told.length < toldMax) told.push({ ...kept(target.name, what ?? `answered ${label}`, input), at, seed })
    })

    const { warm = 0 } = target
    const isLong = inputs >= Math.max(longMin, 2 * warm)
    const warmAt = isLong ? Math.max(inputs * warmShare, warm) : inputs * warmShare

    const startMs = yield* Clock.currentTimeMillis
    for (let from = 0; from < inputs; from += chunkSize) {
      if (memory !== undefined && warmBytes === undefined && from >= warmAt) warmBytes = memory()
      const ats = Array.from({ length: Math.min(chunkSize, inputs - from) }, (_, index) => from + index)
      yield* Effect.forEach(ats, one, { concurrency: target.width, discard: true })
      yield* Effect.yieldNow
    }
    const ms = (yield* Clock.currentTimeMillis) - startMs
    const endBytes = memory?.()
    return {
      target: target.name, seed, inputs, ms, perSecond: Math.round(inputs / Math.max(ms, 1) * 1_000), labels, serverErrors, failures, told,
      memory: warmBytes === undefined || endBytes === undefined ? undefined : { warmBytes, endBytes, growth: endBytes / warmBytes - 1, isLong }
    }
  })).pipe(muted)

/** One input again, by its number or as it was kept. */
export const again = (target: Target, seed: string, inputOf: (opened: Opened) => Input): Effect.Effect<{ readonly input: Input; readonly seen: Seen }> =>
  Effect.scoped(Effect.gen(function*() {
    const opened = yield* target.open(seed)
    const input = inputOf(opened)
    return { input, seen: yield* judged(opened, input) }
  })).pipe(muted)
