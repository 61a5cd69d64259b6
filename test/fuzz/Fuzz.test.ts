/** A share of the long run at every test run, every input that something once broke on, and that the fuzzing would see what it looks for. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { Journal } from "#src/ports/Journal.ts"
import { journalInMemory } from "#test/support/journal.ts"
import { cli, home, run as runProcess } from "#test/support/process.ts"
import { folder } from "#test/support/folder.ts"
import * as NodePath from "node:path"
import * as Corpus from "./engine/Corpus.ts"
import * as Run from "./engine/Run.ts"
import { fine, inputIn, inputOf, type Seen, type Target, wrong } from "./engine/Target.ts"
import { named, targets } from "./Targets.ts"
import * as Webhook from "./targets/webhook.ts"

const seed = "share"
const timeoutMs = 60_000

/** Inputs of each target: seconds of work together. */
const shares: Readonly<Record<string, number>> = {
  formats: 3_000, webhook: 1_200, journal: 2_500, config: 300, scenario: 300, paper: 800, venue: 2_000, adapter: 250, cli: 250, listener: 200, operator: 100
}

const toldOf = ({ told }: Run.Report): ReadonlyArray<string> => told.map((failure) => `${failure.wrong} (again: ${Run.replay(failure)})`)

describe("a share of what nobody should send", () => {
  for (const target of targets) {
    it.live(target.name, () =>
      Effect.gen(function*() {
        const inputs = shares[target.name] ?? 100
        const report = yield* Run.run(target, { seed, inputs })
        assert.deepStrictEqual(toldOf(report), [])
        assert.deepStrictEqual([report.failures, report.serverErrors], [0, 0])
        const seen = Object.values(report.labels)
        assert.strictEqual(seen.reduce((sum, count) => sum + count, 0), inputs)
        assert.isAbove(seen.length, 1, "all inputs ended alike: they do not reach far")
      }), timeoutMs)
  }
})

describe("what something once broke on", () => {
  for (const [name, kept] of Corpus.files()) {
    it.live(`${name}: ${kept.wrong}`, () =>
      Effect.gen(function*() {
        const target = named(kept.target)
        if (target === undefined) throw new Error(`there is no target ${kept.target}`)
        const { seen } = yield* Run.again(target, seed, () => inputIn(kept))
        assert.strictEqual(seen.wrong, undefined)
      }), timeoutMs)
  }
})

const planted = (judge: (text: string) => Effect.Effect<Seen>): Target => ({
  name: "planted",
  share: 1,
  width: 4,
  open: () => Effect.succeed({
    make: (chance) => inputOf(Uint8Array.of(97 + chance.below(26))),
    judge: ({ body }) => judge(Buffer.from(body).toString())
  })
})

const failuresOf = (judge: (text: string) => Effect.Effect<Seen>) => Run.run(planted(judge), { seed, inputs: 520 })

describe("the fuzzing itself", () => {
  it.live("sees a crash, a typed wrong, a server error, and tells the one input and the one command", () =>
    Effect.gen(function*() {
      const crash = yield* failuresOf((text) => Effect.sync(() => {
        if (text === "q") throw new Error("q is not read")
        return fine("200")
      }))
      const [first] = crash.told
      if (first === undefined) throw new Error("no failure was told")
      assert.strictEqual(crash.failures, crash.labels["crashed"])
      assert.include(first.wrong, "q is not read")
      assert.strictEqual(Buffer.from(first.base64, "base64").toString(), "q")
      assert.strictEqual(Run.replay(first), `node test/fuzz/main.ts --target planted --seed share --at ${first.at}`)
      const made = yield* Run.again(planted(() => Effect.succeed(fine("200"))), seed, ({ make }) => make(Run.chanceOf(planted(() => Effect.never), seed, first.at)))
      assert.strictEqual(Buffer.from(made.input.body).toString(), "q")

      const strange = yield* failuresOf((text) => Effect.succeed(text === "a" ? wrong("200", "no row") : text === "b" ? fine("500") : fine("503 notDurable")))
      assert.strictEqual(strange.serverErrors, strange.labels["500"])
      assert.isAbove(strange.failures, strange.serverErrors)
    }))

  it.live("the same seed makes the same inputs, another makes others", () =>
    Effect.gen(function*() {
      for (const target of targets.filter(({ name }) => ["formats", "config", "cli"].includes(name))) {
        const bytesOf = (of: string) => Effect.scoped(Effect.map(target.open(of), ({ make }) =>
          Array.from({ length: 30 }, (_, at) => Buffer.from(make(Run.chanceOf(target, of, at)).body).toString("base64")).join()))
        assert.strictEqual(yield* bytesOf("1"), yield* bytesOf("1"), target.name)
        assert.notStrictEqual(yield* bytesOf("1"), yield* bytesOf("2"), target.name)
      }
    }))

  it.live("sees a 200 before the row is on disk, and one without a row", () =>
    Effect.gen(function*() {
      const lying = (change: (journal: Journal["Service"]) => Partial<Journal["Service"]>) =>
        Layer.effect(Journal, Effect.map(Journal, (journal) => Journal.of({ ...journal, ...change(journal) }))).pipe(Layer.provideMerge(journalInMemory))
      const nowhere = lying((journal) => {
        const stage: Journal["Service"]["stage"] = () => Effect.succeed({ seq: 0, version: 0 })
        return { ...journal, stage, durable: () => Effect.void }
      })
      const early = lying((journal) => ({ status: Effect.map(journal.status, (status) => ({ ...status, seq: 0 })) }))
      for (const journal of [nowhere, early]) {
        const report = yield* Run.run({ ...Webhook.target, open: () => Webhook.openOver(journal) }, { seed, inputs: 150 })
        assert.isTrue(report.told.some(({ wrong: what }) => what.startsWith("200 accepted with")), toldOf(report).join("\n"))
      }
    }))

  it.live("keeps its figures readable for machines, from a process of its own", () =>
    Effect.gen(function*() {
      const { code, out } = yield* runProcess(process.execPath, [NodePath.join(home, "test/fuzz/main.ts"), "--target", "formats", "--inputs", "600", "--seed", seed, "--json"])
      const Figures = Schema.fromJsonString(Schema.Struct({
        target: Schema.String, inputs: Schema.Int, failures: Schema.Int, serverErrors: Schema.Int, memory: Schema.Struct({ warmBytes: Schema.Int, endBytes: Schema.Int })
      }))
      const figures = Schema.decodeSync(Figures)(out)
      assert.deepStrictEqual([code, figures.target, figures.inputs, figures.failures, figures.serverErrors], [0, "formats", 600, 0, 0])
      assert.isAbove(figures.memory.endBytes, 1_000_000)
    }), timeoutMs)
})

describe("the command in a process of its own", () => {
  const typed: ReadonlyArray<readonly [args: ReadonlyArray<string>, codes: ReadonlyArray<number>]> = [
    [["config", "check", "--config", "\u001b[2J/../nowhere", "--json"], [1, 2]],
    [["restore", "\ud800", "--data", ""], [2]],
    [["start", "constructor"], [2]]
  ]
  for (const [args, codes] of typed) {
    it.live(JSON.stringify(args), () =>
      Effect.gen(function*() {
        const { code, err, out } = yield* cli(yield* folder, ...args)
        assert.include(codes, code ?? -1, `${out}${err}`)
        assert.notMatch(err, /\n {4}at |this command failed before its end/)
      }).pipe(Effect.scoped), timeoutMs)
  }
})
