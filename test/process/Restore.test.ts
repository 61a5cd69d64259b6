/** The drill: a house is backed up while it trades, is lost, and lives on from its backup. */
import { copyFileSync, cpSync, existsSync, mkdirSync } from "node:fs"
import * as NodePath from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { folder } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"
import * as Witness from "./witness.ts"

const futures = { strategy: "demo-futures", symbol: "MES1!" }
const crypto = { strategy: "demo-crypto", symbol: "BTCUSD" }

const accepted = (answer: Option.Option<Process.Answer>): string => {
  const { body, status } = Option.getOrThrow(answer)
  assert.deepStrictEqual([status, body["status"]], [200, "accepted"])
  return String(body["alertId"])
}

const succeeded = ({ code, err, out }: { readonly code: number | null; readonly err: string; readonly out: string }) => {
  assert.deepStrictEqual([code, err], [0, ""])
  return JSON.parse(out)
}

/** Secrets are no part of a backup: a person puts them back. */
const putSecretsBack = (from: string, to: string) => Effect.sync(() => {
  mkdirSync(NodePath.join(to, "secrets"), { recursive: true })
  copyFileSync(NodePath.join(from, "secrets/webhook-secret"), NodePath.join(to, "secrets/webhook-secret"))
})

const held = (house: Process.House) =>
  Effect.map(Process.ask(house, (client) => client.Positions()), (positions) =>
    positions.map(({ accountId, protection, symbol }) => `${accountId} ${symbol.slice(0, 3)} ${protection.state}`).sort())

/** Two positions, then a backup among more alerts, then what the backup does not know: the futures closed, crypto bought. */
const lost = Effect.fnUntraced(function*(alertsMeanwhile: number) {
  const root = yield* folder
  const [data, backup, restored] = [NodePath.join(root, "data"), NodePath.join(root, "backup"), NodePath.join(root, "restored")]
  const house = yield* Process.start(data)
  yield* Process.open(house)
  const alertId = accepted(yield* Process.alert(house, "futures", { ...futures, action: "buy", id: "before" }))
  yield* Process.settled(house)

  const noise = Effect.forEach(Array.from({ length: alertsMeanwhile }, (_, n) => n), (n) =>
    Process.alert(house, "futures", { ...futures, action: "buy", id: `noise-${n}` }), { concurrency: 2 })
  const [receipt] = yield* Effect.all([Process.cli(data, "backup", "--to", backup, "--why", "the drill", "--json"), noise], { concurrency: 2 })
  const { commandId, seq } = succeeded(receipt)
  assert.isTrue(existsSync(NodePath.join(backup, "manifest.json")))
  const { alert, lines } = succeeded(yield* Process.cli(data, "why", commandId, "--json"))
  assert.strictEqual(alert.alertId, commandId)
  assert.match(lines[0].text, /^cli:.+ asks: backup.*because the drill\.$/)

  yield* Process.settled(house)
  accepted(yield* Process.alert(house, "futures", { ...futures, action: "exit", id: "after-1" }))
  accepted(yield* Process.alert(house, "crypto", { ...crypto, action: "buy", id: "after-2" }))
  yield* Process.settled(house)
  assert.deepStrictEqual(yield* held(house), ["paper-1 PF_ protected"])

  const refused = yield* Process.cli(data, "restore", backup, "--force")
  assert.deepStrictEqual([refused.code, refused.err.includes(`process ${house.pid}`)], [1, true], "not while it runs")
  yield* Process.leave(house)

  const told = succeeded(yield* Process.cli(data, "restore", backup, "--data", restored, "--json"))
  assert.deepStrictEqual([told.seq, told.dataFolder, told.aside], [seq, restored, null])
  assert.isTrue(told.next.some((line: string) => line.includes("webhook-secret")))
  yield* putSecretsBack(data, restored)
  return { data, restored, alertId, seq: Number(seq) }
})

