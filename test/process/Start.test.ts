/** The first minute with the house: what it prints, what can be pasted, what lies in the data folder, and who may not start beside it. */
import { existsSync, readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { folder } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"

const runtimeOf = (data: string) => NodePath.join(data, "runtime.json")
const hasCurl = Effect.map(Process.run("sh", ["-c", "command -v curl"]), ({ code }) => code === 0)

describe("a started house", () => {
  it.live("says it is ready, gives a first alert to paste, then how its accounts are; its place is in runtime.json while it lives", () => Effect.gen(function*() {
    const data = yield* folder
    const beforeMs = yield* Clock.currentTimeMillis
    const house = yield* Process.start(data)
    yield* Process.open(house)
    const lines = Process.linesOf(house)
    const [ready, paste = ""] = lines
    const accounts = lines.filter((line) => line.startsWith("account "))
    assert.strictEqual(ready, `ready webhook=${house.webhookUrl} operator=${house.operatorUrl}`)
    assert.match(paste, new RegExp(`^curl -sS ${house.webhookUrl}/webhook/futures `))
    assert.notInclude(house.out() + house.err(), Process.secretOf(data), "a secret is never printed")
    assert.isTrue(accounts.length >= 3 && accounts.every((line) => /^account paper-[123] (connecting|reconciling|open) \(SIMULATED\)$/.test(line)), accounts.join("\n"))
    for (const id of [1, 2, 3]) assert.include(accounts, `account paper-${id} open (SIMULATED)`)

    const { startedAtMs, ...runtime } = JSON.parse(readFileSync(runtimeOf(data), "utf8"))
    assert.deepStrictEqual(runtime, { pid: house.pid, webhookUrl: house.webhookUrl, operatorUrl: house.operatorUrl })
    assert.isTrue(startedAtMs >= beforeMs && startedAtMs <= (yield* Clock.currentTimeMillis))

    const second = yield* Process.begin(data)
    assert.deepStrictEqual(yield* second.ended, { code: 1, signal: null })
    assert.strictEqual(second.out(), "")
    assert.include(second.err(), `process ${house.pid}`)
    assert.include(second.err(), "INTERLOCK_DATA")
    assert.isTrue(existsSync(runtimeOf(data)), "the refused one takes nothing away")

    yield* Process.leave(house)
    assert.isFalse(existsSync(runtimeOf(data)))
    assert.strictEqual((yield* Process.cli(data, "status")).code, 3)
  }).pipe(Effect.scoped))

  it.live("takes the pasted line as it stands", (test) => Effect.gen(function*() {
    if (!(yield* hasCurl)) return test.skip("no curl on this machine")
    const house = yield* Process.start(yield* folder)
    const paste = yield* Process.line(house, 1)
    const pasted = yield* Process.run("sh", ["-c", `${paste} -w ' %{http_code}'`])
    assert.match(pasted.out, /^\{"alertId":"[^"]+","status":"accepted"\} 200$/, pasted.err)
    const [alert] = yield* Process.settled(house)
    assert.deepStrictEqual([alert?.action, alert?.outcomes.map(({ outcome }) => outcome)], ["buy", ["filled", "filled", "denied"]])
  }).pipe(Effect.scoped))

  it.live("starts again where it was killed, and replaces what that life left behind", () => Effect.gen(function*() {
    const data = yield* folder
    const first = yield* Process.start(data)
    yield* Process.kill(first)
    assert.isTrue(existsSync(runtimeOf(data)), "nobody was there to take it away")
    const gone = yield* Process.cli(data, "status")
    assert.strictEqual(gone.code, 3)
    assert.include(gone.err, `pid ${first.pid}`)

    const house = yield* Process.start(data)
    assert.strictEqual(JSON.parse(readFileSync(runtimeOf(data), "utf8")).pid, house.pid)
    yield* Process.open(house)
  }).pipe(Effect.scoped))
})
