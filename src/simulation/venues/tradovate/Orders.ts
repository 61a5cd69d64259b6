/** Commands for orders: place, one with its bracket, one with the other, change, cancel, liquidate. Owns: every no of this venue and its word; what is taken is done now or once it has reached the exchange. */
import { DateTime, Option, Result, Schema } from "effect"
import * as Desk from "#src/simulation/venues/shared/Desk.ts"
import * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import * as Matching from "#src/simulation/venues/shared/Matching.ts"
import type { OrderType } from "#src/simulation/venues/shared/Records.ts"
import type * as Core from "./Core.ts"
import * as DayEnd from "./DayEnd.ts"
import { notFound, type Reply } from "./Reads.ts"
import * as Scribe from "./Scribe.ts"

const labelMax = 64
const Label = Schema.String.check(Schema.isMaxLength(labelMax))
const TimeInForce = Schema.Literals(["Day", "FOK", "GTC", "GTD", "IOC"])

const terms = {
  orderType: Schema.String,
  price: Schema.optionalKey(Schema.Finite),
  stopPrice: Schema.optionalKey(Schema.Finite),
  pegDifference: Schema.optionalKey(Schema.Finite),
  timeInForce: Schema.optionalKey(TimeInForce),
  expireTime: Schema.optionalKey(Schema.String),
  text: Schema.optionalKey(Label),
  clOrdId: Schema.optionalKey(Label)
}
const tags = { customTag50: Schema.optionalKey(Label), isAutomated: Schema.optionalKey(Schema.Boolean) }
const Action = Schema.Literals(["Buy", "Sell"])
const Place = Schema.Struct({
  ...terms, ...tags, accountSpec: Schema.optionalKey(Schema.String), accountId: Schema.optionalKey(Schema.Int), action: Action, symbol: Schema.Union([Schema.String, Schema.Int]), orderQty: Schema.Int
})
const Other = Schema.Struct({ ...terms, action: Action })
const PlaceOco = Schema.Struct({ ...Place.fields, other: Other })
const PlaceOso = Schema.Struct({ ...Place.fields, bracket1: Other, bracket2: Schema.optionalKey(Other) })
const Modify = Schema.Struct({ ...terms, ...tags, orderId: Schema.Int, orderQty: Schema.Int })
const Cancel = Schema.Struct({ ...tags, orderId: Schema.Int, clOrdId: Schema.optionalKey(Label) })
const Liquidate = Schema.Struct({ ...tags, accountId: Schema.Int, contractId: Schema.Int, admin: Schema.Boolean })
const LiquidateMany = Schema.Struct({ ...tags, positions: Schema.Array(Schema.Int), admin: Schema.Boolean })

type PlaceAsk = typeof Place.Type
type OtherAsk = typeof Other.Type

export interface Scene {
  readonly core: Core.Core
  readonly scribe: Scribe.Scribe
  readonly session: Core.Session
}

const ok = (body: unknown): Reply => ({ status: 200, body })
const no = (failureReason: string, failureText: string): Reply => ok({ failureReason, failureText })
const denied = no("UnknownReason", "Access Denied")

const violated = ({ message }: Schema.SchemaError): Reply => ok({ violations: [{ constraint: "schema", value: null, description: message }] })

const given = <A>(schema: Schema.ConstraintDecoder<A>, body: unknown, act: (asked: A) => Reply): Reply => {
  const decoded = Schema.decodeUnknownResult(schema)(body)
  return Result.isFailure(decoded) ? violated(decoded.failure) : act(decoded.success)
}

const reasonOf = ({ about, code }: Desk.Refusal): string => {
  if (code === "market_closed") return "SessionClosed"
  if (code === "disabled") return "LiquidationOnly"
  switch (about) {
    case "account": return "UnknownReason"
    case "symbol": return "InvalidContract"
    case "price": return "InvalidPrice"
    case "qty": return "MaxOrderQtyLimitReached"
    case "expiring": return "LiquidationOnlyBeforeExpiration"
    case "ended": return "TooLate"
    default: return "OtherExecutionRelated"
  }
}
const refused = (refusal: Desk.Refusal): Reply => no(reasonOf(refusal), refusal.message)

const typesTaken: Readonly<Record<string, OrderType>> = { Market: "market", Limit: "limit", Stop: "stop", StopLimit: "stopLimit" }
const typesKnown: ReadonlySet<string> = new Set(["MIT", "QTS", "TrailingStop", "TrailingStopLimit", "LimitIfTouched"])