describe("a house that lives on from its backup", () => {
  it.live("has the backup's rows, the positions of its venue under their stops, and knows the alerts of before", () => Effect.gen(function*() {
    const { alertId, data, restored, seq } = yield* lost(40)
    const rows = Witness.journal(restored)
    assert.isAbove(rows.length, 30)
    assert.deepStrictEqual(rows, Witness.journal(data).filter((row) => row.seq <= seq))

    const house = yield* Process.start(restored)
    yield* Process.open(house)
    yield* Process.settled(house)
    assert.deepStrictEqual(yield* held(house), ["paper-1 MES protected", "paper-2 MES protected"])
    assert.deepStrictEqual(Witness.venue(restored).net.map((line) => line.replace(/MES[HMUZ]\d+/, "MES")), ["paper-1 MES 2", "paper-2 MES 1"])

    const orders = (yield* Process.ask(house, (client) => client.Orders({}))).length
    const again = Option.getOrThrow(yield* Process.alert(house, "futures", { ...futures, action: "buy", id: "before" }))
    assert.deepStrictEqual([again.status, again.body], [200, { alertId, status: "duplicate" }])
    yield* Process.settled(house)
    assert.strictEqual((yield* Process.ask(house, (client) => client.Orders({}))).length, orders)

    accepted(yield* Process.alert(house, "futures", { ...futures, action: "exit", id: "new" }))
    yield* Process.settled(house)
    assert.deepStrictEqual(yield* held(house), [])
    assert.deepStrictEqual(Witness.venue(restored).net, [])
  }).pipe(Effect.scoped), 120_000)

  it.live("finds out what its venue did since, shows it, sends nothing, and closes what is left there when told to flatten", () => Effect.gen(function*() {
    const { data, restored, seq } = yield* lost(0)
    // A real venue has not gone back in time.
    cpSync(NodePath.join(data, "paper.sqlite"), NodePath.join(restored, "paper.sqlite"))
    assert.deepStrictEqual(Witness.venue(restored).net, ["paper-1 PF_XBTUSD 500"])

    const house = yield* Process.start(restored)
    yield* Process.open(house)
    yield* Process.settled(house)
    const since = Witness.journal(restored).filter((row) => row.seq > seq)
    const named = (id: string) => id.replace(/MES[HMUZ]\d+/, "MES")
    const drift = since.flatMap(({ event, stream }) => event._tag === "DriftFound"
      ? [`${stream} ${named(event.instrumentId)} ours ${event.ours} venue ${event.venue}`] : [])
    assert.deepStrictEqual(drift.sort(), [
      "account/paper-1 MES ours 2 venue 0", "account/paper-1 PF_XBTUSD ours 0 venue 500", "account/paper-2 MES ours 1 venue 0"
    ])
    const elsewhere = since.flatMap(({ event, stream }) => event._tag === "ClosedElsewhere" ? [`${stream} ${named(event.instrumentId)} ${event.lots} ${event.evidence}`] : [])
    assert.deepStrictEqual(elsewhere.sort(), ["account/paper-1 MES 2 fills", "account/paper-2 MES 1 fills"])
    assert.deepStrictEqual(Witness.venue(restored).net, ["paper-1 PF_XBTUSD 500"], "nothing was opened or closed there")
    assert.deepStrictEqual(yield* held(house), ["paper-1 PF_ foreign"])
    const wrong = new Set(["OrderIntended", "ModifyIntended", "ProtectionAlarm", "CloseDecided"])
    assert.deepStrictEqual(since.filter(({ event }) => wrong.has(event._tag)).map(({ event }) => event._tag), [], "no order was sent")

    const flattened = yield* Process.cli(restored, "flatten", "--all")
    assert.strictEqual(flattened.code, 0, flattened.out)
    assert.deepStrictEqual(Witness.venue(restored).net, [])
    const intended = Witness.journal(restored).filter((row) => row.seq > seq && row.event._tag === "OrderIntended")
    assert.deepStrictEqual(intended, [], "what was foreign is swept, nothing of ours is sent for what was closed before")
  }).pipe(Effect.scoped), 120_000)
})
