/** A mock broker: takes orders over loopback and stamps their arrival (CLOCK_MONOTONIC). `GET /stamps` gives them and forgets them. */
import { createServer } from "node:http"

let stamps: Array<readonly [alert: string, account: string, atNs: number]> = []
const accepted = Buffer.from(`{"status":"accepted"}`)

const takeOrder = (text: string, atNs: number): void => {
  const order: unknown = JSON.parse(text)
  if (typeof order === "object" && order !== null && "alert" in order && "account" in order) {
    stamps.push([String(order.alert), String(order.account), atNs])
  }
}

const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const chunks: Array<Buffer> = []
  request.on("data", (chunk: Buffer) => { chunks.push(chunk) })
  request.on("end", () => {
    const atNs = Number(process.hrtime.bigint())
    let answer: Buffer = accepted
    if (request.method === "POST") takeOrder(Buffer.concat(chunks).toString("utf8"), atNs)
    else {
      answer = Buffer.from(JSON.stringify(stamps))
      stamps = []
    }
    response.writeHead(200, { "content-type": "application/json", "content-length": answer.length })
    response.end(answer)
  })
})
server.listen(0, "127.0.0.1", () => {
  const at = server.address()
  console.log(`ready http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`)
})
