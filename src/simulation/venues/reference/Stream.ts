/** The stream: frames with a number each, heartbeats, quotes. Owns: what leaves for whom in which order, and what is written down as told. */
import * as Core from "./Core.ts"
import * as Shared from "#src/simulation/venues/shared/Core.ts"
import * as Door from "#src/simulation/venues/shared/Door.ts"
import * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import * as Matching from "#src/simulation/venues/shared/Matching.ts"
import * as Told from "#src/simulation/venues/shared/Told.ts"
import type { Listener } from "#src/simulation/venues/shared/Venue.ts"

const afterPositionMs = 500
const acceptedLateMs = 2_000
const subscribedMax = 100

export const told = (core: Core.Core, session: Core.Session, how: "stream" | "query", event: Ledger.Event): void =>
  Told.write(core, core.told, session.number, how, event)

const damagedPrice = /"(price|qty|net|cash|bid|filled|orderId|expiresAt)":("[^"]*"|\d+)/

export const garble = (core: Core.Core, text: string) => Door.garble(core.dice, text, damagedPrice)

/** A number is used up for every frame, whether it arrives or not. Says whether it left and can be read. */
const send = (core: Core.Core, connection: Core.Connection, json: string, isEvent: boolean): boolean => {
  const text = `{"seq":${++connection.seq},${json.slice(1)}`
  if (!connection.isOpen || connection.silentUntilMs > core.nowMs()) return false
  if (isEvent && core.dice.hit("F10", `seq ${connection.seq}`) !== undefined) return false
  if (isEvent && core.dice.hit("F28", `frame ${connection.seq}`) !== undefined) {
    const damaged = garble(core, text)
    connection.listener.frame(damaged.text)
    return damaged.isReadable
  }
  connection.listener.frame(text)
  return true
}

const jsonOf = (event: Ledger.Event): string => {
  switch (event.type) {
    case "order": return JSON.stringify({ type: "order", account: event.account, order: event.order })
    case "fill": return JSON.stringify({ type: "fill", account: event.account, fill: event.fill })
    case "position": return JSON.stringify({ type: "position", account: event.account, position: event.position })
  }
}

const deliver = (core: Core.Core, event: Ledger.Event): void => {
  let json: string | undefined
  for (const connection of core.connections) {
    if (!connection.session.accounts.has(event.account)) continue
    json ??= jsonOf(event)
    if (send(core, connection, json, true)) told(core, connection.session, "stream", event)
    if (event.type === "fill" && core.dice.hit("F11", event.fill.fillId) !== undefined) send(core, connection, json, false)
  }
}

const deliverLater = (core: Core.Core, delayMs: number, events: ReadonlyArray<Ledger.Event>): void => {
  const atMs = core.nowMs() + delayMs
  Ledger.schedule(core.ledger, atMs, () => events.forEach((event) => deliver(core, event)))
  core.wakeAt(atMs)
}

/** Everything that waits is told now. */
export const flush = (core: Core.Core): void => {
  core.flushAtMs = Infinity
  const { events } = core.ledger
  if (events.length === 0) return
  core.ledger.events = []
  if (core.connections.size === 0) return
  for (let index = 0; index < events.length; index++) {
    const event = events[index]
    if (event === undefined) continue
    if (event.type === "order" && event.order.status === "working" && event.order.filled === "0") {
      const late = core.dice.hit("F13", event.of.orderId)
      if (late !== undefined) {
        deliverLater(core, late.ms ?? acceptedLateMs, [event])
        continue
      }
    }
    if (event.type === "fill") {
      const at = events.findIndex((one, other) => other > index && one.type === "position" && one.account === event.account)
      const position = events[at]
      const ahead = position === undefined ? undefined : core.dice.hit("F22", event.fill.fillId)
      if (position !== undefined && ahead !== undefined) {
        deliver(core, position)
        deliverLater(core, ahead.ms ?? afterPositionMs, events.slice(index, at))
        index = at
        continue
      }
    }
    deliver(core, event)
  }
}

const quote = (core: Core.Core, connection: Core.Connection, book: Ledger.Book): void => {
  if (connection.lastBids.get(book.symbol) === book.price) return
  connection.lastBids.set(book.symbol, book.price)
  const [bid, ask] = [Ledger.priceText(book, book.price), Ledger.priceText(book, book.price + 1)]
  send(core, connection, `{"type":"quote","quote":{"symbol":"${book.symbol}","bid":"${bid}","ask":"${ask}","last":"${bid}","at":${core.nowMs()}}}`, false)
}

/** New prices for who asked for them. */
export const quotes = (core: Core.Core): void => {
  for (const connection of core.connections) {
    for (const symbol of connection.subscribed) {
      const book = core.ledger.books.get(symbol)
      if (book === undefined || !book.isOpen) continue
      if (book.cursorMs < core.nowMs()) Matching.advance(core.ledger, core.nowMs(), book)
      quote(core, connection, book)
    }
  }
}

const subscriptionOf = (text: string): ReadonlyArray<unknown> => {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === "object" && parsed !== null && "subscribe" in parsed && Array.isArray(parsed.subscribe) ? parsed.subscribe : []
  } catch {
    return []
  }
}

/** What the other end says. Unknown words are passed over. */
export const receive = (core: Core.Core, connection: Core.Connection, text: string): void => {
  if (!connection.isOpen || connection.silentUntilMs === Infinity) return
  for (const symbol of subscriptionOf(text)) {
    if (typeof symbol === "string" && core.ledger.books.has(symbol) && connection.subscribed.size < subscribedMax) connection.subscribed.add(symbol)
  }
  quotes(core)
  Shared.after(core)
}

export const beat = (core: Core.Core): void => {
  for (const connection of core.connections) {
    const { key } = connection.session.login
    const silent = core.dice.hit("F7", key)
    if (silent !== undefined) connection.silentUntilMs = Math.max(connection.silentUntilMs, silent.ms === undefined ? Infinity : core.nowMs() + silent.ms)
    if (core.dice.hit("F4", `stream ${key}`) !== undefined) connection.silentUntilMs = Infinity
    if (core.dice.hit("F8", key) !== undefined) continue
    send(core, connection, '{"type":"heartbeat"}', false)
  }
}

export const connect = (core: Core.Core, session: Core.Session, listener: Listener): Core.Connection => {
  const connection: Core.Connection = { session, listener, subscribed: new Set(), lastBids: new Map(), seq: 0, silentUntilMs: 0, isOpen: true }
  core.connections.add(connection)
  Shared.beatSoon(core)
  return connection
}

/** The first frame; a storm ends the stream right after it. */
export const hello = (core: Core.Core, connection: Core.Connection): void => {
  send(core, connection, '{"type":"hello"}', false)
  if (core.dice.hit("F6", connection.session.login.key) !== undefined) Core.disconnect(core, connection, 1012, "try again")
}
