/** A configuration swapped while an order is in each of its states: what may change does, what is held stays as it is, and nothing is lost. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import type { Sharding } from "effect/cluster"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import { account, desk, events, isClean, mes, moves, only, outcomeOf, pendingOf, send, working } from "#test/actors/account/desk.ts"
import { Secrets } from "#config/Secrets.ts"
import { Journal, JournalUnavailable } from "#src/ports/Journal.ts"
import type { Overrides } from "#test/support/house.ts"
import { applied, change, edit, editSecret, effects, hash, inFiles, refused, reload, sessions } from "#test/support/reloads.ts"
import { pass, post, rows, secret } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

const alone: Overrides = { accounts: { "paper-2": null, "paper-3": null } }
const capped = (more: Overrides = {}): Overrides => ({ ...more, accounts: { ...alone.accounts, "paper-1": { caps: { maxContracts: { futures: "1" } } } } })
const renamed = (more: Overrides = {}): Overrides => ({ ...more, accounts: { ...alone.accounts, "paper-1": null, "paper-9": {} } })

interface State {
  readonly more?: Overrides
  readonly atMs?: number
  readonly arrive: Effect.Effect<unknown, unknown, Effect.Services<ReturnType<typeof send>> | VenueFaults | Sharding.Sharding>
  readonly holds: RegExp
  /** What comes of it afterwards. */
  readonly end: "long" | "flat" | "as now allowed"
}

const faults = Effect.map(VenueFaults, ({ switches }) => switches)
/** It does what it is asked and says nothing of it for three seconds. */
const silent = Effect.map(faults, (switches) => {
  switches.answerAfterMs = () => 3_000
  switches.tells = () => false
})
const limit = { orderType: "limit", limitPrice: "6990.00" }

const shutForAMinute = {
  instruments: { MES: { calendar: "cme-futures" } },
  calendars: {
    "cme-futures": {
      windows: [{ from: { day: "wed", time: "17:00" }, to: { day: "thu", time: "16:00" } }, { from: { day: "thu", time: "16:01" }, to: { day: "fri", time: "16:00" } }]
    }
  }
}

const states: Readonly<Record<string, State>> = {
  "on the wire": {
    arrive: Effect.gen(function*() {
      yield* silent
      yield* send("buy")
      yield* pass(1)
    }),
    holds: /entry order on its way/,
    end: "long"
  },
  "not yet decided": {
    arrive: Effect.gen(function*() {
      (yield* faults).answersQuestions = () => false
      yield* (yield* BrokerSession.client)("paper-demo").Reconnect()
      yield* pass(1)
      yield* send("buy")
      yield* pass(1)
    }),
    holds: /alert \S+ waits/,
    end: "as now allowed"
  },
  "working": { arrive: Effect.andThen(send("buy", limit), pass(2)), holds: /entry order working/, end: "flat" },
  "partly filled": {
    more: { venues: { "paper-demo": { paper: { lotsPerFillMax: 1 } } } },
    arrive: Effect.andThen(send("buy", { quantity: "20" }), pass(1)),
    holds: /long \d lots.*entry order working/,
    end: "long"
  },
  "Unknown": {
    arrive: Effect.gen(function*() {
      const switches = yield* faults
      switches.submit = ({ leg }) => leg === "entry" ? "lost" : undefined
      switches.tells = () => false
      switches.answersQuestions = () => false
      yield* send("buy")
      yield* pass(3)
    }),
    holds: /entry order Unknown/,
    end: "long"
  },
  "filled and protected": { arrive: Effect.andThen(send("buy"), pass(2)), holds: /long 2 lots, stop order working/, end: "long" },
  "closing": {
    arrive: Effect.gen(function*() {
      yield* send("buy")
      yield* pass(2)
      yield* silent
      yield* send("exit")
      yield* pass(1)
    }),
    holds: /paper-1 holds MESZ26: /,
    end: "flat"
  },
  "waiting for the open": {
    more: shutForAMinute,
    atMs: DateTime.makeUnsafe("2026-11-19T21:59:50Z").epochMilliseconds,
    arrive: Effect.gen(function*() {
      yield* send("buy")
      yield* pass(10)
      yield* send("exit")
      yield* pass(5)
    }),
    holds: /long 2 lots/,
    end: "flat"
  }
}

