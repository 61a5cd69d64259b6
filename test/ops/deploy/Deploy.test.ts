/** What the service files say agrees with the project: paths, settings, ports, times. None of them opens the operator's port. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import * as NodePath from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import { Settings } from "#config/Settings.ts"
import { folder, write } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"
import * as Read from "./read.ts"

const root = NodePath.join(Process.home, "ops/deploy")
const text = (file: string) => readFileSync(NodePath.join(root, file), "utf8")
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => statSync(NodePath.join(root, file)).isFile())
const inProject = (path: string) => existsSync(NodePath.join(Process.home, path))

const at = (value: Read.Value, ...path: ReadonlyArray<string>): Read.Value =>
  path.reduce<Read.Value>((inner, key) => {
    const found = typeof inner === "object" && !Array.isArray(inner) ? Object.entries(inner).find(([name]) => name === key)?.[1] : undefined
    if (found === undefined) throw new Error(`no ${key}`)
    return found
  }, value)

const child = (element: Read.Element, ...path: ReadonlyArray<string>): Read.Element =>
  path.reduce((inner, name) => {
    const found = inner.children.find((one) => one.name === name)
    if (found === undefined) throw new Error(`no ${name} in ${inner.name}`)
    return found
  }, element)

/** The house's own longest leave-taking, as it says it. */
const drainSeconds = Number(/waitMsMax = ([\d_]+)/.exec(readFileSync(NodePath.join(Process.home, "src/layers/Leave.ts"), "utf8"))![1]!.replaceAll("_", "")) / 1000

const defaults = Effect.gen(function*() {
  const { admin, webhook } = yield* Settings
  return { admin: admin.port, webhook: webhook.port, webhookHost: webhook.host, adminHost: admin.host }
}).pipe(Effect.provide(Settings.layerIn(Process.home)), Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({}))))

const unit = () => Read.unit(text("systemd/interlock.service"))
const one = (key: string) => {
  const values = unit().get(key) ?? []
  assert.strictEqual(values.length, 1, key)
  return values[0]!
}
const plist = () => Read.plist(child(Read.xml(text("launchd/interlock.plist")), "dict"))
const compose = () => Read.yaml(text("docker/compose.yaml"))
const house = (key: string) => at(compose(), "services", "interlock", key)

