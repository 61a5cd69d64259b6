/** The figures that people read are the ones that were measured. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { folder, write } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"
import { bench } from "./support.ts"

const main = (...args: ReadonlyArray<string>) => Process.run(process.execPath, [NodePath.join(bench, "main.ts"), ...args])

const results = (value: number) => JSON.stringify({
  machine: { cpu: "a processor", cores: 2, node: "26.0.0", platform: "linux x64" },
  scenarios: [{
    name: "ack", date: "2026-01-02T03:04:05.000Z", commit: "abc1234", rounds: 3, load: { average: 0.1, busy: 0.05 },
    figures: [
      { name: "ack", what: "durable acks", unit: "req/s", value, baseline: 1000, ratio: value / 1000, goal: ">= 1x", isMet: value >= 1000 },
      { name: "ack.p50", what: "without a baseline", unit: "ms", value: 1.5, baseline: null, ratio: null, goal: "<= 1x" },
      { name: "ack.p99", what: "alone", unit: "ms", value: 2 }
    ]
  }]
})

/** A document and results beside it. */
const files = Effect.fnUntraced(function*(value: number, document: string) {
  const root = yield* folder
  yield* write(root, { "results.json": results(value), "README.md": document })
  const readme = NodePath.join(root, "README.md")
  const at = [`--results=${NodePath.join(root, "results.json")}`, `--readme=${readme}`]
  return { root, at, text: () => readFileSync(readme, "utf8") }
})

const document = "# Title\n\n<!-- bench -->\n<!-- /bench -->\n\nMore.\n"

describe("figures in the README", () => {
  it.live("are those of results.json", () => Effect.gen(function*() {
    const { code, err } = yield* main("--check")
    assert.strictEqual(code, 0, err)
  }))

  it.live("are written between the markers, and nothing else is touched", () => Effect.gen(function*() {
    const { at, text } = yield* files(500, document)
    assert.strictEqual((yield* main("--check", ...at)).code, 1)
    assert.strictEqual((yield* main("--write", ...at)).code, 0)
    assert.strictEqual((yield* main("--check", ...at)).code, 0)
    assert.match(text(), /^# Title\n\n<!-- bench -->\n\| Figure/)
    assert.match(text(), /\n<!-- \/bench -->\n\nMore\.\n$/)
    assert.include(text(), "| durable acks | 500 req/s | 1,000 req/s | 0.5x | >= 1x, **missed** |")
    assert.include(text(), "| alone | 2 ms |  |  |  |")
    assert.include(text(), "ack: 2026-01-02, abc1234, 3 rounds, 5 % busy before")
  }))

  it.live("a figure without its baseline is not compared", () => Effect.gen(function*() {
    const { at, text } = yield* files(500, document)
    yield* main("--write", ...at)
    assert.include(text(), "| without a baseline | 1.5 ms | not measured | not measured | <= 1x |")
  }))

  it.live("that were not written again are found", () => Effect.gen(function*() {
    const { at, root } = yield* files(500, document)
    yield* main("--write", ...at)
    yield* write(root, { "results.json": results(501) })
    const { code, err } = yield* main("--check", ...at)
    assert.strictEqual(code, 1)
    assert.include(err, "npm run bench -- --write")
  }))

  it.live("without a place for them nothing is written", () => Effect.gen(function*() {
    const { at, text } = yield* files(500, "# Title\n")
    const { code, err } = yield* main("--write", ...at)
    assert.strictEqual(code, 1)
    assert.include(err, "<!-- bench -->")
    assert.strictEqual(text(), "# Title\n")
  }))
})