/** Prices as an order of this type has them; a number is written out exactly. */
const pricesOf = ({ switches }: Core.Core, type: OrderType, { price, stopPrice }: { readonly price?: number; readonly stopPrice?: number }) => {
  const isByPrice = type === "stop" && stopPrice === undefined && switches.stopByPrice === "accepted"
  const [limit, stop] = isByPrice ? [undefined, price] : [price, stopPrice]
  return {
    ...(limit === undefined || type === "market" || type === "stop" ? {} : { limit: String(limit) }),
    ...(stop === undefined || type === "market" || type === "limit" ? {} : { stop: String(stop) })
  }
}

const tifOf = (timeInForce: string | undefined): "day" | "gtc" | "ioc" | "fok" => {
  switch (timeInForce) {
    case "GTC": case "GTD": return "gtc"
    case "IOC": return "ioc"
    case "FOK": return "fok"
    default: return "day"
  }
}

const expiryOf = ({ expireTime, timeInForce }: { readonly expireTime?: string; readonly timeInForce?: string }) =>
  timeInForce !== "GTD" || expireTime === undefined ? {} : Option.match(DateTime.make(expireTime), { onNone: () => ({}), onSome: (at) => ({ expiresAt: DateTime.toEpochMillis(at) }) })

const accountIn = ({ session: { user } }: Scene, { accountId, accountSpec }: { readonly accountId?: number; readonly accountSpec?: string }): string | undefined => {
  const byId = accountId === undefined ? undefined : user.accountNames.get(accountId)
  if (accountId !== undefined && byId === undefined) return undefined
  if (accountSpec === undefined) return byId
  return user.accountIds.has(accountSpec) && (byId ?? accountSpec) === accountSpec ? accountSpec : undefined
}

const labelsOf = ({ session }: Scene, { clOrdId, customTag50, isAutomated, text, timeInForce }: Scribe.Labels): Scribe.Labels =>
  ({ clOrdId, customTag50, isAutomated, text, timeInForce, session: session.number, sender: session.user.id })

const isRepeated = ({ core }: Scene, account: string, clOrdId: string | undefined): boolean =>
  core.switches.sameClOrdId === "refused" && clOrdId !== undefined && Ledger.find(core.ledger, account, clOrdId) !== undefined

/** An order that could be taken, or why not. */
const prepare = (scene: Scene, asked: PlaceAsk): Result.Result<Ledger.Order, Reply> => {
  const { core, scribe } = scene
  const account = accountIn(scene, asked)
  if (account === undefined) return Result.fail(denied)
  if (core.switches.environment === "live" && scene.session.deviceId === undefined) return Result.fail({ status: 401, body: "Access is denied" })
  const book = scribe.contracts.find(asked.symbol)
  if (book === undefined) return Result.fail(no("InvalidContract", `no contract ${asked.symbol}`))
  const type = typesTaken[asked.orderType]
  if (type === undefined) return Result.fail(typesKnown.has(asked.orderType) ? no("Unsupported", asked.orderType) : ok({ violations: [{ constraint: "orderType", value: asked.orderType, description: "unknown" }] }))
  if (isRepeated(scene, account, asked.clOrdId)) return Result.fail(no("OtherExecutionRelated", `clOrdId ${asked.clOrdId} was used`))
  return Result.mapError(Desk.prepare(core.ledger, core.nowMs(), {
    account, symbol: book.symbol, side: asked.action === "Buy" ? "buy" : "sell", type, qty: String(asked.orderQty), tif: tifOf(asked.timeInForce),
    ...pricesOf(core, type, asked), ...expiryOf(asked), ...(asked.clOrdId === undefined ? {} : { clientId: asked.clOrdId })
  }), refused)
}

/** Now, or after its way to the exchange. */
const atExchange = ({ core, scribe }: Scene, orders: ReadonlyArray<Ledger.Order>, act: (atMs: number) => void): void => {
  const tickets = orders.map((order) => Scribe.ticketOf(scribe, order))
  const run = (atMs: number): void => {
    Scribe.drain(scribe)
    for (const ticket of tickets) ticket.isPending = false
    act(atMs)
    Scribe.drain(scribe)
  }
  if (core.settings.exchangeMs === 0) return run(core.nowMs())
  for (const ticket of tickets) ticket.isPending = true
  Ledger.schedule(core.ledger, core.nowMs() + core.settings.exchangeMs, run)
}

/** Taken: all get their numbers, then go to work. */
const accept = (scene: Scene, entries: ReadonlyArray<readonly [order: Ledger.Order, labels: Scribe.Labels]>): void => {
  const { core, scribe } = scene
  Scribe.drain(scribe)
  const announced = entries.map(([order, labels]) => [order, Scribe.announce(scribe, order, labels)] as const)
  for (const [order, ticket] of announced) Scribe.open(scribe, order, ticket)
  DayEnd.watch(core, scribe)
  const working = entries.map(([order]) => order).filter(({ parent }) => parent === undefined)
  atExchange(scene, entries.map(([order]) => order), (atMs) => {
    for (const order of working) {
      Scribe.pass(scribe, order)
      Desk.run(core.ledger, atMs, order)
      Scribe.drain(scribe)
    }
  })
}

