/** The bench drives the real house and reads what it did. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as NodePath from "node:path"
import * as Process from "#test/support/process.ts"
import { bench } from "./support.ts"

describe("a short run", () => {
  it.live("of one scenario measures the real process and prints its figures", () => Effect.gen(function*() {
    const { code, err, out } = yield* Process.run(process.execPath, [NodePath.join(bench, "main.ts"), "rpc", "--short"])
    assert.strictEqual(code, 0, err)
    assert.match(out, /\| `accounts` over RPC, 20 accounts, p50 \| [\d.]+ ms \|/)
  }))

  it.live("of a scenario that nobody knows says which there are", () => Effect.gen(function*() {
    const { code, err } = yield* Process.run(process.execPath, [NodePath.join(bench, "main.ts"), "speed", "--short"])
    assert.strictEqual(code, 1)
    assert.include(err, "ack, orders, wire, tradovate, beside, junk, rpc, moves, start, leak")
  }))
})
