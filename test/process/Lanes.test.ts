/** Two processes over one configuration, each with its own lanes, data folder and ports: what is one's never reaches the other. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { folder, write } from "#test/support/folder.ts"
import { houseTexts, type Overrides } from "#test/support/house.ts"
import * as Process from "#test/support/process.ts"
import * as Witness from "./witness.ts"

const apart: Overrides = {
  accounts: {
    "paper-1": { lanes: ["futures"] },
    "paper-2": null,
    "paper-3": { lanes: ["crypto"], login: "paper-other", caps: { dailyLoss: "100000" } }
  },
  venues: { "paper-other": { paper: { seed: 2 } } }
}

const configOf = Effect.fnUntraced(function*(overrides: Overrides) {
  const config = yield* folder
  yield* write(config, houseTexts(overrides))
  return config
})

const bodies = {
  futures: { strategy: "demo-futures", symbol: "MES1!", action: "buy" },
  crypto: { strategy: "demo-crypto", symbol: "BTCUSD", action: "buy" }
} as const

const say = (house: Process.House, lane: keyof typeof bodies, more: Readonly<Record<string, unknown>> = {}) =>
  Effect.map(Process.alert(house, lane, { ...bodies[lane], ...more }), (answer) => {
    const { body, status } = Option.getOrThrow(answer)
    return { status, said: String(body["status"] ?? body["error"]), alertId: String(body["alertId"] ?? "") }
  })

/** Everything its journal names: accounts, logins and strategies by their streams, lanes by its alerts. */
const named = (data: string) => {
  const rows = Witness.journal(data)
  const streams = rows.map(({ stream }) => stream).filter((stream) => /^(account|broker-session|strategy-guard)\//.test(stream))
  const lanes = rows.flatMap(({ event }) => event._tag === "AlertAccepted" ? [`lane/${event.signal.lane}`] : [])
  return [...new Set([...streams, ...lanes])].sort()
}

/** Until the account's position is there with its stop. */
const protectedOn = (house: Process.House, account: string) =>
  Process.until(`${account} protected`, 10_000, Effect.map(Process.ask(house, (client) => client.Positions()), (positions) =>
    positions.length === 1 && positions.every(({ accountId, protection }) => accountId === account && protection.state === "protected")
      ? Option.some(positions) : JSON.stringify(positions)))

describe("lanes over two processes", () => {
  it.live("each takes its own alerts alone; one that is killed takes nothing of the other along and comes back to its own", () => Effect.gen(function*() {
    const config = yield* configOf(apart)
    const futures = yield* Process.start(yield* folder, { config, lanes: "futures" })
    const data = yield* folder
    const crypto = yield* Process.start(data, { config, lanes: "crypto" })
    yield* Effect.all([Process.open(futures), Process.open(crypto)], { concurrency: 2 })
    assert.notStrictEqual(futures.webhookUrl, crypto.webhookUrl)
    const status = (house: Process.House) => Effect.map(Process.ask(house, (client) => client.Status()), ({ accounts, sessions }) =>
      [...accounts.map(({ id }): string => id), ...sessions.map(({ id }): string => id)])
    assert.deepStrictEqual<unknown>([yield* status(futures), yield* status(crypto)], [["paper-1", "paper-demo"], ["paper-3", "paper-other"]])

    const own = [yield* say(futures, "futures"), yield* say(crypto, "crypto", { id: "once" })]
    const others = [yield* say(futures, "crypto"), yield* say(crypto, "futures")]
    assert.deepStrictEqual(own.map(({ said, status }) => `${status} ${said}`), ["200 accepted", "200 accepted"])
    assert.deepStrictEqual(others.map(({ said, status }) => `${status} ${said}`), ["404 unknownLane", "404 unknownLane"])
    for (const [house, account] of [[futures, "paper-1"], [crypto, "paper-3"]] as const) {
      const inbox = yield* Process.settled(house)
      assert.deepStrictEqual<unknown>(inbox.map(({ outcomes }) => outcomes.map(({ accountId, outcome }) => `${accountId} ${outcome}`)), [[`${account} filled`]])
      yield* protectedOn(house, account)
    }

    yield* Process.kill(crypto)
    assert.strictEqual((yield* say(futures, "futures", { action: "exit" })).status, 200)
    assert.deepStrictEqual((yield* Process.settled(futures)).flatMap(({ outcomes }) => outcomes.map(({ outcome }) => outcome)).sort(), ["done", "filled"])
    assert.isTrue(Option.isNone(yield* Process.alert(crypto, "crypto", bodies.crypto)), "nobody answers in its place")

    const again = yield* Process.start(data, { config, lanes: "crypto" })
    yield* Process.open(again)
    yield* protectedOn(again, "paper-3")
    assert.deepStrictEqual(yield* say(again, "crypto", { id: "once" }), { status: 200, said: "duplicate", alertId: own[1]!.alertId })
    assert.strictEqual((yield* say(again, "crypto", { action: "exit" })).status, 200)
    yield* Process.settled(again)
    assert.deepStrictEqual(Witness.venue(data).net, [])
    assert.deepStrictEqual(named(futures.data), ["account/paper-1", "broker-session/paper-demo", "lane/futures", "strategy-guard/demo-futures"])
    assert.deepStrictEqual(named(data), ["account/paper-3", "broker-session/paper-other", "lane/crypto", "strategy-guard/demo-crypto"])
  }).pipe(Effect.scoped), 90_000)

  it.live("an account that two processes would share keeps either from starting, and is named", () => Effect.gen(function*() {
    const refusal = Effect.fnUntraced(function*(overrides: Overrides, lanes: string) {
      const started = yield* Process.begin(yield* folder, { config: yield* configOf(overrides), lanes })
      const { code } = yield* Process.ended(started)
      assert.strictEqual(code, 1)
      assert.strictEqual(started.out(), "", "no door was opened")
      return started.err()
    })
    for (const [lanes, other] of [["futures", "crypto"], ["crypto", "futures"]] as const) {
      const shared = yield* refusal({ ...apart, accounts: { ...apart.accounts, "paper-1": { lanes: ["futures", "crypto"] } } }, lanes)
      assert.include(shared, `paper-1 listening to ${other} as well`)
      const unnamed = yield* refusal({ ...apart, accounts: { ...apart.accounts, "paper-1": { lanes: null } } }, lanes)
      assert.include(unnamed, `paper-1 listening to ${other} as well; give the account "lanes"`)
      assert.notInclude(shared + unnamed, "paper-3")
    }
  }).pipe(Effect.scoped), 60_000)
})