const idOf = ({ orderId }: Ledger.Order): number => Number(orderId)

const placeOrder = (scene: Scene, asked: PlaceAsk): Reply => {
  const order = prepare(scene, asked)
  if (Result.isFailure(order)) return order.failure
  accept(scene, [[order.success, labelsOf(scene, asked)]])
  return ok({ orderId: idOf(order.success) })
}

const childOf = ({ core }: Scene, parent: Ledger.Order, { action, clOrdId, orderType, timeInForce, ...asked }: OtherAsk): Result.Result<Ledger.Order, Reply> => {
  const type = typesTaken[orderType]
  if (type === undefined || type === "market") return Result.fail(no("Unsupported", `${orderType} in a bracket`))
  if ((action === "Buy") === (parent.side === "buy")) return Result.fail(no("OtherExecutionRelated", "a bracket closes what its order opens"))
  const tif = timeInForce === "GTC" ? "gtc" as const : "day" as const
  return Result.mapError(Desk.addChild(core.ledger, parent, { type, tif, ...pricesOf(core, type, asked), ...(clOrdId === undefined ? {} : { clientId: clOrdId }) }), refused)
}

const placeOso = (scene: Scene, asked: typeof PlaceOso.Type): Reply => {
  const made = Result.gen(function*() {
    const order = yield* prepare(scene, asked)
    const first = yield* childOf(scene, order, asked.bracket1)
    const second = asked.bracket2 === undefined ? undefined : yield* childOf(scene, order, asked.bracket2)
    return { order, first, second }
  })
  if (Result.isFailure(made)) return made.failure
  const { first, order, second } = made.success
  const common = { customTag50: asked.customTag50, isAutomated: asked.isAutomated }
  accept(scene, [
    [order, labelsOf(scene, asked)],
    [first, labelsOf(scene, { ...common, ...asked.bracket1 })],
    ...(second === undefined ? [] : [[second, labelsOf(scene, { ...common, ...asked.bracket2 })] as const])
  ])
  return ok({ orderId: idOf(order), oso1Id: idOf(first), ...(second === undefined ? {} : { oso2Id: idOf(second) }) })
}

const placeOco = (scene: Scene, { other, ...asked }: typeof PlaceOco.Type): Reply => {
  const { clOrdId: _, ...common } = asked
  const made = Result.gen(function*() {
    return [yield* prepare(scene, asked), yield* prepare(scene, { ...common, ...other })] as const
  })
  if (Result.isFailure(made)) return made.failure
  const [order, sibling] = made.success
  order.sibling = sibling
  sibling.sibling = order
  accept(scene, [[order, labelsOf(scene, asked)], [sibling, labelsOf(scene, { ...common, ...other })]])
  return ok({ orderId: idOf(order), ocoId: idOf(sibling) })
}

/** An order of the caller's, by its number, that takes a command. */
const commanded = ({ scribe, session: { user } }: Scene, orderId: number, act: (order: Ledger.Order, ticket: Scribe.Ticket) => Reply): Reply => {
  Scribe.drain(scribe)
  const order = scribe.byId.get(orderId)
  if (order === undefined || !user.accountIds.has(order.account.id)) return notFound
  const ticket = Scribe.ticketOf(scribe, order)
  if (ticket.isPending) return no("AnotherCommandPending", `order ${orderId} has a command under way`)
  return Ledger.isEnded(order) ? no("TooLate", `order ${orderId} is ${ticket.ordStatus}`) : act(order, ticket)
}

const modifyOrder = (scene: Scene, asked: typeof Modify.Type): Reply => {
  const { core, scribe } = scene
  const known = scribe.byId.get(asked.orderId)
  if (known !== undefined) Matching.advance(core.ledger, core.nowMs(), known.book)
  return commanded(scene, asked.orderId, (order) => {
    if (order.account.disabledUntilMs > core.nowMs()) return no("LiquidationOnly", "may only cancel and close")
    if (typesTaken[asked.orderType] !== order.type) return no("Unsupported", "the type of an order stays")
    const prices = pricesOf(core, order.type, asked)
    const to = Desk.termsOf(order, { qty: String(asked.orderQty), ...prices })
    if (Result.isFailure(to)) return refused(to.failure)
    const commandId = Scribe.command(scribe, order, "Modify", labelsOf(scene, asked), to.success)
    if (core.settings.exchangeMs > 0) Scribe.pend(scribe, order, "PendingReplace")
    atExchange(scene, [order], (atMs) => {
      Scribe.pass(scribe, order)
      const changed = Desk.change(core.ledger, atMs, order, { qty: String(asked.orderQty), ...prices })
      Scribe.drain(scribe)
      if (Result.isFailure(changed)) Scribe.refuse(scribe, order, reasonOf(changed.failure), changed.failure.message)
    })
    return ok({ commandId })
  })
}

