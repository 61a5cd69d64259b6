/** What a switch is journaled with, and on which names it can be set. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import { Journal } from "#src/ports/Journal.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import { rows } from "#test/support/runtime.ts"
import { inWorld, living, switched } from "./switching.ts"

describe("every switch", () => {
  it.effect("is journaled with who and why, in one commit with its command; set again, it says so", () => inWorld(living(Effect.gen(function*() {
    const first = yield* switched("pause", "lane/futures", true, "lunch")
    const again = yield* switched("pause", "lane/futures", true, "still lunch")
    const mine = (yield* rows).filter(({ stream }) => stream === "operator").flatMap(({ event, seq }) => {
      if (event._tag === "CommandGiven") return [`${seq} ${event.command} ${event.who} ${event.why}`]
      return event._tag === "SwitchSet" ? [`${seq} ${event.kind} ${event.scope} ${event.on} ${event.who} ${event.why}`] : []
    })
    const at = Number(mine[0]?.split(" ")[0])
    assert.deepStrictEqual(mine, [
      `${at} pause cli:ann lunch`, `${at + 1} pause lane/futures true cli:ann lunch`, `${at + 2} pause cli:ann still lunch`
    ])
    assert.match(again.lines[0] ?? "", /^lane\/futures was paused already since \S+ by cli:ann \(lunch\)$/)
    assert.notStrictEqual(first.commandId, again.commandId)
    assert.deepStrictEqual([first.durable, again.durable], [true, true])
  }))))

  it.effect("orders by hand are a strategy of their own", () => inWorld(living(Effect.gen(function*() {
    yield* switched("kill", "strategy/manual")
    assert.deepStrictEqual(yield* (yield* RiskLatch).all, [{ kind: "kill", scope: "strategy/manual" }])
  }))))

  it.effect.each([
    ["pause", "account/paper-l", "no account paper-l: did you mean paper-1?"],
    ["pause", "strategy/demo-futurs", "no strategy demo-futurs: did you mean demo-futures?"],
    ["pause", "lane/xyz", "no lane xyz: there is futures, crypto"],
    ["pause", "asset/future", "no asset class future: did you mean futures?"],
    ["pause", "asset/futures/pape", "no asset class futures/pape: did you mean futures/paper?"],
    ["kill", "login/paper-dem", "no login paper-dem: did you mean paper-demo?"],
    ["kill", "script/s1", "a kill covers all, account, strategy, lane, login, not a script"]
  ] as const)("%s %s is refused, and nothing was done", ([kind, scope, message]) => inWorld(living(Effect.gen(function*() {
    const no = yield* Effect.flip(switched(kind, scope))
    assert.deepStrictEqual([no._tag, no.message], ["NotFound", message])
    assert.deepStrictEqual(yield* (yield* RiskLatch).all, [])
    assert.notInclude((yield* rows).map(({ event }) => event._tag), "CommandGiven")
  }))))

  it.effect("of a name that left the configuration can still be lifted", () => inWorld(Effect.gen(function*() {
    const gone: JournalEvent = { _tag: "SwitchSet", kind: "kill", scope: "account/gone", on: true, who: "cli:ann", why: "test" }
    yield* (yield* Journal).append("operator", "any", [gone])
    yield* living(Effect.gen(function*() {
      assert.deepStrictEqual((yield* switched("kill", "account/gone", false)).lines, ["account/gone is killed no more"])
    }))
  })))
})
