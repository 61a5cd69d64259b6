/** Switches from the command line of a real house: what they say, what they stop, and that a SIGKILL lifts none. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { CommandReceipt } from "#schemas/contracts/Commands.ts"
import { StatusView } from "#schemas/contracts/Views.ts"
import { folder } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"

const far = { strategy: "demo-futures", symbol: "MES1!", action: "buy", orderType: "limit", limitPrice: "1000.00" }

const decoded = <A>(schema: Schema.Codec<A, unknown>, text: string) => Schema.decodeUnknownSync(Schema.fromJsonString(schema), { onExcessProperty: "error" })(text)

const resting = (house: Process.House) => Effect.map(Process.ask(house, (client) => client.Orders({})), (orders) =>
  orders.filter(({ leg, status }) => leg === "entry" && status === "Accepted").map(({ accountId }) => accountId))

const rests = (house: Process.House, wanted: ReadonlyArray<string>) =>
  Process.until(`resting entries ${wanted.join(", ")}`, 10_000, Effect.map(resting(house), (ids) => ids.join() === wanted.join() ? Option.some(ids) : ids.join()))

const outcomesOf = Effect.fnUntraced(function*(house: Process.House, answer: Option.Option<Process.Answer>) {
  const alertId = String(Option.getOrThrow(answer).body["alertId"])
  const inbox = yield* Process.settled(house)
  return inbox.find((one) => one.alertId === alertId)?.outcomes.map(({ accountId, outcome, reason }) => `${accountId} ${outcome} ${reason?.rule ?? ""}`.trim())
})

describe("switches", () => {
  it.live("a kill cancels, outlives the process, and ends with unkill", () => Effect.gen(function*() {
    const data = yield* folder
    const house = yield* Process.start(data)
    yield* Process.open(house)
    const entry = yield* Process.alert(house, "futures", far)
    yield* rests(house, ["paper-1", "paper-2"])

    const killed = yield* Process.cli(data, "kill", "--lane", "futures", "--why", "fire", "--json")
    assert.deepStrictEqual([killed.code, killed.err], [0, ""])
    const { commandId, durable, lines } = decoded(CommandReceipt, killed.out)
    assert.isTrue(durable)
    assert.deepStrictEqual(lines.slice(1), ["paper-1 (SIMULATED): 1 working entry cancelled", "paper-2 (SIMULATED): 1 working entry cancelled"])
    yield* rests(house, [])
    assert.deepStrictEqual(yield* outcomesOf(house, entry), ["paper-1 canceled Killed", "paper-2 canceled Killed", "paper-3 denied DailyLoss"])
    const why = yield* Process.cli(data, "why", commandId)
    assert.strictEqual(why.code, 0, why.err)
    for (const part of ["kill", "fire", "paper-1", "paper-2"]) assert.include(why.out, part)

    yield* Process.kill(house)
    const next = yield* Process.start(data)
    yield* Process.open(next)
    const refused = yield* Process.alert(next, "futures", far)
    // `Killed`: it came before the first quote and waited its turn; either way it is the kill that denies it.
    assert.match(String(yield* outcomesOf(next, refused)), /^paper-1 denied (Latched|Killed),paper-2 denied (Latched|Killed),paper-3 denied (Latched|Killed)$/)
    const status = yield* Process.cli(data, "status", "--json")
    assert.deepStrictEqual(decoded(StatusView, status.out).switches.map(({ durable: isDurable, kind, scope, why: because }) => [kind, scope, because, isDurable]), [["kill", "lane/futures", "fire", true]])
    assert.match((yield* Process.cli(data, "status")).out, /^lane\/futures +kill +\S+ +cli:\S+ +fire$/m)

    const lifted = yield* Process.cli(data, "unkill", "--lane", "futures")
    assert.strictEqual(lifted.code, 0, lifted.err)
    assert.match(lifted.out, /^SIMULATED.*\nlane\/futures is killed no more\n/)
    yield* Process.alert(next, "futures", far)
    yield* rests(next, ["paper-1", "paper-2"])
  }).pipe(Effect.scoped))

  it.live("disable and enable, wrong names, wrong usage", () => Effect.gen(function*() {
    const data = yield* folder
    const house = yield* Process.start(data)
    yield* Process.open(house)
    const ends = (...args: ReadonlyArray<string>) => Effect.map(Process.cli(data, ...args), ({ code, err, out }) => [code, err.trim(), out.split("\n")[1] ?? ""])

    assert.deepStrictEqual(yield* ends("disable", "--asset", "futures", "--mode", "paper"), [0, "", "asset/futures/paper is paused: entries are skipped; what works stays, exits and stops go on"])
    assert.deepStrictEqual(yield* ends("resume"), [0, "", "all was not paused or blocked by a flatten: nothing to lift"])
    const entry = yield* Process.alert(house, "futures", far)
    assert.deepStrictEqual(yield* outcomesOf(house, entry), ["paper-1", "paper-2", "paper-3"].map((id) => `${id} skipped Paused`))
    assert.include((yield* Process.cli(data, "accounts")).out, "pause asset/futures/paper")
    assert.deepStrictEqual(yield* ends("enable", "--asset", "futures", "--mode", "paper"), [0, "", "asset/futures/paper is paused no more"])

    assert.deepStrictEqual(yield* ends("pause", "--account", "paper-l"), [1, "interlock: no account paper-l: did you mean paper-1?", ""])
    for (const args of [["pause", "--lane", "futures", "--account", "paper-1"], ["disable"], ["disable", "--account", "paper-1", "--mode", "paper"], ["kill", "--all", "--lane", "futures"], ["kill", "--script", "s"]]) {
      assert.strictEqual((yield* ends(...args))[0], 2, args.join(" "))
    }
    assert.deepStrictEqual((yield* Process.ask(house, (client) => client.Status())).switches, [])
  }).pipe(Effect.scoped))
})
