/**
 * The generator, a process of its own: raw sockets, requests made beforehand, one outstanding per connection, no pipelining.
 * `node load.ts <plan as JSON>`; the result is one line of JSON.
 */
import { connect, type Socket } from "node:net"
import { numberDigits, numberPlace } from "./Alert.ts"
import type { Plan, Result } from "./Plan.ts"
import { percentile } from "./Stats.ts"

const nowNs = (): number => Number(process.hrtime.bigint())
const headEnd = Buffer.from("\r\n\r\n")
const lengthLine = /content-length: *(\d+)/i
const chunkedLine = /transfer-encoding: *chunked/i
const lastChunk = Buffer.from("0\r\n\r\n")

interface Line {
  readonly socket: Socket
  busy: boolean
  number: number
  sentNs: number
  /** Since when it waits for its next request. */
  idleNs: number
  pending: Buffer
}

/** Servers end a connection that says nothing for 5 s: none is used that may be about to end. */
const idleNsMax = 3e9

const plan: Plan = JSON.parse(process.argv[2] ?? "{}")
const templates = plan.requests.map((text) => ({ bytes: Buffer.from(text, "latin1"), at: text.indexOf(numberPlace) }))
const latenciesNs: Array<number> = []
const sent: Array<readonly [number, number]> = []
const statuses: Record<string, number> = {}
const lines: Array<Line> = []
let next = plan.firstNumber
let answered = 0
let lost = 0
let endNs = Infinity
let measureFromNs = 0
let onIdle: (line: Line) => void = () => {}
let onAnswered: () => void = () => {}
let onOpened: (line: Line) => void = () => {}
let onClosed: (line: Line) => void = () => {}

const send = (line: Line): void => {
  const number = next++
  const template = templates[number % templates.length]
  if (template === undefined) return
  const bytes = Buffer.from(template.bytes)
  if (template.at >= 0) bytes.write(String(number).padStart(numberDigits, "0"), template.at, "latin1")
  line.busy = true
  line.number = number
  line.sentNs = nowNs()
  line.socket.write(bytes)
}

/** Bytes of the first whole answer, 0 while it is not whole. */
const answerBytes = (bytes: Buffer): number => {
  const end = bytes.indexOf(headEnd)
  if (end < 0) return 0
  const head = bytes.toString("latin1", 0, end)
  if (chunkedLine.test(head)) return bytes.subarray(-lastChunk.length).equals(lastChunk) ? bytes.length : 0
  const whole = end + headEnd.length + Number(lengthLine.exec(head)?.[1] ?? 0)
  return bytes.length >= whole ? whole : 0
}

const finish = (line: Line): void => {
  const atNs = nowNs()
  const status = line.pending.toString("latin1", 9, 12)
  line.pending = Buffer.alloc(0)
  line.busy = false
  line.idleNs = atNs
  if (line.sentNs >= measureFromNs && atNs <= endNs) {
    answered += 1
    statuses[status] = (statuses[status] ?? 0) + 1
    latenciesNs.push(atNs - line.sentNs)
    if (plan.stamps) sent.push([line.number, line.sentNs])
  }
  onIdle(line)
  onAnswered()
}

const open = (): Promise<Line> =>
  new Promise((done, fail) => {
    const socket = connect({ port: plan.port, host: "127.0.0.1", noDelay: true })
    const line: Line = { socket, busy: false, number: 0, sentNs: 0, idleNs: nowNs(), pending: Buffer.alloc(0) }
    socket.on("data", (chunk: Buffer) => {
      line.pending = line.pending.length === 0 ? chunk : Buffer.concat([line.pending, chunk])
      if (line.busy && answerBytes(line.pending) > 0) finish(line)
    })
    socket.once("connect", () => done(line))
    socket.once("error", fail)
    socket.on("close", () => {
      if (line.busy) {
        lost += 1
        onAnswered()
      }
      lines.splice(lines.indexOf(line), 1)
      onClosed(line)
      if (nowNs() < endNs) void open().then((again) => {
        lines.push(again)
        onOpened(again)
      }, () => {})
    })
  })

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))

/** Every connection sends again as soon as it was answered. */
const closed = async (seconds: number): Promise<number> => {
  const startNs = nowNs()
  measureFromNs = startNs + plan.warmSeconds * 1e9
  endNs = measureFromNs + seconds * 1e9
  onIdle = (line) => { if (nowNs() < endNs) send(line) }
  lines.forEach(send)
  await pause((endNs - startNs) / 1e6 + 20)
  return seconds
}

/** So many a second, each on a free connection; what finds none free goes as soon as there is one. */
const paced = async (perSecond: number, seconds: number): Promise<number> => {
  const startNs = nowNs()
  const total = Math.round(perSecond * seconds)
  const idle = [...lines]
  let begun = 0
  onIdle = (line) => { idle.push(line) }
  onOpened = (line) => { idle.unshift(line) }
  onClosed = (line) => { if (idle.includes(line)) idle.splice(idle.indexOf(line), 1) }
  while (begun < total) {
    for (const line of idle.filter(({ idleNs }) => nowNs() - idleNs > idleNsMax)) {
      idle.splice(idle.indexOf(line), 1)
      line.socket.destroy()
    }
    const due = Math.min(total, Math.floor((nowNs() - startNs) / 1e9 * perSecond) + 1)
    while (begun < due) {
      const line = idle.pop()
      if (line === undefined) break
      begun += 1
      send(line)
    }
    await pause(1)
    if (nowNs() - startNs > (seconds * 2 + 5) * 1e9) break
  }
  const untilNs = nowNs() + 10e9
  while (answered + lost < begun && nowNs() < untilNs) await pause(2)
  return (nowNs() - startNs) / 1e9
}

const burst = async (count: number): Promise<number> => {
  const startNs = nowNs()
  const done = new Promise<void>((settle) => { onAnswered = () => { if (answered + lost >= count) settle() } })
  lines.slice(0, count).forEach(send)
  await Promise.race([done, pause(30_000)])
  return (nowNs() - startNs) / 1e9
}

for (let n = 0; n < plan.connections; n += 1) lines.push(await open())
const { pace } = plan
const seconds = pace.kind === "closed" ? await closed(pace.seconds)
  : pace.kind === "paced" ? await paced(pace.perSecond, pace.seconds)
  : await burst(pace.count)
const ms = (part: number) => percentile(latenciesNs, part) / 1e6
const result: Result = {
  answered, lost, statuses, perSecond: answered / seconds, p50Ms: ms(0.5), p99Ms: ms(0.99), maxMs: ms(1), nextNumber: next, sent
}
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
