/** Every call of the reference scenarios fails and is died at: of some of them all, of the others as many as the seed draws. */
import "effect/schema/SchemaJITCompiler/enable"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Refused } from "#src/ports/Venue.ts"
import type { Between } from "#src/simulation/Life.ts"
import * as Enumerate from "#test/simulation/calls/Enumerate.ts"
import * as Stories from "#test/simulation/calls/Stories.ts"
import type { Story } from "#test/simulation/calls/Story.ts"

/** `INTERLOCK_SEED` draws others. */
const seed = Number(process.env["INTERLOCK_SEED"] ?? 1)
const whole = ["exit"]
const share = 0.05
const recoveryShare = 0.003
const timeoutMs = 240_000

const named = (name: string): Story => Stories.all.find((story) => story.name === name) ?? assert.fail(`no story ${name}`)

const toldOf = ({ report, story, strikes }: Enumerate.Failure) =>
  `node test/simulation/calls/main.ts --scenario ${story} --strike ${strikes}\n${report.violations.map(({ story: told }) => told).join("\n")}`

describe("a call that fails, and a process that dies at it, leave nothing lost, doubled or without its stop", () => {
  it("there are twenty stories, each of them with a name of its own", () => {
    assert.strictEqual(new Set(Stories.all.map(({ name }) => name)).size, 20)
  })

  it.each(Stories.all)("$name", async (story) => {
    const { calls, failures, runs } = await Enumerate.enumerate(story, { seed, share: whole.includes(story.name) ? 1 : share, recoveryShare })
    assert.deepStrictEqual(failures.map(toldOf), [])
    assert.isAbove(calls, 20)
    assert.isAbove(runs, 1)
  }, timeoutMs)
})

/** Says at once that all is on the disk. */
const hasty: Between = {
  journal: (journal) => ({
    ...journal,
    durable: () => Effect.void,
    flush: Effect.void,
    append: journal.stage,
    appendOnce: journal.stageOnce
  })
}

const refused = new Refused({ reason: "no answer, so no order", kind: "other" })

/** An answer that got lost is taken for a no. */
const sure: Between = {
  venues: (adapter) => ({
    ...adapter,
    connect: (login) => Effect.map(adapter.connect(login), (connection) => ({
      ...connection,
      submit: (order, instrument) => Effect.catchTag(connection.submit(order, instrument), "Ambiguous", () => Effect.fail(refused))
    }))
  })
}

describe("the enumeration itself", () => {
  it("catches a house that does not wait for its disk", async () => {
    const { failures } = await Enumerate.enumerate({ ...named("exit"), between: hasty }, { seed, share: 1, recoveryShare: 0, isOneEnough: true })
    assert.isTrue(failures.some(({ report }) => report.violations.some(({ invariant }) => invariant === "I3")), failures.map(({ strikes }) => strikes).join())
  }, timeoutMs)

  it("catches a house that takes a lost answer for a no", async () => {
    const { failures } = await Enumerate.enumerate({ ...named("target-plain"), between: sure }, { seed, share: 1, recoveryShare: 0, isOneEnough: true })
    assert.isNotEmpty(failures)
  }, timeoutMs)

  it("strikes the call it names, and the same again", async () => {
    const strikes = Enumerate.strikesOf("9:kill-before,14:fail-before")
    const [one, other] = [await Enumerate.attempt(named("exit"), strikes), await Enumerate.attempt(named("exit"), strikes)]
    assert.strictEqual(one.report.hash, other.report.hash)
    assert.strictEqual(one.report.counts["lives"], 2)
    assert.strictEqual(Enumerate.textOf(strikes), "9:kill-before,14:fail-before")
    assert.throws(() => Enumerate.strikesOf("nine:kill"))
  })
})
