/** Accounts, logins and strategies that come and go while the house trades: who wakes, who connects, who is left alone; and a login started anew. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { desk, events, isClean, mes, only, outcomeOf, send, working } from "#test/actors/account/desk.ts"
import { HouseSwap } from "#config/HouseLive.ts"
import { LoginId } from "#schemas/Ids.ts"
import * as Restarting from "#src/admin/commands/Restarting.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import type { Overrides } from "#test/support/house.ts"
import { applied, change, edit, effects, inFiles, refused, reload, sessions, told } from "#test/support/reloads.ts"
import { outcomes, pass, post, rows } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

const alone: Overrides = { accounts: { "paper-2": null, "paper-3": null } }
const other = { login: "paper-other" }
const withOther: Overrides = { venues: { "paper-other": {} }, accounts: { ...alone.accounts, "paper-9": other } }

const stateOf = (login: string) => Effect.flatMap(Supervision, ({ session }) => session(LoginId.make(login)))

const restart = Effect.fnUntraced(function*(login: string) {
  const { RestartSession } = yield* Restarting.make
  const fiber = yield* Effect.forkChild(RestartSession({ login: LoginId.make(login), ...told }))
  yield* pass(11)
  return yield* Fiber.join(fiber)
})

describe("a reload", () => {
  it.effect("wakes what is new, connects its login and touches no other", () =>
    inFiles({ overrides: alone }, Effect.gen(function*() {
      const before = yield* sessions
      const receipt = yield* change({ ...withOther, strategies: { second: { symbols: ["MES1!"] } } })
      assert.deepStrictEqual(effects(receipt).filter((line) => !line.endsWith(" now")), [])
      assert.includeMembers([...receipt.notes], ["login paper-other connects", "account paper-9 joins login paper-other"])
      yield* pass(2)
      assert.deepStrictEqual(yield* sessions, [...before, "SessionConnected paper-other"], "once, and nobody else")
      const alertId = yield* send("buy", { strategy: "second" })
      yield* pass(2)
      assert.deepStrictEqual(yield* outcomes(alertId), { "paper-1": "filled", "paper-9": "filled" })
    })))

  it.effect("ends a login that nothing is held at, and starts it again when it is back", () =>
    inFiles({ overrides: withOther }, Effect.gen(function*() {
      yield* Effect.andThen(send("buy"), pass(2))
      const off: Overrides = { ...withOther, venues: { "paper-other": { enabled: false } } }
      assert.match((yield* refused(off)).message, /venues\/paper-other\/enabled: account paper-9 holds MESZ26: long 2 lots/)
      assert.match((yield* refused(alone)).message, /accounts\/paper-9: account paper-9 holds .*\n.*venues\/paper-other: account paper-9 holds/)
      assert.strictEqual(yield* stateOf("paper-other"), "connected")
      yield* Effect.andThen(send("exit"), pass(3))

      const before = yield* sessions
      assert.include((yield* change(off)).notes, "login paper-other ends its session")
      yield* pass(1)
      assert.deepStrictEqual([yield* stateOf("paper-other"), yield* stateOf("paper-demo")], ["disabled", "connected"])
      yield* pass(90)
      assert.include((yield* change(withOther)).notes, "login paper-other connects")
      yield* pass(2)
      yield* change(alone)
      yield* pass(2)
      yield* change(withOther)
      yield* pass(2)
      const both = ["SessionLost paper-other", "SessionConnected paper-other"]
      assert.deepStrictEqual(yield* sessions, [...before, ...both, ...both], "never twice at once")
      const alertId = yield* send("buy", { id: "again" })
      yield* pass(2)
      assert.deepStrictEqual(yield* outcomes(alertId), { "paper-1": "filled", "paper-9": "filled" })
    })))

  it.effect("moves a flat account to another login, one that holds something stays", () =>
    inFiles({ overrides: withOther }, Effect.gen(function*() {
      const moved: Overrides = { ...withOther, accounts: { ...withOther.accounts, "paper-1": other } }
      yield* Effect.andThen(send("buy"), pass(2))
      assert.match((yield* refused(moved)).message, /accounts\/paper-1\/login: account paper-1 holds/)
      yield* Effect.andThen(send("exit"), pass(3))
      yield* change(moved)
      yield* pass(2)
      const alertId = yield* send("buy", { id: "there" })
      yield* pass(2)
      assert.strictEqual(yield* outcomeOf(alertId), "filled")
      assert.strictEqual((yield* events()).filter(({ _tag }) => _tag === "AccountReconciled").length, 2)
    })))

  it.effect("of a login's own settings stops its session, then starts it; what changes its market needs it flat", () =>
    inFiles({ overrides: alone }, Effect.gen(function*() {
      yield* Effect.andThen(send("buy"), pass(2))
      const slower = { ...alone, venues: { "paper-demo": { paper: { latencyMs: 80 } } } }
      const receipt = yield* change(slower)
      assert.deepStrictEqual(effects(receipt), ["venues/paper-demo/paper/latencyMs restart"])
      yield* pass(3)
      assert.deepStrictEqual(yield* sessions, ["SessionConnected paper-demo", "SessionLost paper-demo", "SessionConnected paper-demo"])
      assert.strictEqual((yield* desk).net(mes), 2)
      assert.include(yield* working, "stop 2 27961")
      assert.match((yield* refused({ ...alone, venues: { "paper-demo": { paper: { seed: 7 } } } })).message, /paper\/seed: account paper-1 holds/)
    })))

  it.effect("drops no alert, whatever comes while it looks", () =>
    inFiles({ overrides: withOther }, Effect.gen(function*() {
      let n = 0
      const ids: Array<string> = []
      const flow = Effect.gen(function*() {
        n += 1
        const { body, status } = yield* post("futures", { action: n % 2 === 1 ? "buy" : "exit", symbol: "MES1!", strategy: "demo-futures", id: `flow-${n}` })
        assert.strictEqual(status, 200)
        if ("alertId" in body) ids.push(body.alertId)
        yield* Effect.sleep("300 millis")
      }).pipe(Effect.repeat({ times: 79 }))
      const flowing = yield* Effect.forkChild(flow)
      const configurations = [alone, withOther]
      let done = 0
      for (let round = 0; round < 40; round++) {
        yield* TestClock.adjust(`${50 * (round % 7)} millis`)
        yield* edit(configurations[round % 2] ?? alone)
        done += (yield* reload().pipe(Effect.map(({ applied }) => applied ? 1 : 0), Effect.catchTag("ReloadRefused", () => Effect.succeed(0))))
        yield* pass(1)
      }
      yield* Fiber.join(flowing)
      yield* pass(40)
      assert.isTrue(done > 2, `some were flat in time: ${done}`)
      assert.strictEqual((yield* applied).length, done)
      const all = yield* rows
      for (const id of ids) {
        const gated = all.flatMap(({ event }) => event._tag === "AlertGated" && event.alertId === id ? [event] : [])
        assert.strictEqual(gated.length, 1, id)
        const reached = yield* outcomes(id)
        for (const account of gated[0]?.accounts ?? []) assert.isDefined(reached[account], `${id} on ${account}: ${JSON.stringify(reached)}`)
      }
      assert.deepStrictEqual((yield* sessions).filter((line) => line.endsWith("paper-demo")), ["SessionConnected paper-demo"])
      const at = yield* VenueFaults
      for (const name of ["paper-1", "paper-9"]) assert.isAtMost(at.desk(name).nakedMs(mes), 500)
      const [entries, trades] = [yield* only("EntryDecided", "paper-9"), yield* only("TradeClosed", "paper-9")]
      assert.strictEqual(entries.length, trades.length, "nobody went away from what it held")
    })), 60_000)

  it.effect("lets the entries of those it looks at wait, and tells them again", () =>
    inFiles({ overrides: alone }, Effect.gen(function*() {
      const { read, swap } = yield* HouseSwap
      const house = yield* read
      yield* swap({ ...house, entriesWait: new Set(house.accounts.keys()) })
      const alertId = yield* send("buy")
      yield* pass(3)
      assert.isUndefined(yield* outcomeOf(alertId))
      assert.deepStrictEqual(yield* only("EntryDecided"), [])
      yield* swap(house)
      yield* pass(3)
      assert.strictEqual(yield* outcomeOf(alertId), "filled")
    })))
})

describe("a session restarted", () => {
  it.effect("comes back with what it held, after its accounts have asked", () =>
    inFiles({ overrides: withOther }, Effect.gen(function*() {
      yield* Effect.andThen(send("buy"), pass(2))
      const receipt = yield* restart("paper-demo")
      assert.deepStrictEqual([receipt.durable, receipt.lines], [true, ["login paper-demo is connected again, its accounts reconcile before they add risk"]])
      assert.deepStrictEqual((yield* sessions).slice(2), ["SessionLost paper-demo", "SessionConnected paper-demo"])
      const given = (yield* rows).flatMap(({ event }) => event._tag === "CommandGiven" ? [`${event.alertId} ${event.command}`] : [])
      assert.deepStrictEqual(given, [`${receipt.commandId} session restart`])
      assert.strictEqual((yield* desk).net(mes), 2)
      yield* Effect.andThen(send("exit"), pass(3))
      yield* isClean
    })))

  it.effect("answers what was on the wire, and doubles nothing", () =>
    inFiles({ overrides: alone }, Effect.gen(function*() {
      const { asked, switches } = yield* VenueFaults
      switches.answerAfterMs = () => 2_000
      switches.tells = () => false
      const alertId = yield* send("buy")
      yield* pass(1)
      yield* restart("paper-demo")
      switches.answerAfterMs = () => 0
      switches.tells = () => true
      yield* pass(10)
      assert.strictEqual(yield* outcomeOf(alertId), "filled")
      assert.strictEqual(asked.filter(({ leg }) => leg === "entry").length, 1)
      assert.include(yield* working, "stop 2 27961")
    })))

  it.effect("that is disabled or unknown is named, and nothing is done", () =>
    inFiles({ overrides: { ...withOther, venues: { "paper-other": { enabled: false } } } }, Effect.gen(function*() {
      const { RestartSession } = yield* Restarting.make
      const disabled = yield* Effect.flip(RestartSession({ login: LoginId.make("paper-other"), ...told }))
      assert.match(disabled.message, /login paper-other is disabled: enable it in venues\.json/)
      const unknown = yield* Effect.flip(RestartSession({ login: LoginId.make("paper-dmo"), ...told }))
      assert.match(unknown.message, /no login paper-dmo is configured; there is paper-demo, paper-other/)
      assert.deepStrictEqual(yield* sessions, ["SessionConnected paper-demo"])
    })))
})
