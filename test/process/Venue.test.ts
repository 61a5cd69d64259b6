/** `venue add`, `promote` and `venue drill` as a person types them, over the fake venue's real wire. */
import { spawn } from "node:child_process"
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs"
import * as NodePath from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { folder } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"

const main = NodePath.join(Process.home, "src/main.ts")
const cli = NodePath.join(Process.home, "ops/cli/main.ts")
const password = "demo-secret"

const fake = Effect.gen(function*() {
  const venue = yield* Process.child(process.execPath, [main, "venue", "fake", "tradovate", "--port", "0", "--seed", "3"], { INTERLOCK_CONFIG: "config/default" })
  return yield* Process.until("the venue's address", 20_000, Effect.sync(() =>
    venue.out().includes("Ctrl+C") ? Option.fromNullishOr(/venue at (http:\/\/127\.0\.0\.1:\d+)/.exec(venue.out())?.[1]) : Option.none()))
})

const Books = Schema.Struct({
  accounts: Schema.Array(Schema.Struct({ id: Schema.String, live: Schema.Int, positions: Schema.Array(Schema.Unknown) })),
  ledger: Schema.Array(Schema.Struct({ kind: Schema.String, account: Schema.optionalKey(Schema.String), path: Schema.optionalKey(Schema.String) }))
})
const booksOf = (url: string) => Effect.promise(async () => Schema.decodeUnknownSync(Books)(await (await fetch(`${url}/console/state?all`)).json()))
const strike = (url: string, plan: string) => Effect.promise(async () => {
  const headers = { "content-type": "application/json" }
  const { status } = await fetch(`${url}/console/faults`, { method: "POST", headers, body: JSON.stringify({ plan }) })
  assert.strictEqual(status, 200)
})

/** The demo, its paper accounts asleep: they would make up prices. */
const ownConfig = (data: string): string => {
  const config = `${data}/config`
  cpSync(`${Process.home}/config/default`, config, { recursive: true })
  for (const file of ["accounts.json", "venues.json"]) {
    writeFileSync(`${config}/${file}`, readFileSync(`${config}/${file}`, "utf8").replaceAll(`"enabled": true`, `"enabled": false`))
  }
  return config
}

interface Typed {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** What nobody may ever read of a secret, wherever it was typed. */
const typing = (data: string, config: string) => {
  const typed = (args: ReadonlyArray<string>, input = "") => Effect.promise(() => new Promise<Typed>((resolve) => {
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("INTERLOCK_")))
    const child = spawn(process.execPath, [cli, ...args], { env: { ...inherited, INTERLOCK_DATA: data, INTERLOCK_CONFIG: config }, stdio: ["pipe", "pipe", "pipe"] })
    let [out, err] = ["", ""]
    child.stdout.on("data", (chunk: Buffer) => { out += chunk.toString() })
    child.stderr.on("data", (chunk: Buffer) => { err += chunk.toString() })
    child.on("close", (code) => resolve({ code, out, err }))
    child.stdin.end(input)
  })).pipe(Effect.tap(({ err, out }) => Effect.sync(() => assert.notInclude(out + err, password))))
  const add = (answers: unknown, ...args: ReadonlyArray<string>) => typed(["venue", "add", "tradovate", "--stdin", ...args], JSON.stringify(answers))
  return { typed, add }
}

const opened = (house: Process.House) => Process.until("DEMO1 open", 20_000, Effect.map(Process.ask(house, (client) => client.Status()), ({ accounts }) =>
  accounts.some(({ id, state }) => id === "DEMO1" && state === "open") ? Option.some(accounts) : JSON.stringify(accounts)))

const textsIn = (config: string) => ["accounts.json", "venues.json"].map((file) => readFileSync(`${config}/${file}`, "utf8"))

const everyFile = (root: string): ReadonlyArray<string> =>
  readdirSync(root, { withFileTypes: true, recursive: true }).flatMap((entry) => entry.isFile() ? [NodePath.join(entry.parentPath, entry.name)] : [])