describe("service files", () => {
  it.effect("name settings that exist, and the ports of the settings", () => Effect.gen(function*() {
    const known = new Set(readFileSync(NodePath.join(Process.home, "config/Settings.ts"), "utf8").match(/INTERLOCK_[A-Z]+(_[A-Z]+)*/g))
    const { admin, webhook } = yield* defaults
    for (const file of files) {
      for (const [name] of text(file).matchAll(/INTERLOCK_[A-Z]+(_[A-Z]+)*/g)) assert.isTrue(known.has(name), `${file}: ${name}`)
      for (const [port] of text(file).matchAll(/\b8\d{3}\b/g)) assert.include([webhook, admin].map(String), port, file)
    }
  }))

  it.effect("open the operator's port nowhere, and hand the tunnel the webhook's", () => Effect.gen(function*() {
    const { admin, webhook } = yield* defaults
    assert.deepStrictEqual(house("ports"), [`127.0.0.1:${webhook}:${webhook}`])
    assert.deepStrictEqual(text("docker/Dockerfile").match(/^EXPOSE .*$/gm), [`EXPOSE ${webhook}`])
    assert.deepStrictEqual([at(house("environment"), "INTERLOCK_ADMIN_HOST"), at(house("environment"), "INTERLOCK_ADMIN_PORT")], ["localhost", String(admin)])
    const ingress = at(Read.yaml(text("tunnel/cloudflared.yml").replaceAll(/<tunnel id>/g, "id")), "ingress")
    assert.deepStrictEqual(ingress, [
      { hostname: "alerts.example.com", path: "^/webhook/", service: `http://127.0.0.1:${webhook}` }, { service: "http_status:404" }
    ])
    for (const file of files) assert.notInclude(text(file), "INTERLOCK_ADMIN_INSECURE", file)
    for (const file of files.filter((name) => !/README|compose/.test(name))) assert.notInclude(text(file), String(admin), file)
  }))

  it("start what is there, as nobody special, and name no secret", () => {
    const [node, main, word] = one("Service.ExecStart").split(" ")
    assert.deepStrictEqual([node, main, word], ["/opt/interlock/node_modules/.bin/node", "/opt/interlock/src/main.ts", "start"])
    assert.isTrue(inProject("src/main.ts") && inProject("ops/cli/main.ts"))
    assert.deepStrictEqual<unknown>(at(plist(), "ProgramArguments"), [node, main, word])
    assert.strictEqual(child(Read.xml(text("windows/interlock.xml")), "Actions", "Exec", "Arguments").text, "src\\main.ts start")
    assert.match(text("docker/Dockerfile"), /^CMD \["node", "src\/main.ts", "start"\]$/m)
    assert.deepStrictEqual([one("Service.User"), at(plist(), "UserName")], ["interlock", "interlock"])
    assert.match(text("docker/Dockerfile"), /^USER node$/m)
    assert.strictEqual(child(Read.xml(text("windows/interlock.xml")), "Principals", "Principal", "RunLevel").text, "LeastPrivilege")
    for (const file of files) assert.notMatch(text(file), /(secret|password|token|key)["']?\s*[:=]\s*["']?[A-Za-z0-9+/]{12,}/i, file)
  })

  it("wait longer for the end than the house takes, and start it again", () => {
    assert.strictEqual(drainSeconds, 10)
    assert.isAbove(Number(one("Service.TimeoutStopSec")), drainSeconds + 5)
    assert.isAbove(Number(at(plist(), "ExitTimeOut")), drainSeconds + 5)
    assert.isAbove(Number(/^(\d+)s$/.exec(String(house("stop_grace_period")))![1]), drainSeconds + 5)
    assert.deepStrictEqual([one("Service.Restart"), one("Service.SuccessExitStatus"), one("Unit.StartLimitIntervalSec"), one("Service.KillMode")], ["on-failure", "130", "0", "mixed"])
    assert.deepStrictEqual([at(plist(), "KeepAlive"), at(plist(), "RunAtLoad"), house("restart")], [true, true, "unless-stopped"])
    const task = Read.xml(text("windows/interlock.xml"))
    assert.strictEqual(child(task, "Triggers", "TimeTrigger", "Repetition", "Interval").text, "PT1M")
    assert.strictEqual(child(task, "Settings", "MultipleInstancesPolicy").text, "IgnoreNew")
    assert.strictEqual(child(task, "Settings", "ExecutionTimeLimit").text, "PT0S")
    for (const gap of ["__USER__", "__NODE__", "__HOME__"]) {
      assert.include(text("windows/interlock.xml"), gap)
      assert.include(text("windows/register.ps1"), `.Replace("${gap}"`)
    }
  })
})

describe("systemd", () => {
  it("watches by the signals that the house gives, and lets it write to its data alone", () => {
    assert.deepStrictEqual([one("Service.Type"), one("Service.NotifyAccess")], ["notify", "all"])
    assert.isAtLeast(Number(one("Service.WatchdogSec")), 30)
    assert.isAbove(Number(one("Service.TimeoutStartSec")), Number(one("Service.WatchdogSec")))
    const data = one("Service.ReadWritePaths")
    assert.strictEqual(data, `/var/lib/${one("Service.StateDirectory")}`)
    assert.include(unit().get("Service.Environment") ?? [], `INTERLOCK_DATA=${data}`)
    for (const [key, value] of [["ProtectSystem", "strict"], ["NoNewPrivileges", "yes"], ["ProtectHome", "yes"], ["PrivateTmp", "yes"], ["CapabilityBoundingSet", ""]] as const) {
      assert.strictEqual(one(`Service.${key}`), value, key)
    }
    assert.isTrue(unit().has("Service.MemoryMax"))
    assert.isFalse(unit().has("Service.MemoryDenyWriteExecute"), "V8 could not start")
  })

  it.live("accepts the unit", (test) => Effect.gen(function*() {
    const place = yield* folder
    const version = yield* Process.run("systemd-analyze", ["--version"])
    if (version.code !== 0) return test.skip("no systemd on this machine")
    yield* write(place, { "interlock.service": text("systemd/interlock.service").replaceAll("/opt/interlock/", `${Process.home}/`).replaceAll(`${Process.home}/node_modules/.bin/node`, process.execPath) })
    const checked = yield* Process.run("systemd-analyze", ["verify", "--man=no", `${place}/interlock.service`])
    // Keys of a later systemd are passed over by an older one.
    const complaints = checked.err.split("\n").filter((line) => line.includes("interlock.service") && !/'(RestartSteps|RestartMaxDelaySec)'/.test(line))
    assert.deepStrictEqual(complaints, [])
  }).pipe(Effect.scoped))
})

describe("Docker", () => {
  it("builds in what a run needs, and nothing of the user's", () => {
    const allowed = text("docker/Dockerfile.dockerignore").split("\n").filter((line) => line.startsWith("!")).map((line) => line.slice(1))
    const copied = [...text("docker/Dockerfile").matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, from]) => from!.split(" "))
    assert.deepStrictEqual([...copied].sort(), [...allowed].sort())
    for (const path of copied) assert.isTrue(inProject(path), path)
    const lines = text("docker/Dockerfile.dockerignore").split("\n")
    assert.strictEqual(lines.find((line) => line !== "" && !line.startsWith("#")), "*")
    for (const out of ["config/local", "**/.env", "**/.env.*"]) assert.isAbove(lines.indexOf(out), lines.indexOf("!config"), `${out} is taken out after what was let in`)
    assert.isAtLeast(Number(/^FROM node:(\d+)/m.exec(text("docker/Dockerfile"))![1]), 24)
  })

  it("mounts data and configuration, and keeps the rest shut", () => {
    assert.deepStrictEqual(house("volumes"), [
      { type: "volume", source: "data", target: "/data" },
      { type: "bind", source: "../../../config/local", target: "/app/config/local", read_only: true, bind: { create_host_path: false } }
    ])
    assert.strictEqual(at(house("environment"), "INTERLOCK_DATA"), "/data")
    assert.match(text("docker/Dockerfile"), /INTERLOCK_DATA=\/data/)
    assert.deepStrictEqual([house("read_only"), house("cap_drop"), house("security_opt"), house("init")], [true, ["ALL"], ["no-new-privileges:true"], true])
    assert.isTrue(existsSync(NodePath.resolve(root, "docker", String(at(house("build"), "context")), String(at(house("build"), "dockerfile")))))
  })

  it.live("the image's health check passes with a house that takes alerts, and not without", () => Effect.gen(function*() {
    const [, source] = /CMD \["node", "-e", "(.+)"\]\n/.exec(text("docker/Dockerfile")) ?? []
    const started = yield* Process.start(yield* folder)
    const check = (port: string) => Effect.map(Process.run(process.execPath, ["-e", source!], { INTERLOCK_WEBHOOK_PORT: port }), ({ code }) => code)
    const { port } = new URL(started.webhookUrl)
    assert.strictEqual(yield* check(port), 0)
    yield* Process.leave(started)
    assert.strictEqual(yield* check(port), 1)
  }).pipe(Effect.scoped))
})

describe("the guide", () => {
  it("links to files and headings that are there, and names every one of its own", () => {
    const readme = text("README.md")
    for (const [, link] of readme.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) assert.isTrue(existsSync(NodePath.resolve(root, link!)), link)
    for (const file of files.filter((name) => !/README|dockerignore|interlock\.xml|Dockerfile$/.test(name))) assert.include(readme, NodePath.basename(file), file)
    assert.include(readme, "## A public address")
    assert.match(text("tunnel/cloudflared.yml"), /README\.md#a-public-address/)
  })
})
