import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Result } from "effect"
import { type House, HouseConfig } from "#config/House.ts"
import * as HouseLive from "#config/HouseLive.ts"
import * as Lanes from "#config/Lanes.ts"
import { Settings } from "#config/Settings.ts"
import type { LaneId } from "#schemas/Ids.ts"
import { folder, write } from "#test/support/folder.ts"
import { house, houseTexts } from "#test/support/house.ts"

const liveIn = (home: string, variables: Record<string, string> = {}) =>
  HouseLive.layer.pipe(
    Layer.provideMerge(Settings.layerIn(home)),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ INTERLOCK_CONFIG: "mine", ...variables })))
  )

const laneIds = (names: ReadonlyArray<string>): ReadonlyArray<LaneId> =>
  Array.from(house().lanes.keys()).filter((lane) => names.includes(lane))

describe("the configuration in force", () => {
  it.effect("is the folder's, until a checked one is put in its place", () =>
    Effect.gen(function*() {
      const home = yield* folder
      yield* write(`${home}/mine`, houseTexts())
      yield* Effect.gen(function*() {
        const { current } = yield* HouseConfig
        assert.deepStrictEqual(yield* current, house())

        yield* write(`${home}/mine`, { "lanes.json": "{" })
        assert.strictEqual((yield* Effect.flip(HouseLive.read))._tag, "ConfigInvalid")
        assert.deepStrictEqual(yield* current, house())

        const changed = { lanes: { futures: { enabled: false } } }
        yield* write(`${home}/mine`, houseTexts(changed))
        yield* (yield* HouseLive.HouseSwap).swap(yield* HouseLive.read)
        assert.strictEqual((yield* current).hash, house(changed).hash)
      }).pipe(Effect.provide(liveIn(home)))
    }).pipe(Effect.scoped))

  it.effect("must have the lanes this process is to serve", () =>
    Effect.gen(function*() {
      const home = yield* folder
      yield* write(`${home}/mine`, houseTexts())
      const result = yield* Effect.result(Effect.provide(HouseConfig, liveIn(home, { INTERLOCK_LANES: "crypto,futurs" })))
      const message = Result.match(result, { onSuccess: () => "", onFailure: (error) => error.message })
      assert.include(message, `INTERLOCK_LANES: expected lanes of lanes.json, got "futurs"; did you mean "futures"?`)
    }).pipe(Effect.scoped))
})

describe("a choice of lanes", () => {
  it("splits no account", () => {
    assert.deepStrictEqual(Lanes.split(house(), laneIds(["crypto"])).map(({ entry }) => entry), ["paper-1", "paper-3"])
    assert.deepStrictEqual(Lanes.split(house(), laneIds(["futures", "crypto"])), [])
    const apart = house({ accounts: { "paper-1": { lanes: ["futures"] }, "paper-3": { enabled: false } } })
    assert.deepStrictEqual(Lanes.split(apart, laneIds(["futures"])), [])
    const unnamed = house({ accounts: { "paper-1": { lanes: ["futures"] }, "paper-2": { lanes: null }, "paper-3": { lanes: ["crypto"] } } })
    for (const lane of ["futures", "crypto"]) assert.deepStrictEqual(Lanes.split(unnamed, laneIds([lane])).map(({ entry }) => entry), ["paper-2"], "it listens to all")
    assert.deepStrictEqual(Lanes.split(unnamed, laneIds(["futures", "crypto"])), [])
  })

  it("leaves what belongs to it", () => {
    const whole = house({
      accounts: { "paper-1": { lanes: ["crypto"] }, "paper-3": { lanes: null }, "paper-9": { lanes: ["crypto"], login: "apart" } },
      strategies: { "demo-futures": { lanes: ["crypto", "futures"] } },
      venues: { apart: {} }
    })
    const names = ({ accounts, lanes, logins, strategies }: House) => ({
      lanes: [...lanes.keys()], accounts: [...accounts.keys()], logins: [...logins.keys()],
      strategies: [...strategies.values()].map((strategy) => `${strategy.id} ${strategy.lanes.join(" ")}`)
    })
    const futures = Lanes.served(whole, laneIds(["futures"]))
    assert.deepStrictEqual<unknown>(names(futures), {
      lanes: ["futures"], accounts: ["paper-2", "paper-3"], logins: ["paper-demo"], strategies: ["demo-futures futures"]
    })
    assert.strictEqual(futures.hash, whole.hash)
    assert.deepStrictEqual<unknown>(names(Lanes.served(whole, laneIds(["crypto"]))), {
      lanes: ["crypto"], accounts: ["paper-1", "paper-3", "paper-9"], logins: ["paper-demo", "apart"],
      strategies: ["demo-futures crypto", "demo-crypto crypto"]
    })
  })

  it("leaves the login that another one listens to", () => {
    const whole = house({
      accounts: { "paper-1": { lanes: ["futures"] }, "paper-2": { lanes: ["crypto"], login: "source" }, "paper-3": { lanes: ["crypto"], login: "apart" } },
      venues: { "paper-demo": { paper: { quotesFrom: "source" } }, source: {}, apart: {} }
    })
    assert.deepStrictEqual<unknown>([...Lanes.served(whole, laneIds(["futures"])).logins.keys()], ["paper-demo", "source"])
    assert.deepStrictEqual<unknown>([...Lanes.served(whole, laneIds(["crypto"])).logins.keys()], ["source", "apart"])
  })

  it.effect("is what the process serves, and an account that it would share keeps it from starting", () =>
    Effect.gen(function*() {
      const home = yield* folder
      const chosen = liveIn(home, { INTERLOCK_LANES: "futures" })
      yield* write(`${home}/mine`, houseTexts({ accounts: { "paper-1": { lanes: ["futures"] }, "paper-3": { lanes: ["crypto"] } } }))
      const { accounts, lanes } = yield* Effect.flatMap(HouseConfig, ({ current }) => current).pipe(Effect.provide(chosen))
      assert.deepStrictEqual<unknown>([[...accounts.keys()], [...lanes.keys()]], [["paper-1", "paper-2"], ["futures"]])

      yield* write(`${home}/mine`, houseTexts())
      const result = yield* Effect.result(Effect.provide(HouseConfig, liveIn(home, { INTERLOCK_LANES: "futures" })))
      const message = Result.match(result, { onSuccess: () => "", onFailure: (error) => error.message })
      assert.include(message, "paper-1 listening to crypto as well")
    }).pipe(Effect.scoped))
})