describe("a broker login, from nothing to a proven account", () => {
  it.live("is added, promoted and drilled; a drill that goes wrong ends flat and blocked", () => Effect.gen(function*() {
    const data = yield* folder
    const config = ownConfig(data)
    const url = yield* fake
    const { add, typed } = typing(data, config)
    const answers = { url, name: "demo", password, marketData: true, accounts: ["DEMO2", "DEMO1"] }
    const before = textsIn(config)

    const added = yield* add(answers, "--yes")
    assert.strictEqual(added.code, 0, added.out + added.err)
    for (const step of ["sign-in", "accounts", "stream", "contract", "quote"]) assert.match(added.out, new RegExp(`^ {2}ok +${step} `, "m"))
    assert.deepStrictEqual([statSync(`${data}/secrets`).mode & 0o777, statSync(`${data}/secrets/tradovate-1.password`).mode & 0o777], [0o700, 0o600])
    assert.strictEqual(readFileSync(`${data}/secrets/tradovate-1.password`, "utf8").trim(), password)
    const after = textsIn(config)
    for (const [index, text] of before.entries()) {
      const lines = new Set(after[index]?.split("\n").map((line) => line.replace(/,$/, "")))
      assert.deepStrictEqual(text.split("\n").filter((line) => !lines.has(line.replace(/,$/, ""))), [], "every line that was there is there, comments too")
    }
    assert.match(after[0] ?? "", /"id": "DEMO1",\n +"enabled": false/)

    const again = yield* add({ ...answers, login: "another-name" }, "--yes")
    assert.deepStrictEqual([again.code, textsIn(config)], [0, after])
    assert.include(again.out, "login tradovate-1 is in venues.json already")
    assert.include(again.out, "nothing to add")

    renameSync(`${data}/dry-runs.json`, `${data}/aside`)
    const untried = yield* typed(["promote", "DEMO1", "--yes"])
    assert.deepStrictEqual([untried.code, textsIn(config)], [1, after])
    assert.include(untried.err, "login tradovate-1 was never tried")
    renameSync(`${data}/aside`, `${data}/dry-runs.json`)

    const house = yield* Process.start(data, { config })
    const disabled = yield* typed(["venue", "drill", "DEMO1", "--yes"])
    assert.deepStrictEqual([disabled.code, disabled.err], [1, "interlock: account DEMO1 is disabled: `interlock promote DEMO1` enables it\n"])
    const unasked = yield* typed(["promote", "DEMO1"])
    assert.deepStrictEqual([unasked.code, textsIn(config)], [1, after])
    const promoted = yield* typed(["promote", "DEMO1", "--yes"])
    assert.strictEqual(promoted.code, 0, promoted.out + promoted.err)
    assert.match(promoted.out, /mode +LIVE/)
    assert.match(promoted.out, /strategies +none: no alert reaches it/)
    assert.match(promoted.out, /now +accounts\/DEMO1\/enabled +false -> true/)
    yield* opened(house)
    yield* typed(["session", "restart", "tradovate-1"]) // else its quotes come with the next look at what is traded, up to a minute later
    yield* opened(house)
    const drilled = yield* typed(["venue", "drill", "DEMO1", "--yes", "--json"])
    assert.strictEqual(drilled.code, 0, drilled.out + drilled.err)
    const receipt = JSON.parse(drilled.out)
    assert.deepStrictEqual(receipt.orders.map(({ leg, side, status }: Readonly<Record<string, string>>) => `${leg} ${side} ${status}`), ["entry buy Filled", "stop sell Canceled", "exit sell Filled"])
    assert.isAtLeast(receipt.flatAtMs, receipt.protectedAtMs)
    const { accounts, ledger } = yield* booksOf(url)
    assert.strictEqual(ledger.filter(({ path }) => path?.includes("accesstokenrequest")).length, 2, "one for each dry run: the house goes on with the first one's")
    assert.strictEqual(statSync(`${data}/secrets/sessions/tradovate-1`).mode & 0o777, 0o600)
    assert.deepStrictEqual(accounts.map(({ live, positions }) => [live, positions]), Array.from({ length: 5 }, () => [0, []]))
    assert.strictEqual(ledger.filter(({ account, kind }) => kind === "fill" && account === "DEMO1").length, 2)

    yield* strike(url, "F18") // its stop is refused as it wakes
    const failed = yield* typed(["venue", "drill", "DEMO1", "--yes"])
    assert.strictEqual(failed.code, 1, failed.out + failed.err)
    assert.match(failed.out, /FAILED at stop: stop Rejected/)
    assert.include(failed.err, "flattened: the account is flat, and takes nothing new until `interlock resume --account DEMO1`")
    const blocked = yield* typed(["venue", "drill", "DEMO1", "--yes"])
    assert.match(blocked.err, /account DEMO1 is stopped by block/)
    assert.deepStrictEqual((yield* booksOf(url)).accounts.flatMap(({ positions }) => positions), [])
    yield* Process.leave(house)

    const readable = everyFile(data).filter((path) => !path.includes("/secrets/"))
    assert.isTrue(readable.some((path) => path.endsWith("journal.sqlite")))
    for (const path of readable) assert.isFalse(readFileSync(path).includes(password), path)
  }).pipe(Effect.scoped), 180_000)

  it.live("that the venue does not let in is told what to do, and leaves nothing behind", () => Effect.gen(function*() {
    const data = yield* folder
    const config = ownConfig(data)
    const before = textsIn(config)
    const url = yield* fake
    const { add, typed } = typing(data, config)
    const nothing = () => {
      assert.deepStrictEqual(textsIn(config), before)
      assert.isFalse(existsSync(`${data}/secrets`))
      assert.isFalse(existsSync(`${data}/dry-runs.json`))
    }
    const wrong = yield* add({ url, name: "demo", password: `${password}-no` }, "--yes")
    assert.strictEqual(wrong.code, 1)
    assert.match(wrong.out, /FAILED +sign-in +the venue does not let this user in/)
    nothing()

    yield* strike(url, "F25")
    const captcha = yield* add({ url, name: "demo", password }, "--yes")
    assert.strictEqual(captcha.code, 1)
    assert.match(captcha.out, /FAILED +sign-in +the venue answered with a penalty ticket and a captcha/)
    assert.match(captcha.out, /what to do: send it nothing for an hour/)
    nothing()

    const silent = yield* add({ url: "http://127.0.0.1:1", name: "demo", password }, "--yes", "--json")
    assert.deepStrictEqual([silent.code, JSON.parse(silent.out).findings[0].check], [1, "sign-in"])
    const far = yield* add({ url: "http://example.com", name: "demo", password }, "--yes")
    assert.include(far.err, "https://, or http:// of this machine")
    const half = yield* add({ url, password }, "--yes")
    assert.deepStrictEqual([half.code, half.err.includes("nobody said name")], [2, true])
    const odd = yield* add({ url, name: "demo", passwort: password })
    assert.strictEqual(odd.code, 2)
    const unset = yield* typed(["venue", "add", "tradovate", "--url", url, "--name", "demo", "--password-env", "NO_SUCH_PASSWORD", "--yes"])
    assert.include(unset.err, "NO_SUCH_PASSWORD is neither in the environment nor in .env")
    nothing()
  }).pipe(Effect.scoped), 90_000)
})