describe("a reload while an order is", () => {
  for (const [name, { arrive, atMs, end, holds, more }] of Object.entries(states)) {
    it.effect(name, () =>
      inFiles({ overrides: { ...more, ...alone }, ...(atMs === undefined ? {} : { atMs }) }, Effect.gen(function*() {
        yield* arrive
        const before = yield* hash
        const connections = yield* sessions
        const no = yield* refused(renamed(more))
        assert.match(no.message, holds)
        assert.match(no.message, /accounts\/paper-1: account paper-1 holds MESZ26/)
        assert.strictEqual(yield* hash, before, "nothing of it is in force")
        assert.deepStrictEqual(yield* applied, [])

        const receipt = yield* change(capped(more))
        assert.deepStrictEqual([receipt.applied, effects(receipt)], [true, ["accounts/paper-1/caps/maxContracts next order"]])
        assert.deepStrictEqual(yield* applied, [yield* hash])
        assert.notStrictEqual(yield* hash, before)

        const switches = yield* faults
        switches.answerAfterMs = () => 0
        switches.submit = () => undefined
        switches.tells = () => true
        switches.answersQuestions = () => true
        yield* pass(70)
        assert.deepStrictEqual(yield* sessions, connections, "no session was touched")
        if (name === "working") yield* Effect.andThen(send("exit"), pass(3))
        if (end === "flat") return yield* isClean
        const net = (yield* desk).net(mes)
        assert.isTrue(end === "long" ? net >= 2 : net === 1, `the lower cap closes nothing: ${net}`)
        assert.include((yield* working).join(), `stop ${net} `)
        assert.isAtMost((yield* desk).nakedMs(mes), 500)
      })))
  }
})

