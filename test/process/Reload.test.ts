/** `reload`, `session restart` and `config check` on the real process, as typed. */
import { cpSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { folder, write } from "#test/support/folder.ts"
import { houseTexts } from "#test/support/house.ts"
import * as Process from "#test/support/process.ts"
import * as Witness from "./witness.ts"

const configIn = (data: string) => `${data}/config`

describe("a running house", () => {
  it.live("takes an edited configuration, says what is wrong with a bad one, and knows it after a restart", () => Effect.gen(function*() {
    const data = yield* folder
    const config = configIn(data)
    yield* write(config, houseTexts())
    const house = yield* Process.start(data, { config })
    yield* Process.open(house)

    yield* write(config, houseTexts({ accounts: { "paper-2": { login: "paper-dmo" } } }))
    const bad = yield* Process.cli(data, "reload")
    assert.deepStrictEqual([bad.code, bad.out], [1, ""])
    assert.include(bad.err, `accounts.json: accounts[1].login (in "paper-2"): expected a login of venues.json, got "paper-dmo"; did you mean "paper-demo"?`)
    const machine = JSON.parse((yield* Process.cli(data, "reload", "--json")).err)
    assert.deepStrictEqual([machine.error, machine.problems.length, machine.problems[0].nearest], ["reloadRefused", 1, "paper-demo"])

    yield* write(config, houseTexts({ accounts: { "paper-2": { caps: { dailyLoss: "700" } }, "paper-9": {} }, venues: { "paper-two": {} } }))
    const dry = yield* Process.cli(data, "reload", "--dry-run")
    assert.match(dry.out, /next order {2}accounts\/paper-2\/caps\/dailyLoss {2}added "700"/)
    assert.match(dry.out, /nothing was changed/)
    const receipt = JSON.parse((yield* Process.cli(data, "reload", "--json", "--why", "tighter")).out)
    assert.strictEqual(receipt.applied, true)
    yield* Process.open(house)
    const status = yield* Process.ask(house, (client) => client.Status())
    assert.deepStrictEqual(status.accounts.map(({ id }) => id), ["paper-1", "paper-2", "paper-3", "paper-9"])
    assert.deepStrictEqual(status.sessions.map(({ id, state }) => `${id} ${state}`), ["paper-demo connected", "paper-two connected"])

    const restarted = yield* Process.cli(data, "session", "restart", "paper-two", "--json")
    assert.match(JSON.parse(restarted.out).lines.join(), /login paper-two is connected again/, restarted.err)
    assert.strictEqual((yield* Process.cli(data, "session", "restart", "nobody")).code, 1)

    yield* Process.leave(house)
    const again = yield* Process.start(data, { config })
    yield* Process.open(again)
    assert.strictEqual(JSON.parse((yield* Process.cli(data, "reload", "--json")).out).hashAfter, receipt.hashAfter)
    yield* Process.leave(again)
    const applied = Witness.journal(data).flatMap(({ event }) => event._tag === "ConfigApplied" ? [event.hash] : [])
    assert.deepStrictEqual(applied, [receipt.hashBefore, receipt.hashAfter], "the same files are not written down twice")
  }).pipe(Effect.scoped), 90_000)
})

describe("config check", () => {
  it.live("needs no house, names every problem, and makes nothing", () => Effect.gen(function*() {
    const data = yield* folder
    const config = configIn(data)
    cpSync(`${Process.home}/config/default`, config, { recursive: true })
    const good = yield* Process.cli(data, "config", "check", "--config", config)
    assert.deepStrictEqual([good.code, good.err], [0, ""])
    assert.match(good.out, /^ok: .*\n2 lanes, 2 strategies, 3 accounts, 1 login, 8 instruments, 2 calendars\nhash [0-9a-f]{64}\n$/)
    const accounts = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`copy-${index}`, { login: "paper-dmo" }]))
    yield* write(config, houseTexts({ accounts }))
    const bad = yield* Process.cli(data, "config", "check", "--config", config)
    assert.strictEqual(bad.code, 1)
    assert.strictEqual(bad.out.split("\n").filter((line) => line.includes(`did you mean "paper-demo"?`)).length, 25)
    const machine = yield* Process.cli(data, "config", "check", "--config", config, "--json")
    const { ok, problems } = JSON.parse(machine.out)
    assert.deepStrictEqual([machine.code, ok, problems.length], [1, false, 25])
    assert.deepStrictEqual(Object.keys(problems[0]), ["file", "path", "entry", "expected", "got", "nearest"])

    yield* write(config, houseTexts({ lanes: { futures: { secret: { $file: null, $env: "NO_SUCH_SECRET" } } } }))
    assert.include((yield* Process.cli(data, "config", "check", "--config", config)).out, "lanes.json: $env NO_SUCH_SECRET")
    assert.strictEqual((yield* Process.cli(data, "config", "chekc")).code, 2)
  }).pipe(Effect.scoped), 60_000)
})
