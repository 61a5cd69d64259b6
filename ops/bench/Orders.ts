/** When each alert's orders left: of the house by its stamps or its venue's and its journal, of the bridge by its broker. */
import { once } from "node:events"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { type Child, until } from "./Child.ts"
import { numberOf } from "./Alert.ts"
import type { Folder } from "./Config.ts"

/** By the number of the alert: when each of its orders arrived, ns. */
export type Arrivals = Map<number, Array<number>>

const add = (arrivals: Arrivals, number: number, atNs: number): void => {
  const known = arrivals.get(number)
  if (known === undefined) arrivals.set(number, [atNs])
  else known.push(atNs)
}

const intended = `
  select json_extract(a.body, '$.signal.explicitId') as id, json_extract(o.body, '$.order.id') as orderId
  from journal a join journal o on o.alert_id = a.alert_id and o.type = 'OrderIntended' where a.type = 'AlertAccepted' and a.seq > ?
`

const reading = <A>({ data }: Folder, read: (journal: DatabaseSync) => A): A => {
  const journal = new DatabaseSync(join(data, "journal.sqlite"), { readOnly: true })
  try {
    return read(journal)
  } finally {
    journal.close()
  }
}

/** Which order is which alert's; alerts accepted after a row. */
const owners = (folder: Folder, afterSeq: number): ReadonlyMap<string, number> =>
  reading(folder, (journal) => new Map(journal.prepare(intended).all(afterSeq).map((row) => [String(row["orderId"]), numberOf(String(row["id"]))])))

export const lastSeq = (folder: Folder): number =>
  reading(folder, (journal) => Number(journal.prepare("select max(seq) as seq from journal").get()?.["seq"] ?? 0))

const countOf = (journal: DatabaseSync, type: string, afterSeq: number): number =>
  Number(journal.prepare("select count(*) as found from journal where seq > ? and type = ?").get(afterSeq, type)?.["found"] ?? 0)

const settleWithinMs = 600_000
const lookEveryMs = 250

/** Until every alert accepted after a row is settled: a process that gets no CPU looks as quiet as one that has nothing to do. */
export const settled = (folder: Folder, afterSeq: number): Promise<void> =>
  until("every alert settled", () => reading(folder, (journal) =>
    countOf(journal, "AlertSettled", afterSeq) >= countOf(journal, "AlertAccepted", afterSeq)), settleWithinMs, lookEveryMs)

const ends = `
  select json_extract(body, '$.outcome') as outcome, coalesce(json_extract(body, '$.reason.rule'), '') as rule, count(*) as found
  from journal where seq > ? and type = 'OutcomeReached' group by 1, 2 order by 3 desc limit 8
`

/** In words: how alerts ended on their accounts. */
export const outcomes = (folder: Folder, afterSeq: number): string =>
  reading(folder, (journal) => journal.prepare(ends).all(afterSeq).map(({ found, outcome, rule }) => `${found} ${outcome} ${rule}`.trim()).join(", "))

/** Since they were asked for the last time. */
export const ofHouse = async (house: Child, folder: Folder, afterSeq: number): Promise<Arrivals> => {
  const told = once(house.process, "message")
  house.process.send("stamps")
  const [stamps] = await told as [ReadonlyArray<readonly [string, number, "order" | "change"]>]
  const alerts = owners(folder, afterSeq)
  const arrivals: Arrivals = new Map()
  for (const [orderId, atNs, what] of stamps) {
    const number = alerts.get(orderId)
    if (number !== undefined && what === "order") add(arrivals, number, atNs)
  }
  return arrivals
}

const stampsAt = async (port: number): Promise<ReadonlyArray<readonly [id: string, account: string, atNs: number]>> =>
  await (await fetch(`http://127.0.0.1:${port}/stamps`)).json() as ReadonlyArray<readonly [string, string, number]>

/** The house's orders as its reference venue saw them. */
export const ofVenue = async (port: number, folder: Folder, afterSeq: number): Promise<Arrivals> => {
  const stamps = await stampsAt(port)
  const alerts = owners(folder, afterSeq)
  const arrivals: Arrivals = new Map()
  for (const [id, , atNs] of stamps) {
    const number = alerts.get(id)
    if (number !== undefined) add(arrivals, number, atNs)
  }
  return arrivals
}

export const ofBroker = async (port: number): Promise<Arrivals> => {
  const arrivals: Arrivals = new Map()
  for (const [id, , atNs] of await stampsAt(port)) add(arrivals, numberOf(id), atNs)
  return arrivals
}
