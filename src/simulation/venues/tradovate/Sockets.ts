/** The sockets: frames `o`, `h`, `a` and `c`, requests as lines of text, and what the books have to tell. Owns: what leaves for whom in which order. */
import * as Shared from "#src/simulation/venues/shared/Core.ts"
import * as Door from "#src/simulation/venues/shared/Door.ts"
import * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import * as Told from "#src/simulation/venues/shared/Told.ts"
import type { Listener } from "#src/simulation/venues/shared/Venue.ts"
import * as Calls from "./Calls.ts"
import * as Core from "./Core.ts"
import * as Own from "./Door.ts"
import type * as Entities from "./Entities.ts"
import * as Quotes from "./Quotes.ts"
import * as Scribe from "./Scribe.ts"
import * as Sessions from "./Sessions.ts"
import * as Sync from "./Sync.ts"

const afterPositionMs = 500
const acceptedLateMs = 2_000
/** Of one user; one more closes the oldest. */
const socketsMax = 50

/** Says whether it left. */
const raw = (core: Core.Core, connection: Core.Connection, text: string): boolean => {
  if (!connection.isOpen || connection.silentUntilMs > core.nowMs()) return false
  connection.listener.frame(text)
  return true
}

/** An `a` frame; F28 damages what is inside. Says whether it left and can be read. */
const messages = (core: Core.Core, connection: Core.Connection, texts: ReadonlyArray<string>, mayBreak: boolean): boolean => {
  const text = texts.join(",")
  const damaged = mayBreak && core.dice.hit("F28", "frame") !== undefined ? Door.garble(core.dice, text, Own.numbersThatMatter) : undefined
  return raw(core, connection, `a[${damaged?.text ?? text}]`) && damaged?.isReadable !== false
}

const propsOf = ({ eventType, kind }: Entities.News, entity: unknown): string => JSON.stringify({ e: "props", d: { entityType: kind, eventType, entity } })

/** As messages: each change for itself, or what follows its like in one list. */
const textsOf = ({ switches }: Core.Core, frame: ReadonlyArray<Entities.News>): ReadonlyArray<string> => {
  if (switches.entities === "one") return frame.map((one) => propsOf(one, one.row))
  const groups: Array<[Entities.News, ...Array<Entities.News>]> = []
  for (const one of frame) {
    const last = groups.at(-1)
    if (last !== undefined && last[0].kind === one.kind && last[0].eventType === one.eventType) last.push(one)
    else groups.push([one])
  }
  return groups.map((group) => propsOf(group[0], group.map(({ row }) => row)))
}

const isFor = ({ isSynced, session }: Core.Connection, { account }: Entities.News): boolean =>
  isSynced && session !== undefined && (account === undefined || session.user.accountIds.has(account))

const shuffled = (core: Core.Core, news: ReadonlyArray<Entities.News>): ReadonlyArray<Entities.News> => {
  if (core.switches.props !== "shuffled") return news
  const order = [...news]
  for (let index = order.length - 1; index > 0; index--) {
    const other = core.dice.draw("F13", index + 1)
    const [one, two] = [order[index], order[other]]
    if (one === undefined || two === undefined) continue
    order[index] = two
    order[other] = one
  }
  return order
}

const deliver = (core: Core.Core, news: ReadonlyArray<Entities.News>): void => {
  for (const connection of core.connections) {
    const mine = news.filter((one) => isFor(connection, one) && (one.kind !== "fill" || core.dice.hit("F10", String(one.row.id)) === undefined))
    if (mine.length === 0 || connection.session === undefined) continue
    const twice = mine.flatMap((one) => one.kind === "fill" && core.dice.hit("F11", String(one.row.id)) !== undefined ? [one, one] : [one])
    const frames = core.switches.frames === "merged" ? [twice] : twice.map((one) => [one])
    for (const frame of frames) {
      if (!messages(core, connection, textsOf(core, frame), true)) continue
      for (const { event } of frame) if (event !== undefined) Told.write(core, core.told, connection.session.number, "stream", event)
    }
  }
}

