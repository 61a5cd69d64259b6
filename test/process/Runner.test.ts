/** A runner as a user meets it: configured, trailing on the real process, told by `why`, taken up again after a kill. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { folder, write } from "#test/support/folder.ts"
import { houseTexts } from "#test/support/house.ts"
import * as Process from "#test/support/process.ts"

const runner = { firstTarget: { ticks: 400, portion: "0.5" }, breakEven: { atFirstTarget: true, offsetTicks: 2 }, timeStop: { minutes: 600 } }

const configured = houseTexts({
  accounts: { "paper-2": null, "paper-3": null },
  strategies: { "demo-futures": { runner: { trail: { ticks: 30, stepTicks: 1 }, timeStop: { minutes: 600 } }, defaultTarget: null }, "demo-crypto": { runner } }
})

const stopOf = (house: Process.House) => Effect.map(Process.ask(house, (client) => client.Orders({})), (all) =>
  all.findLast(({ leg, status }) => leg === "stop" && status === "Accepted"))

const until = (house: Process.House, what: string, isThere: (stop: number) => boolean) => Process.until(what, 15_000, Effect.map(stopOf(house), (order) => {
  const stop = order?.stopPrice === undefined ? undefined : Number(order.stopPrice)
  return stop !== undefined && isThere(stop) ? Option.some(stop) : JSON.stringify(order ?? "none")
}))

describe("a strategy with a runner", () => {
  it.live("moves its stop, says why, and goes on after a kill", () => Effect.gen(function*() {
    const data = yield* folder
    const config = `${data}/config`
    yield* write(config, configured)
    const house = yield* Process.start(data, { config })
    yield* Process.open(house)
    const answer = Option.getOrThrow(yield* Process.alert(house, "futures", { strategy: "demo-futures", action: "buy", symbol: "MES1!", sl: "80t" }))
    const alertId = String(answer.body["alertId"])
    const why = Effect.map(Process.cli(data, "why", alertId), ({ out }) => out)

    const first = yield* until(house, "a stop", () => true)
    const moved = yield* Process.until("the runner's move", 15_000, Effect.map(why, (out) =>
      /moves to stop [\d.]+, by the runner/.test(out) && /stop il-\S+ is now/.test(out) ? Option.some(out) : out))
    assert.match(moved, /Entry decided on MES\S+ with paper-demo .*; runner: stop trails 30 ticks behind in steps of 1, out after 600 min/)
    assert.match(moved, /The runner takes over on MES\S+\./)
    assert.match(moved, /Runner: trails on MES\S+: the stop belongs at [\d.]+, best price seen [\d.]+\./)
    const before = yield* until(house, "the moved stop", (stop) => stop >= first)

    yield* Process.kill(house)
    const again = yield* Process.start(data, { config })
    yield* Process.open(again)
    const positions = yield* Process.ask(again, (client) => client.Positions())
    if (positions.length > 0) yield* until(again, "the stop where it was, or closer", (stop) => stop >= before)
    const after = yield* why
    assert.strictEqual(after.match(/The runner takes over/g)?.length, 1)
    assert.notMatch(after, /ALARM/)
  }).pipe(Effect.scoped), 90_000)
})