const cancelOrder = (scene: Scene, asked: typeof Cancel.Type): Reply => {
  const { core, scribe } = scene
  const known = scribe.byId.get(asked.orderId)
  if (known !== undefined) Matching.advance(core.ledger, core.nowMs(), known.book)
  return commanded(scene, asked.orderId, (order) => {
    const commandId = Scribe.command(scribe, order, "Cancel", labelsOf(scene, asked))
    if (core.settings.exchangeMs > 0) Scribe.pend(scribe, order, "PendingCancel")
    atExchange(scene, [order], (atMs) => {
      Scribe.pass(scribe, order)
      const withdrawn = Desk.withdraw(core.ledger, atMs, order)
      Scribe.drain(scribe)
      if (Result.isFailure(withdrawn)) Scribe.refuse(scribe, order, reasonOf(withdrawn.failure), withdrawn.failure.message)
    })
    return ok({ commandId })
  })
}

/** The contract's working orders go, then what is held; a request, not a guarantee: refused, nothing of it is done. Its tag is the only name that it has. */
const liquidate = (scene: Scene, account: string, book: Ledger.Book, labels: Scribe.Labels): Reply => {
  const { core, scribe } = scene
  if (!book.isOpen) return no("SessionClosed", `${book.symbol} is not trading`)
  Desk.cancelAll(core.ledger, core.nowMs(), account, book.symbol, "liquidation")
  Scribe.drain(scribe)
  const { customTag50 } = labels
  const closing = Desk.prepareClose(core.ledger, core.nowMs(), { account, symbol: book.symbol, ...(customTag50 === undefined ? {} : { clientId: customTag50 }) })
  if (Result.isFailure(closing)) return refused(closing.failure)
  accept(scene, [[closing.success, labelsOf(scene, labels)]])
  return ok({ orderId: idOf(closing.success) })
}

const liquidatePosition = (scene: Scene, asked: typeof Liquidate.Type): Reply => {
  const account = accountIn(scene, asked)
  if (account === undefined) return denied
  const book = scene.scribe.contracts.bookOf(asked.contractId)
  return book === undefined ? no("InvalidContract", `no contract ${asked.contractId}`) : liquidate(scene, account, book, asked)
}

const liquidatePositions = (scene: Scene, asked: typeof LiquidateMany.Type): Reply => {
  const { core: { ledger }, scribe, session: { user } } = scene
  const wanted = asked.positions.map((id) => [...scribe.held].find(([, held]) => held.id === id)?.[0].split("\n") ?? [])
  for (const [account = "", symbol = ""] of wanted) {
    const book = ledger.books.get(symbol)
    if (book === undefined || !user.accountIds.has(account)) return ok({ ok: false, errorText: "no such position" })
    liquidate(scene, account, book, asked)
  }
  return ok({ ok: true })
}

const commands: Readonly<Record<string, (scene: Scene, body: unknown) => Reply>> = {
  placeorder: (scene, body) => given(Place, body, (asked) => placeOrder(scene, asked)),
  placeoso: (scene, body) => given(PlaceOso, body, (asked) => placeOso(scene, asked)),
  placeoco: (scene, body) => given(PlaceOco, body, (asked) => placeOco(scene, asked)),
  modifyorder: (scene, body) => given(Modify, body, (asked) => modifyOrder(scene, asked)),
  cancelorder: (scene, body) => given(Cancel, body, (asked) => cancelOrder(scene, asked)),
  liquidateposition: (scene, body) => given(Liquidate, body, (asked) => liquidatePosition(scene, asked)),
  liquidatepositions: (scene, body) => given(LiquidateMany, body, (asked) => liquidatePositions(scene, asked))
}

export const isCommand = (operation: string): boolean => Object.hasOwn(commands, operation)

/** Success by name, which is no failure. */
const named = ({ body, status }: Reply): Reply => {
  const isTaken = typeof body === "object" && body !== null && ("orderId" in body || "commandId" in body) && !("failureReason" in body)
  return { status, body: isTaken ? { ...body, failureReason: "Success" } : body }
}

/** Undefined: no such command. */
export const answer = (scene: Scene, operation: string, body: unknown): Reply | undefined => {
  if (!isCommand(operation)) return undefined
  if (typeof body !== "object" || body === null) return { status: 400, body: "Malformed body" }
  if ("activationTime" in body) return no("Unsupported", "activationTime")
  const reply = commands[operation]?.(scene, body)
  return reply === undefined || scene.core.switches.taken === "bare" ? reply : named(reply)
}