describe("a reload", () => {
  it.effect("of lower caps counts for the next entry, which says the new configuration's hash", () =>
    inFiles({ overrides: alone }, Effect.gen(function*() {
      yield* send("buy", { quantity: "1" })
      yield* pass(2)
      yield* change(capped({ strategies: { "demo-futures": { onSameSide: "add" } } }))
      const more = yield* send("buy", { id: "more" })
      yield* pass(2)
      assert.match(String(yield* outcomeOf(more)), /^denied: /)
      const now = yield* hash
      const gated = (yield* rows).flatMap(({ event }) => event._tag === "AlertGated" ? [event.configHash] : [])
      assert.strictEqual(gated.at(-1), now)
      assert.notStrictEqual(gated[0], now)
      assert.strictEqual((yield* desk).net(mes), 1)
    })))

  it.effect("of a broken file changes nothing and says everything that is wrong", () =>
    inFiles({ overrides: alone }, Effect.gen(function*() {
      const before = yield* hash
      const broken = yield* refused({ accounts: { ...alone.accounts, "paper-1": { login: "paper-dmo" } }, strategies: { "demo-crypto": { lanes: ["crypo"] } } })
      assert.strictEqual(broken._tag, "ReloadRefused")
      assert.deepStrictEqual(broken._tag === "ReloadRefused" && broken.problems, [
        { file: "strategies.json", path: "strategies[1].lanes[0]", entry: "demo-crypto", expected: "a lane of lanes.json", got: `"crypo"`, nearest: "crypto" },
        { file: "accounts.json", path: "accounts[0].login", entry: "paper-1", expected: "a login of venues.json", got: `"paper-dmo"`, nearest: "paper-demo" }
      ])
      yield* edit(alone, { "lanes.json": "{ \"lanes\": [ }" })
      assert.match((yield* Effect.flip(reload())).message, /lanes\.json: line 1/)
      const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`copy-${index}`, { login: "nowhere" }]))
      assert.strictEqual((yield* refused({ accounts: many })).message.split("\n").length, 31, "a reload names each of them")
      assert.deepStrictEqual([yield* hash, yield* applied], [before, []])
      const alertId = yield* send("buy")
      yield* pass(2)
      assert.strictEqual(yield* outcomeOf(alertId), "filled")
    })))

  it.effect("that changes nothing says so, and a dry run only tells", () =>
    inFiles({ overrides: alone }, Effect.gen(function*() {
      const before = yield* hash
      const same = yield* reload()
      assert.deepStrictEqual([same.applied, same.changes], [false, []])
      yield* Effect.andThen(send("buy"), pass(2))
      yield* edit(renamed())
      const dry = yield* reload(true)
      assert.deepStrictEqual([dry.applied, dry.hashBefore], [false, before])
      const removed = dry.changes.find(({ path }) => path === "accounts/paper-1")
      assert.match(String(removed?.refused), /account paper-1 holds MESZ26: long 2 lots, stop order working/)
      assert.deepStrictEqual(effects(dry), ["accounts/paper-1 needs flat", "accounts/paper-9 now"])
      assert.deepStrictEqual([yield* hash, yield* applied], [before, []])
    })))

  it.effect("is journaled before it counts, with who asked and why", () =>
    inFiles({ overrides: alone }, Effect.gen(function*() {
      const { hashAfter, notes } = yield* change(capped())
      const told = (yield* rows).filter(({ stream }) => stream === "operator").map(({ event }) => event)
      assert.deepStrictEqual(told.map(({ _tag }) => _tag), ["CommandGiven", "ConfigApplied"])
      const [given] = told
      assert.deepStrictEqual(given?._tag === "CommandGiven" && [given.command, given.who, given.why], ["reload", "cli:ann", "test"])
      assert.include(notes.join(), given?._tag === "CommandGiven" ? given.alertId : "?")
      assert.strictEqual(hashAfter, yield* hash)
    })))

  it.effect("without room in the journal changes nothing", () =>
    inFiles({ overrides: alone }, Effect.gen(function*() {
      const before = yield* hash
      yield* edit(capped())
      yield* editSecret("another-webhook-secret")
      const journal = yield* Journal
      const full = Journal.of({ ...journal, stage: () => Effect.fail(new JournalUnavailable({ reason: "diskFull" })) })
      const no = yield* Effect.flip(Effect.provideService(reload(), Journal, full))
      assert.deepStrictEqual([no._tag, no.message], ["NotNow", "the journal has no room: nothing was changed"])
      assert.strictEqual(yield* hash, before)
      const alertId = yield* send("buy")
      yield* pass(2)
      assert.strictEqual(yield* outcomeOf(alertId), "filled", "the secret is the old one, and entries do not wait any more")
    })))

  it.effect("with its row placed as the disk fills counts, and says that it is not written yet", () =>
    inFiles({ overrides: alone }, Effect.gen(function*() {
      const before = yield* hash
      yield* edit(capped())
      const journal = yield* Journal
      const filling = Journal.of({ ...journal, durable: () => Effect.fail(new JournalUnavailable({ reason: "diskFull" })) })
      const { applied, hashAfter, notes } = yield* Effect.provideService(reload(), Journal, filling)
      assert.deepStrictEqual([applied, hashAfter], [true, yield* hash])
      assert.notStrictEqual(hashAfter, before)
      assert.match(notes.join("\n"), /^NOT ON DISK yet/m)
    })))

  it.effect("does not remove a strategy or change an instrument that something is held in, and does once it is flat", () =>
    inFiles({ overrides: alone }, Effect.gen(function*() {
      yield* Effect.andThen(send("buy"), pass(2))
      const without: Overrides = { ...alone, strategies: { "demo-futures": null } }
      assert.match((yield* refused(without)).message, /strategies\/demo-futures: account paper-1 holds MESZ26/)
      const finer: Overrides = { ...alone, instruments: { MES: { version: 2, tickSize: "0.125", tickValue: "0.625" } } }
      assert.match((yield* refused(finer)).message, /instruments\/MES\/tickSize: account paper-1 holds MESZ26/)
      assert.isTrue((yield* change({ ...alone, instruments: { MNQ: { version: 2, tickValue: "1" } } })).applied, "another one's may change")
      yield* edit(alone)
      assert.match((yield* Effect.flip(reload())).message, /instruments\.json: instruments\[\d\]\.version \(in "MNQ"\): expected a version above 2, as tickValue changed, got 1/)

      yield* Effect.andThen(send("exit"), pass(3))
      const finerStill: Overrides = { ...finer, instruments: { ...finer.instruments, MNQ: { version: 2, tickValue: "1" } } }
      assert.isTrue((yield* change(finerStill)).applied)
      yield* moves(56_000)
      const early = yield* send("buy", { id: "early" })
      yield* pass(1)
      assert.strictEqual(yield* outcomeOf(early), "denied: QuoteStale", "what the market said in ticks of before does not count")
      const alertId = yield* send("buy")
      yield* pass(3)
      assert.strictEqual(yield* outcomeOf(alertId), "filled")
      const decided = yield* only("EntryDecided")
      assert.deepStrictEqual(decided.map(({ instrument }) => instrument.version), [1, 2])
      assert.match((yield* refused({ ...finerStill, strategies: { "demo-futures": null } })).message, /strategies\/demo-futures/)
    })))

  it.effect("of a session window, a disabled strategy or a lane counts for the next alert", () =>
    inFiles({ overrides: alone }, Effect.gen(function*() {
      const windowed = (from: string, to: string): Overrides => ({
        ...alone, strategies: { "demo-futures": { session: { zone: "America/New_York", windows: [{ days: ["fri"], from, to }] } } }
      })
      assert.deepStrictEqual(effects(yield* change(windowed("12:00", "13:00"))), ["strategies/demo-futures/session now"])
      const blocked = yield* send("buy", { id: "a" })
      yield* pass(1)
      assert.strictEqual(yield* outcomeOf(blocked), undefined)
      assert.isTrue((yield* rows).some(({ event }) => event._tag === "AlertGated" && event.alertId === blocked && event.blocked !== undefined))
      yield* change(windowed("09:30", "16:00"))
      const open = yield* send("buy", { id: "b" })
      yield* pass(2)
      assert.strictEqual(yield* outcomeOf(open), "filled")

      yield* change({ ...alone, lanes: { futures: { enabled: false }, second: {} } })
      assert.strictEqual((yield* post("futures", { action: "buy", symbol: "MES1!", strategy: "demo-futures", id: "c" })).status, 404)
      assert.strictEqual((yield* post("second", { action: "exit", symbol: "MES1!", strategy: "demo-futures", id: "d" })).status, 200)
    })))

  it.effect("of a secret: the old one opens nothing any more and stays covered, a missing one refuses", () =>
    inFiles({ overrides: alone }, Effect.gen(function*() {
      const next = "another-webhook-secret"
      const knock = (with_: string) => Effect.map(post("futures", { secret: with_, action: "exit", symbol: "MES1!", strategy: "demo-futures" }), ({ status }) => status)
      assert.deepStrictEqual([yield* knock(secret), yield* knock(next)], [200, 401])
      yield* editSecret(next)
      assert.deepStrictEqual((yield* reload(true)).changes.map(({ path }) => path), ["secrets/$file secrets/webhook-secret"])
      assert.deepStrictEqual([yield* knock(secret), yield* knock(next)], [200, 401], "a dry run changes nothing")
      const receipt = yield* reload()
      assert.deepStrictEqual([receipt.applied, receipt.hashBefore], [true, receipt.hashAfter])
      assert.deepStrictEqual([yield* knock(secret), yield* knock(next)], [401, 200])
      assert.strictEqual((yield* Secrets).mask(`${secret} ${next}`), "*** ***")
      assert.deepStrictEqual(yield* applied, [], "the files are the same")
      assert.notInclude(JSON.stringify((yield* rows).map(({ event }) => event)), next)

      const missing = yield* refused({ ...alone, lanes: { futures: { secret: { $file: "elsewhere" } } } })
      assert.match(missing.message, /lanes\.json: \$file elsewhere \(in "lane futures"\): expected a file, got nothing; write it to /)
      assert.deepStrictEqual([yield* knock(secret), yield* knock(next)], [401, 200])
    })))

  it.effect("serves the lanes of this process only, and refuses an account split over two", () =>
    inFiles({ overrides: { accounts: { "paper-1": { lanes: ["futures"] }, "paper-3": null } }, variables: { INTERLOCK_LANES: "futures" } }, Effect.gen(function*() {
      const split = yield* refused({ accounts: { "paper-3": null } })
      assert.match(split.message, /INTERLOCK_LANES .*paper-1 listening to crypto as well/)
      yield* Effect.andThen(send("buy"), pass(2))
      const away: Overrides = { accounts: { "paper-1": { lanes: ["crypto"] }, "paper-3": null } }
      assert.match((yield* refused(away)).message, /accounts\/paper-1\/lanes: account paper-1 holds MESZ26/)
      yield* Effect.andThen(send("exit"), pass(3))
      const gone = yield* change(away)
      assert.include(gone.notes, `account ${account} is not ours any more`)
      const alertId = yield* send("buy", { id: "later" })
      yield* pass(2)
      assert.deepStrictEqual([yield* outcomeOf(alertId), yield* outcomeOf(alertId, "paper-2")], [undefined, "filled"])
      assert.strictEqual((yield* events()).filter(({ _tag }) => _tag === "EntryDecided").length, 1)
      assert.isUndefined(yield* pendingOf(alertId))
    })))
})
