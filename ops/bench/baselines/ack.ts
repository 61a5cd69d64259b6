/**
 * What `node:http` alone can answer: `node ack.ts bare` reads the body and says 200; `node ack.ts validate` parses it, checks the secret
 * (BENCH_SECRET) and the fields first. Nothing is kept.
 */
import { createHash, timingSafeEqual } from "node:crypto"
import { createServer } from "node:http"

const isBare = process.argv[2] === "bare"
const sha256 = (text: string) => createHash("sha256").update(text).digest()
const secretHash = sha256(process.env["BENCH_SECRET"] ?? "")
const actions = new Set(["buy", "sell", "exit", "close", "reverse", "flatten", "cancel", "update"])
const required = ["strategy", "symbol", "id"]

const statusOf = (text: string): number => {
  let alert: unknown
  try {
    alert = JSON.parse(text)
  } catch {
    return 400
  }
  if (typeof alert !== "object" || alert === null || !("secret" in alert) || typeof alert.secret !== "string") return 401
  if (!timingSafeEqual(sha256(alert.secret), secretHash)) return 401
  const fields = new Map<string, unknown>(Object.entries(alert))
  if (required.some((name) => typeof fields.get(name) !== "string")) return 422
  if (!actions.has(String(fields.get("action")))) return 422
  const price = fields.get("price")
  return price === undefined || /^\d+(\.\d+)?$/.test(String(price)) ? 200 : 422
}

const server = createServer((request, response) => {
  const chunks: Array<Buffer> = []
  request.on("data", (chunk: Buffer) => { chunks.push(chunk) })
  request.on("end", () => {
    const status = isBare ? 200 : statusOf(Buffer.concat(chunks).toString("utf8"))
    const body = `{"status":"${status === 200 ? "accepted" : "refused"}"}`
    response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
    response.end(body)
  })
})
server.listen(0, "127.0.0.1", () => {
  const at = server.address()
  console.log(`ready http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`)
})