const deliverLater = (core: Core.Core, delayMs: number, news: ReadonlyArray<Entities.News>): void => {
  const atMs = core.nowMs() + delayMs
  Ledger.schedule(core.ledger, atMs, () => deliver(core, news))
  core.wakeAt(atMs)
}

const isAcceptance = ({ eventType, kind, row }: Entities.News): boolean => kind === "order" && eventType === "Updated" && row["ordStatus"] === "Working"

/** What stays behind: F13 an acceptance, F22 everything of a fill but what it did to the account. */
const heldBack = (core: Core.Core, news: ReadonlyArray<Entities.News>): ReadonlyMap<Entities.News, number> => {
  const late = new Map<Entities.News, number>()
  for (const one of news) {
    const { id } = one.row
    const accepted = isAcceptance(one) ? core.dice.hit("F13", String(id)) : undefined
    if (accepted !== undefined) late.set(one, accepted.ms ?? acceptedLateMs)
    const ahead = one.kind === "fill" ? core.dice.hit("F22", String(id)) : undefined
    if (ahead === undefined) continue
    const orderId = one.row["orderId"]
    for (const other of news) {
      const isOf = other === one || (other.kind === "executionReport" && other.row["orderId"] === orderId && other.row["execType"] === "Trade")
      if (isOf) late.set(other, ahead.ms ?? afterPositionMs)
    }
  }
  return late
}

/** Everything that waits is told now. */
export const flush = ({ core, scribe }: Calls.Venue): void => {
  core.flushAtMs = Infinity
  Scribe.drain(scribe)
  const { news } = core.entities
  core.entities.news = []
  if (news.length === 0 || core.connections.size === 0) return
  const late = heldBack(core, news)
  deliver(core, shuffled(core, news.filter((one) => !late.has(one))))
  for (const delayMs of new Set(late.values())) deliverLater(core, delayMs, news.filter((one) => late.get(one) === delayMs))
}

/** New prices for who asked for them. */
export const quotes = ({ contracts, core }: Calls.Venue): void => {
  for (const connection of core.connections) {
    const text = connection.subscribed.size === 0 ? undefined : Quotes.news(core, contracts, connection)
    if (text !== undefined) messages(core, connection, [text], false)
    for (const bar of Quotes.liveBars(core, contracts, connection)) messages(core, connection, [bar], false)
  }
}

const reply = (core: Core.Core, connection: Core.Connection, id: number, status: number, body: string): boolean =>
  messages(core, connection, [`{"s":${status},"i":${id}${body === "" ? "" : `,"d":${body}`}}`], false)

const authorize = ({ core }: Calls.Venue, connection: Core.Connection, id: number, token: string): void => {
  const access = Sessions.accessOf(core, token.trim())
  if (typeof access === "string") return void reply(core, connection, id, 401, JSON.stringify(access === "expired" ? core.switches.expiredText : "Access is denied"))
  connection.session = access.session
  connection.isMarketData = access.isMarketData
  reply(core, connection, id, 200, "")
  const mine = [...core.connections].filter(({ session }) => session?.user === access.session.user)
  const oldest = mine.length > socketsMax ? mine[0] : undefined
  if (oldest?.session !== undefined) {
    shutDown(core, oldest, "ConnectionQuotaReached", "too many connections")
    Sessions.end(core, oldest.session)
  }
  if (core.dice.hit("F6", access.session.user.options.name) !== undefined) Core.disconnect(core, connection, 1012, "try again")
}

/** The event, the `c` frame, the end. */
const shutDown = (core: Core.Core, connection: Core.Connection, reasonCode: string, reason: string): void => {
  messages(core, connection, [JSON.stringify({ e: "shutdown", d: { reasonCode, reason } })], false)
  raw(core, connection, `c[3000,${JSON.stringify(reason)}]`)
  Core.disconnect(core, connection, 3000, reason)
}

export const hangUp = (core: Core.Core, outage: Shared.Outage): void => {
  for (const connection of core.connections) {
    if (outage === "maintenance") shutDown(core, connection, "Maintenance", "Daily maintenance")
    else Core.disconnect(core, connection, 1006, outage)
  }
}

