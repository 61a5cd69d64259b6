/** The scale for every durable figure: one row of an alert's size committed by `node:sqlite`, WAL, synchronous FULL. */
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { percentile } from "./Stats.ts"

const rowBytes = 360

export const run = (folder: string, commits: number): { readonly p50Us: number; readonly p99Us: number } => {
  const db = new DatabaseSync(join(folder, `commit-${process.hrtime.bigint()}.sqlite`))
  try {
    db.exec("pragma journal_mode=wal; pragma synchronous=full; create table row(seq integer primary key, body text not null) strict")
    const insert = db.prepare("insert into row(body) values (?)")
    const body = "x".repeat(rowBytes)
    const us: Array<number> = []
    for (let n = 0; n < commits; n += 1) {
      const from = process.hrtime.bigint()
      insert.run(body)
      us.push(Number(process.hrtime.bigint() - from) / 1e3)
    }
    return { p50Us: percentile(us, 0.5), p99Us: percentile(us, 0.99) }
  } finally {
    db.close()
  }
}
