/** The stream: frames with a number each, heartbeats, quotes. Owns: what leaves for whom in which order, and what is written down as told. */
import * as Core from "./Core.ts"
import * as Ledger from "./Ledger.ts"
import * as Matching from "./Matching.ts"

const afterPositionMs = 500
const acceptedLateMs = 2_000
const subscribedMax = 100

/** Told: a fill, or an order's status, once per session and way. */
export const told = (core: Core.Core, session: Core.Session, how: "stream" | "query", event: Ledger.Event): void => {
  const { ledger } = core
  if (event.type === "position") return
  if (event.type === "fill") {
    if (core.toldFills.get(event.fill) === session.number) return
    core.toldFills.set(event.fill, session.number)
    return Ledger.write(ledger, core.nowMs(), { kind: "told", account: event.account, how, fillId: event.fill.fillId, orderId: event.of.orderId })
  }
  const { filled, status } = event.order
  const mark = `${session.number} ${status} ${filled}`
  if (event.of.told === mark) return
  event.of.told = mark
  Ledger.write(ledger, core.nowMs(), { kind: "told", account: event.account, how, orderId: event.of.orderId, status })
}

const damagedPrice = /"(price|qty|net|cash|bid|filled|orderId|expiresAt)":("[^"]*"|\d+)/

const damage = (text: string, kind: number): string => {
  switch (kind) {
    case 0: return "<html><body>upstream error</body></html>"
    case 1: return text.replace(damagedPrice, '"$1":NaN')
    case 2: return text.replace(damagedPrice, '"$1":"NaN"')
    case 3: return text.replace(/:\s*"[^"]*"/g, ":{}").replace(/:\s*\d+/g, ':"x"')
    default: return text
  }
}

const kindsOfDamage = 6
const unknownField = '{"unknownField":{"a":[1,null]},'

/** Text that a careless reader would trip over; one kind leaves the sense as it was. What no kind fits is cut off. */
export const garble = (core: Core.Core, text: string): { readonly text: string; readonly isReadable: boolean } => {
  const kind = core.dice.draw("F28", kindsOfDamage)
  if (kind === kindsOfDamage - 1 && text.length > 2) return { text: unknownField + text.slice(1), isReadable: true }
  const damaged = damage(text, kind)
  return { text: damaged === text ? text.slice(0, Math.max(1, Math.floor(text.length / 2))) : damaged, isReadable: false }
}

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

/** What the books have to tell leaves a moment later: never before the answer to whoever caused it. */
export const flushSoon = (core: Core.Core): void => {
  if (core.ledger.events.length === 0 || core.flushAtMs !== Infinity) return
  core.flushAtMs = core.nowMs() + core.settings.streamMs
  core.wakeAt(core.flushAtMs)
}

/** Called after anything that may have changed the books. */
export const after = (core: Core.Core): void => {
  flushSoon(core)
  const next = core.ledger.agenda[0]
  if (next !== undefined) core.wakeAt(next.atMs)
  Core.watch(core)
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
  after(core)
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

export const connect = (core: Core.Core, session: Core.Session, listener: Core.Listener): Core.Connection => {
  const connection: Core.Connection = { session, listener, subscribed: new Set(), lastBids: new Map(), seq: 0, silentUntilMs: 0, isOpen: true }
  core.connections.add(connection)
  if (core.beatAtMs === Infinity) {
    core.beatAtMs = core.nowMs() + core.settings.heartbeatMs
    core.wakeAt(core.beatAtMs)
  }
  return connection
}

/** The first frame; a storm ends the stream right after it. */
export const hello = (core: Core.Core, connection: Core.Connection): void => {
  send(core, connection, '{"type":"hello"}', false)
  if (core.dice.hit("F6", connection.session.login.key) !== undefined) Core.disconnect(core, connection, 1012, "try again")
}
