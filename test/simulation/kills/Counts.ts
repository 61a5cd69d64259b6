/** The plain counts: what was promised and is not there. From the journal's picture, the venue's ledger and what senders were answered; the judge has no part in it. */
import type { LedgerRecord } from "#src/simulation/venues/shared/Records.ts"
import type { Picture } from "./Picture.ts"
import type { Answered } from "./Sender.ts"

export interface Counts {
  readonly acknowledged: number
  /** Acknowledged, and not in the journal; or without an outcome. */
  readonly lost: ReadonlyArray<string>
  /** More than one entry of an alert in an account's book; a client id twice; a sender's one alert taken for two. */
  readonly doubled: ReadonlyArray<string>
  /** In the venue's book, and the journal intended nothing like it or holds it for over. */
  readonly unlogged: ReadonlyArray<string>
  /** Unknown in the journal. */
  readonly unknown: ReadonlyArray<string>
  /** Held at the venue with less than its size in stops. */
  readonly naked: ReadonlyArray<string>
  /** Entries that reached the venue. */
  readonly entries: number
  /** Pairs of an entry's alert and an account that listens to its lane. */
  readonly asked: number
}

interface AtVenue {
  readonly orderId: string
  readonly clientId: string | undefined
  readonly key: string
  readonly side: "buy" | "sell"
  readonly isStop: boolean
  qty: number
  filled: number
  status: string
}

/** The venue's books as its ledger leaves them. */
const venueOf = (ledger: ReadonlyArray<LedgerRecord>) => {
  const orders = new Map<string, AtVenue>()
  const net = new Map<string, number>()
  for (const record of ledger) {
    if (record.kind === "order") {
      const { account, clientId, orderId, parent, qty, side, symbol, type } = record
      orders.set(orderId, { orderId, clientId, key: `${account} ${symbol}`, side, isStop: type === "stop", qty: Number(qty), filled: 0, status: parent === undefined ? "working" : "held" })
    } else if (record.kind === "state") {
      const order = orders.get(record.orderId)
      if (order !== undefined) Object.assign(order, { status: record.status, qty: Number(record.qty), filled: Number(record.filled) })
    } else if (record.kind === "fill") {
      const key = `${record.account} ${record.symbol}`
      net.set(key, (net.get(key) ?? 0) + (record.side === "buy" ? 1 : -1) * Number(record.qty))
    }
  }
  return { orders, net }
}

const isLive = ({ status }: AtVenue): boolean => status === "held" || status === "working" || status === "partly"
const isOver = (status: string): boolean => status === "Rejected" || status === "Withheld" || status === "Canceled" || status === "Expired"

const twice = (names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const seen = new Map<string, number>()
  for (const name of names) seen.set(name, (seen.get(name) ?? 0) + 1)
  return [...seen].flatMap(([name, times]) => times > 1 ? [`${name} x${times}`] : [])
}

const nakedOf = ({ net, orders }: ReturnType<typeof venueOf>): ReadonlyArray<string> => {
  const cover = new Map<string, number>()
  for (const order of orders.values()) {
    const held = net.get(order.key) ?? 0
    if (!order.isStop || !isLive(order) || order.status === "held" || (order.side === "sell") !== held > 0) continue
    cover.set(order.key, (cover.get(order.key) ?? 0) + order.qty - order.filled)
  }
  return [...net].flatMap(([key, held]) => held !== 0 && (cover.get(key) ?? 0) < Math.abs(held) ? [`${key}: ${held}, stops for ${cover.get(key) ?? 0}`] : [])
}

const alertIdOf = ({ body }: Answered): string => String(JSON.parse(body)["alertId"])

const ownNumberOf = (body: string): string => String(JSON.parse(body)["order_id"])

const isEntry = (body: string): boolean => JSON.parse(body)["action"] !== "exit"

export const of = (picture: Picture, ledger: ReadonlyArray<LedgerRecord>, answers: ReadonlyArray<Answered>): Counts => {
  const venue = venueOf(ledger)
  const there = new Map([...venue.orders.values()].flatMap((order) => order.clientId === undefined ? [] : [[order.clientId, order] as const]))
  const acknowledged = new Set(answers.filter(({ status }) => status >= 200 && status < 300).map(alertIdOf))
  const entries = [...picture.orders.values()].filter(({ id, leg }) => leg === "entry" && there.has(id))
  return {
    acknowledged: acknowledged.size,
    lost: [
      ...[...acknowledged].filter((id) => !picture.accepted.has(id)).map((id) => `${id}: not in the journal`),
      ...picture.open().filter(([id]) => acknowledged.has(id)).map(([id, account]) => `${id} ${account}: no outcome`)
    ],
    doubled: [
      ...twice(entries.map(({ account, alertId }) => `${alertId} on ${account}`)),
      ...twice([...venue.orders.values()].flatMap(({ clientId }) => clientId ?? [])),
      ...twice([...picture.accepted.values()].map(ownNumberOf))
    ],
    unlogged: [...venue.orders.values()].flatMap((order) => {
      const known = picture.orders.get(order.clientId ?? "")
      if (known === undefined) return [`${order.orderId} ${order.key} ${order.status}: not in the journal`]
      return isLive(order) && isOver(known.status) ? [`${known.id}: ${order.status} there, ${known.status} in the journal`] : []
    }),
    unknown: [...picture.orders.values()].filter(({ status }) => status === "Unknown").map(({ id }) => `${id}: ${there.get(id)?.status ?? "not"} there`),
    naked: nakedOf(venue),
    entries: entries.length,
    asked: [...picture.accepted].flatMap(([id, body]) => isEntry(body) ? picture.gated.get(id)?.filter((account) => picture.outcomes.get(`${id} ${account}`) !== "skipped") ?? [] : []).length
  }
}