/** What a socket can ask beside what HTTP can; packets follow the reply. */
const ownAnswer = (venue: Calls.Venue, connection: Core.Connection, { body, path }: Calls.Call, packets: Array<string>) => (session: Core.Session): Calls.Reply | undefined => {
  if (path === "user/syncrequest") return Sync.answer(venue, connection, session, body)
  if (path === "md/getchart") {
    const chart = Quotes.chart(venue.core, venue.contracts, connection, body)
    packets.push(...chart.packets)
    return chart.reply
  }
  return Quotes.isMarketData(path) ? Quotes.answer(venue.contracts, connection, path, body) : undefined
}

const tokenOf = ({ session, isMarketData }: Core.Connection, core: Core.Core): string =>
  session?.tokens.findLast((token) => core.tokens.get(token)?.isMarketData === isMarketData) ?? ""

const request = (venue: Calls.Venue, connection: Core.Connection, id: number, call: Calls.Call): void => {
  const { core } = venue
  const what = Own.whatOf("WS", call)
  if (core.dice.hit("F2", what) !== undefined) return Core.disconnect(core, connection, 1006, "reset")
  if (core.dice.hit("F4", what) !== undefined) {
    connection.silentUntilMs = Infinity
    return
  }
  Own.writeDown(venue, "WS", call, what)
  const packets: Array<string> = []
  const answered = Calls.answer(venue, tokenOf(connection, core), call, what, ownAnswer(venue, connection, call, packets))
  const outcome = Own.leaving(venue, answered.session, call.path, answered.reply, what, () => flush(venue))
  const leave = (): void => {
    if (outcome._tag === "Broken") return Core.disconnect(core, connection, 1006, outcome.kind)
    const { response: { body, status } } = outcome
    if (reply(core, connection, id, status, typeof answered.reply.body === "string" && body !== "" ? JSON.stringify(body) : body)) outcome.leave()
    for (const packet of packets) messages(core, connection, [packet], false)
    quotes(venue)
  }
  Shared.after(core)
  if (outcome.delayMs === 0) return leave()
  const atMs = core.nowMs() + outcome.delayMs
  Ledger.schedule(core.ledger, atMs, leave)
  core.wakeAt(atMs)
}

/** What the other end says: `endpoint`, number, query and body, a line each; or `[]`, that it is there. */
export const receive = (venue: Calls.Venue, connection: Core.Connection, text: string): void => {
  const { core } = venue
  if (!connection.isOpen || connection.silentUntilMs === Infinity) return
  connection.heardAtMs = core.nowMs()
  if (text === "[]") return
  const [endpoint = "", id = "", query = "", ...rest] = text.split("\n")
  const number = Number(id)
  if (!Number.isSafeInteger(number) || endpoint === "") return
  const body = rest.join("\n")
  if (endpoint.toLowerCase() === "authorize") return authorize(venue, connection, number, body)
  request(venue, connection, number, { path: endpoint.toLowerCase(), query: new URLSearchParams(query), body: Own.parsed(body) })
}

export const connect = (core: Core.Core, listener: Listener): Core.Connection => {
  const connection: Core.Connection = {
    listener, subscribed: new Set(), lastBids: new Map(), charts: new Map(), session: undefined, isMarketData: false, isSynced: false, heardAtMs: core.nowMs(), silentUntilMs: 0,
    isOpen: true
  }
  core.connections.add(connection)
  Shared.beatSoon(core)
  raw(core, connection, "o")
  return connection
}

export const beat = (core: Core.Core): void => {
  for (const connection of core.connections) {
    if (connection.silentUntilMs !== Infinity && core.nowMs() - connection.heardAtMs >= core.settings.idleMs) {
      Core.disconnect(core, connection, 1000, "idle")
      continue
    }
    const name = connection.session?.user.options.name ?? "nobody"
    const silent = core.dice.hit("F7", name)
    if (silent !== undefined) connection.silentUntilMs = Math.max(connection.silentUntilMs, silent.ms === undefined ? Infinity : core.nowMs() + silent.ms)
    if (core.dice.hit("F4", `stream ${name}`) !== undefined) connection.silentUntilMs = Infinity
    if (core.dice.hit("F8", name) === undefined) raw(core, connection, "h")
  }
}
