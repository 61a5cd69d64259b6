/** `doctor`, `completions` and `tail` as a person types them. */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { userInfo } from "node:os"
import * as NodePath from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Option, Schema } from "effect"
import { Finding, TailLine } from "#schemas/contracts/Commands.ts"
import * as Disk from "#src/layers/offline/doctor/Disk.ts"
import { folder } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"

const main = NodePath.join(Process.home, "ops/cli/main.ts")

const decodeFindings = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(Finding)))

const doctor = (env: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) =>
  Effect.map(Process.run(process.execPath, [main, "doctor", "--json", ...args], { INTERLOCK_CONFIG: "config/default", ...env }), ({ code, err, out }) => {
    const findings = decodeFindings(out)
    return { code, err, out, of: (check: string) => findings.find((finding) => finding.check === check) }
  })

/** A port that another program has. */
const taken = Effect.acquireRelease(
  Effect.callback<{ readonly port: number; readonly close: () => void }>((resume) => {
    const server = createServer()
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed({ port: typeof address === "object" && address !== null ? address.port : 0, close: () => server.close() }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

describe("doctor", () => {
  it.live("without a house: says what is wrong and what to do, shows no secret and no home", () => Effect.gen(function*() {
    const home = yield* folder
    const data = NodePath.join(home, "data")
    const { port } = yield* taken
    mkdirSync(NodePath.join(data, "secrets"), { recursive: true })
    const secret = "a-secret-that-nobody-sees"
    writeFileSync(NodePath.join(data, "secrets/webhook-secret"), secret)
    chmodSync(NodePath.join(data, "secrets/webhook-secret"), 0o644)
    writeFileSync(NodePath.join(data, "journal.sqlite"), `${secret} is no database `.repeat(300))
    const { code, err, of, out } = yield* doctor({
      HOME: home, INTERLOCK_DATA: data, INTERLOCK_WEBHOOK_PORT: `${port}`, INTERLOCK_ADMIN_PORT: "0", INTERLOCK_PUBLIC_URL: `http://127.0.0.1:${port}/webhook/${secret}`
    })
    assert.strictEqual(code, 1)
    assert.match(JSON.parse(err).message, /integrity journal\.sqlite/)
    assert.deepStrictEqual(
      ["node", "config", "lock", "port webhook", "port operator", "permissions", "integrity journal.sqlite", "integrity paper.sqlite", "house", "webhook", "public webhook"].map((check) => `${check} ${of(check)?.state}`),
      ["node ok", "config ok", "lock ok", "port webhook failed", "port operator ok", "permissions warning", "integrity journal.sqlite failed", "integrity paper.sqlite ok", "house unknown", "webhook unknown", "public webhook failed"]
    )
    assert.match(of("permissions")?.remedy ?? "", /chmod 600 ~\/data\/secrets\/webhook-secret/)
    assert.match(of("commit time")?.text ?? "", /^p50 [\d.]+ ms, p99 [\d.]+ ms/)
    assert.notInclude(out + err, secret)
    assert.notInclude(out + err, home)
    assert.isFalse(existsSync(NodePath.join(data, "operator-token")), "nothing is made")
  }).pipe(Effect.scoped), 60_000)

  it.live("with a house: its ports, its webhook and each login's venue", () => Effect.gen(function*() {
    const house = yield* Process.start(yield* folder)
    yield* Process.open(house)
    const { code, err, of } = yield* doctor({
      INTERLOCK_DATA: house.data, INTERLOCK_WEBHOOK_PORT: new URL(house.webhookUrl).port, INTERLOCK_ADMIN_PORT: new URL(house.operatorUrl).port
    }, "--url", house.webhookUrl)
    assert.deepStrictEqual([code, err], [0, ""])
    for (const check of ["port webhook", "port operator", "webhook", "public webhook", "house", "journal", "login paper-demo", "integrity journal.sqlite"]) assert.strictEqual(of(check)?.state, "ok", check)
    assert.include(of("port webhook")?.text, "held by the running house")
    assert.include(of("lock")?.text, `process ${house.pid}`)
    assert.match(of("login paper-demo")?.text ?? "", /answers for paper-1 \(SIMULATED\).*nothing was ordered/)
  }).pipe(Effect.scoped), 60_000)

  it.effect("a full disk is that, and not a folder without permission", () => Effect.gen(function*() {
    const nowhere = NodePath.join(yield* folder, "gone")
    const full = yield* Disk.measured(nowhere, 0)
    assert.deepStrictEqual([full.state, full.remedy], ["unknown", "free space first"])
    assert.isTrue(Exit.isFailure(yield* Effect.exit(Disk.measured(nowhere, 1e12))))
  }))

  it("knows a network's file system, and what is slow or full", () => {
    const mounts = "/dev/sda1 / ext4 rw 0 0\nnas:/x /mnt/my\\040nas nfs4 rw 0 0\n/dev/sdb1 /mnt xfs rw 0 0\ntmpfs /mnt/data tmpfs rw 0 0\n"
    const kinds = ["/home/data", "/mnt/my nas/data", "/mnt/other", "/mnt/data", "/mnt/database"].map((path) => Disk.kindIn(mounts, path))
    assert.deepStrictEqual(kinds, ["ext4", "nfs4", "xfs", "tmpfs", "xfs"])
    assert.deepStrictEqual(["ext4", "nfs4", "cifs", "fuse.sshfs", "tmpfs", undefined].map((kind) => Disk.fileSystem(kind).state), ["ok", "warning", "warning", "warning", "warning", "unknown"])
    const times = (slow: number) => [...Array.from({ length: 196 }, () => 0.2), ...Array.from({ length: 4 }, () => slow)]
    assert.deepStrictEqual([Disk.commit(times(4.9)).state, Disk.commit(times(5.1)).state], ["ok", "warning"])
    assert.deepStrictEqual([0.9, 4, 6].map((gigabytes) => Disk.room(gigabytes * 1_073_741_824).state), ["failed", "warning", "ok"])
  })
})

describe("tail", () => {
  it.live("follows the journal, and ends with 3 when the house is killed", () => Effect.gen(function*() {
    const house = yield* Process.start(yield* folder)
    yield* Process.open(house)
    const tail = yield* Process.child(process.execPath, [main, "tail", "--since", "0", "--json"], { INTERLOCK_DATA: house.data })
    const text = (part: string) => Process.until(part, 10_000, Effect.sync(() => tail.out().includes(part) ? Option.some(part) : tail.out() + tail.err()))
    yield* text("is in force")
    yield* Process.alert(house, "futures", { strategy: "demo-futures", action: "buy", symbol: "MES1!" })
    yield* text("Every account has its outcome")
    const decode = Schema.decodeUnknownSync(Schema.fromJsonString(TailLine))
    const seqs = Process.linesOf(tail).map((line) => decode(line).seq)
    assert.deepStrictEqual(seqs, seqs.map((_, index) => index + 1))
    assert.notInclude(tail.out(), Process.secretOf(house.data))
    yield* Process.kill(house)
    assert.deepStrictEqual([(yield* Process.ended(tail)).code, JSON.parse(tail.err()).error], [3, "unreachable"])
  }).pipe(Effect.scoped), 60_000)
})

const bash = "/bin/bash"

describe("completions", () => {
  it.live.skipIf(!existsSync(bash))("complete commands and flags in bash", () => Effect.gen(function*() {
    const root = yield* folder
    const { code, out } = yield* Process.cli(root, "completions", "bash")
    assert.strictEqual(code, 0)
    const script = NodePath.join(root, "interlock.bash")
    writeFileSync(script, `${out}
      try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=\${#COMP_LINE}; COMPREPLY=()
        "$(complete -p interlock | sed -E 's/.*-F ([^ ]+).*/\\1/')" interlock "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"; echo "\${COMPREPLY[@]}"; }
      try interlock fla
      try interlock do
      try interlock restore --f
      try interlock completions z
    `)
    const done = yield* Process.run(bash, ["--norc", script], { USER: userInfo().username })
    assert.deepStrictEqual([done.err, done.out.split("\n").map((line) => line.trim())], ["", ["flatten", "doctor", "--force", "zsh", ""]])
  }).pipe(Effect.scoped), 60_000)

  it.live("are there for zsh and fish, and for no other", () => Effect.gen(function*() {
    const root = yield* folder
    assert.match((yield* Process.cli(root, "completions", "zsh")).out, /^#compdef interlock/)
    assert.include((yield* Process.cli(root, "completions", "fish")).out, "complete -c interlock")
    assert.strictEqual((yield* Process.cli(root, "completions", "csh")).code, 2)
  }).pipe(Effect.scoped), 60_000)
})
