/**
 * The house as a user meets it, measured: `node ops/bench/start.ts [starts] [idle seconds]`. Figures are of this machine.
 * Start: from the process to its ready line. Memory: resident, of the idle demo. First order: from an alert's arrival until its order is durable.
 */
import { execFileSync, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { performance } from "node:perf_hooks"
import { DatabaseSync } from "node:sqlite"
import { setTimeout as sleep } from "node:timers/promises"

const home = resolve(import.meta.dirname, "../..")
const starts = Number(process.argv[2] ?? 5)
const idleSeconds = Number(process.argv[3] ?? 20)
const alerts = 20
const waitMsMax = 30_000

const percentile = (values: ReadonlyArray<number>, part: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? Number.NaN
const shown = (values: ReadonlyArray<number>): string =>
  `p50 ${percentile(values, 0.5).toFixed(0)} ms, min ${Math.min(...values).toFixed(0)}, max ${Math.max(...values).toFixed(0)} (n ${values.length})`

const until = async (what: string, look: () => boolean): Promise<void> => {
  const endMs = performance.now() + waitMsMax
  while (!look()) {
    if (performance.now() > endMs) throw new Error(`${what}: not within ${waitMsMax} ms`)
    await sleep(5)
  }
}

const startHouse = async (data: string) => {
  const bornMs = performance.now()
  const child = spawn(process.execPath, [join(home, "src/main.ts"), "start"], {
    cwd: home,
    env: {
      ...process.env,
      INTERLOCK_DATA: data,
      INTERLOCK_CONFIG: join(home, "config/default"),
      INTERLOCK_WEBHOOK_PORT: "0",
      INTERLOCK_ADMIN_PORT: "0"
    },
    stdio: ["ignore", "pipe", "inherit"]
  })
  process.once("exit", () => child.kill("SIGKILL"))
  let readyMs = 0
  let out = ""
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString()
    if (readyMs === 0 && out.startsWith("ready ") && out.includes("\n")) readyMs = performance.now() - bornMs
  })
  const ended = new Promise<void>((done) => child.on("close", () => done()))
  await until("the ready line", () => readyMs > 0)
  return {
    pid: child.pid ?? 0,
    readyMs,
    webhookUrl: /webhook=(\S+)/.exec(out)?.[1] ?? "",
    isOpen: () => out.split("\n").filter((line) => /^account \S+ open/.test(line)).length === 3,
    stop: () => {
      child.kill("SIGINT")
      return ended
    }
  }
}
type House = Awaited<ReturnType<typeof startHouse>>

const inFolder = async (work: (data: string) => Promise<void>): Promise<void> => {
  const data = mkdtempSync(join(tmpdir(), "interlock-bench-"))
  try {
    await work(data)
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

/** One alert after the other: in, out, in, out. */
const firstOrders = async (house: House, data: string) => {
  const secret = readFileSync(join(data, "secrets/webhook-secret"), "utf8").trim()
  const journal = new DatabaseSync(join(data, "journal.sqlite"), { readOnly: true })
  const settled = journal.prepare("select count(*) as found from journal where type = 'AlertSettled'")
  const answers: Array<number> = []
  for (let n = 0; n < alerts; n += 1) {
    const body = JSON.stringify({ secret, strategy: "demo-futures", symbol: "MES1!", action: n % 2 === 0 ? "buy" : "exit", id: `bench-${n}` })
    const fromMs = performance.now()
    const response = await fetch(`${house.webhookUrl}/webhook/futures`, { method: "POST", headers: { "content-type": "application/json" }, body })
    await response.text()
    answers.push(performance.now() - fromMs)
    await until(`alert ${n} settled`, () => Number(settled.get()?.["found"]) > n)
  }
  const orders = journal.prepare(`
    select min(o.at_ms) - json_extract(a.body, '$.delivery.receivedAtMs') as ms from journal a
    join journal o on o.alert_id = a.alert_id and o.type = 'OrderIntended' where a.type = 'AlertAccepted' group by a.alert_id
  `).all().map((row) => Number(row["ms"]))
  journal.close()
  return { answers, orders }
}

const measured: Array<number> = []
for (let n = 0; n < starts; n += 1) {
  await inFolder(async (data) => {
    const house = await startHouse(data)
    measured.push(house.readyMs)
    await house.stop()
  })
}
console.log(`start to ready: ${shown(measured)}; goal 1,500 ms`)

await inFolder(async (data) => {
  const house = await startHouse(data)
  await until("all accounts open", house.isOpen)
  await sleep(idleSeconds * 1_000)
  const kilobytes = Number(execFileSync("ps", ["-o", "rss=", "-p", String(house.pid)]).toString())
  console.log(`resident after ${idleSeconds} s idle: ${(kilobytes / 1_024).toFixed(0)} MB; goal 250 MB`)
  const { answers, orders } = await firstOrders(house, data)
  console.log(`alert to its answer: ${shown(answers)}`)
  console.log(`alert to its first durable order: ${shown(orders)}`)
  await house.stop()
})
