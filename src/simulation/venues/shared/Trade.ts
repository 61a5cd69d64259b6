/** What happens to an order once it is in the books: states, fills, children, positions, cash. Owns: who follows whom. The price is the caller's. */
import * as Decimal from "./Decimal.ts"
import * as Ledger from "./Ledger.ts"
import type { Status } from "./Records.ts"

const disabledMs = 60_000
const slipTicksMax = 8
const closedOrder = "canceled"

type Order = Ledger.Order

const optional = (order: Order) => ({
  ...(order.limit === undefined ? {} : { limit: Ledger.priceText(order.book, order.limit) }),
  ...(order.stop === undefined ? {} : { stop: Ledger.priceText(order.book, order.stop) })
})

const wireOf = (order: Order): Ledger.WireOrder => ({
  orderId: order.wireId,
  ...(order.clientId === undefined ? {} : { clientId: order.clientId }),
  symbol: order.book.symbol,
  side: order.side,
  type: order.type,
  qty: Ledger.sizeText(order.book, order.qty),
  filled: Ledger.sizeText(order.book, order.filled),
  status: order.status,
  ...optional(order),
  ...(order.reason === undefined ? {} : { reason: order.reason }),
  ...(order.reduceOnly ? { reduceOnly: true as const } : {}),
  ...(order.parent === undefined ? {} : { parent: order.parent.wireId })
})

/** As it stands now, written down and to be told. */
export const note = (ledger: Ledger.Ledger, atMs: number, order: Order): void => {
  const wire = wireOf(order)
  order.history.push({ atMs, wire })
  Ledger.write(ledger, atMs, {
    kind: "state", account: order.account.id, orderId: order.orderId,
    ...(order.clientId === undefined ? {} : { clientId: order.clientId }),
    status: order.status, qty: wire.qty, filled: wire.filled, ...optional(order),
    ...(order.reason === undefined ? {} : { reason: order.reason })
  })
  Ledger.emit(ledger, { type: "order", account: order.account.id, order: wire, of: order })
}

/** The order is in the venue's book. */
export const enter = (ledger: Ledger.Ledger, atMs: number, order: Order): void => {
  Ledger.index(ledger, order)
  const { account, book, clientId, orderId, parent, qty, reduceOnly, role, side, type } = order
  Ledger.write(ledger, atMs, {
    kind: "order", account: account.id, orderId, ...(clientId === undefined ? {} : { clientId }), symbol: book.symbol, side, type,
    qty: Ledger.sizeText(book, qty), ...optional(order), reduceOnly, ...(parent === undefined ? {} : { parent: parent.orderId }), role
  })
  if (order.status === "working") book.working.push(order)
  note(ledger, atMs, order)
}

/** Nobody works for it any more; children of a parent that filled nothing go with it. */
export const end = (ledger: Ledger.Ledger, atMs: number, order: Order, status: Status, reason?: string): void => {
  if (Ledger.isEnded(order)) return
  order.status = status
  order.reason = reason
  Ledger.retire(ledger, order)
  note(ledger, atMs, order)
  if (order.status === "filled") return
  for (const child of order.children) {
    const isIdle = order.filled === 0 || (child.status === "held" && ledger.habits.activation === "onFullFill")
    if (isIdle) end(ledger, atMs, child, status === "rejected" ? status : closedOrder, "the parent ended unfilled")
  }
}

/** A stop whose price the market has already passed. */
const isWrongSide = ({ book, side, stop, type }: Order): boolean =>
  stop !== undefined && (type === "stop" || type === "stopLimit") && (side === "buy" ? stop - 1 <= book.price : stop >= book.price)

/** The exchange's no to an order that is just coming to work. */
export const rejectWrongSide = (ledger: Ledger.Ledger, atMs: number, order: Order): boolean => {
  if (!ledger.habits.rejectsWrongSide || !isWrongSide(order)) return false
  end(ledger, atMs, order, "rejected", "stop price on the wrong side of the market")
  return true
}

const activate = (ledger: Ledger.Ledger, atMs: number, child: Order): void => {
  if (child.role === "stop" && ledger.dice.hit("F18", child.orderId) !== undefined) {
    end(ledger, atMs, child, "rejected", "stop price not accepted")
    return
  }
  if (rejectWrongSide(ledger, atMs, child)) return
  child.status = "working"
  child.book.working.push(child)
  note(ledger, atMs, child)
}

/** Its children come to work with it. */
const isAwake = ({ filled, qty }: Order, { activation }: Ledger.Habits): boolean => activation === "proportional" || filled >= qty

const exitsFilled = (parent: Order, but: Order): number => parent.children.reduce((sum, one) => one === but ? sum : sum + one.filled, 0)

/** Children are as large as what their parent filled, less what the sibling already closed. */
const follow = (ledger: Ledger.Ledger, atMs: number, parent: Order, child: Order): void => {
  if (Ledger.isEnded(child)) return
  const qty = Math.max(0, parent.filled - exitsFilled(parent, child))
  if (qty <= child.filled) return end(ledger, atMs, child, closedOrder, "the other exit filled")
  const isHeld = child.status === "held"
  if (isHeld && !isAwake(parent, ledger.habits)) return
  if (!isHeld && qty === child.qty) return
  child.qty = qty
  if (isHeld) activate(ledger, atMs, child)
  else note(ledger, atMs, child)
}

/** What is left of one is left of the other. */
const leave = (ledger: Ledger.Ledger, atMs: number, order: Order, sibling: Order): void => {
  if (Ledger.isEnded(sibling) || ledger.dice.hit("F19", sibling.orderId) !== undefined) return
  if (order.filled >= order.qty) return end(ledger, atMs, sibling, closedOrder, "the other order filled")
  sibling.qty = sibling.filled + order.qty - order.filled
  note(ledger, atMs, sibling)
}

const siblings = (ledger: Ledger.Ledger, atMs: number, order: Order): void => {
  const { parent, sibling: other } = order
  if (other !== undefined) leave(ledger, atMs, order, other)
  if (parent === undefined) return
  for (const sibling of parent.children) {
    if (sibling === order || Ledger.isEnded(sibling)) continue
    if (ledger.dice.hit("F19", sibling.orderId) !== undefined) continue
    follow(ledger, atMs, parent, sibling)
  }
}

/** First in, first out: exact without a division. Gives what was won, in ticks times steps. */
const book = (position: Ledger.Position, signed: number, price: number): number => {
  let left = signed
  let won = 0
  while (left !== 0 && Math.sign(position.net) === -Math.sign(left)) {
    const lot = position.lots[0]
    if (lot === undefined) break
    const part = Math.sign(left) * Math.min(Math.abs(left), Math.abs(lot.qty))
    won += part * (lot.price - price)
    lot.qty += part
    position.net += part
    left -= part
    if (lot.qty === 0) position.lots.shift()
  }
  if (left !== 0) {
    position.lots.push({ qty: left, price })
    position.net += left
  }
  return won
}

const settle = (ledger: Ledger.Ledger, atMs: number, order: Order, steps: number, price: number, fee: Decimal.Decimal): void => {
  const { account, side } = order
  const { symbol, tickValue } = order.book
  const position = account.positions.get(symbol) ?? { net: 0, lots: [] }
  account.positions.set(symbol, position)
  const won = book(position, side === "buy" ? steps : -steps, price)
  const paid = { value: -fee.value, scale: fee.scale }
  account.cash = Decimal.add(Decimal.add(account.cash, Decimal.times(tickValue, won)), paid)
  Ledger.keepChange(account, { atMs, symbol, net: position.net, cash: account.cash })
  const net = Ledger.sizeText(order.book, position.net)
  Ledger.write(ledger, atMs, { kind: "position", account: account.id, symbol, net })
  Ledger.write(ledger, atMs, { kind: "cash", account: account.id, amount: Decimal.format(account.cash) })
  Ledger.emit(ledger, { type: "position", account: account.id, position: { symbol, net } })
}

const part = (ledger: Ledger.Ledger, atMs: number, order: Order, steps: number, price: number): void => {
  const { account, clientId, side } = order
  const { symbol } = order.book
  const fee = Decimal.times(account.feePerLot, steps)
  const fill: Ledger.WireFill = {
    fillId: Ledger.nextId(ledger, "f"), orderId: order.wireId, ...(clientId === undefined ? {} : { clientId }), symbol, side,
    qty: Ledger.sizeText(order.book, steps), price: Ledger.priceText(order.book, price), fee: Decimal.format(fee), at: atMs
  }
  order.filled += steps
  Ledger.keepFill(account, fill)
  const { at: _, ...kept } = fill
  Ledger.write(ledger, atMs, { kind: "fill", account: account.id, ...kept, orderId: order.orderId })
  Ledger.emit(ledger, { type: "fill", account: account.id, fill, of: order })
  if (order.filled >= order.qty) {
    if (Ledger.isEnded(order)) {
      order.status = "filled"
      note(ledger, atMs, order)
    } else end(ledger, atMs, order, "filled")
  } else {
    if (!Ledger.isEnded(order)) order.status = "partly"
    note(ledger, atMs, order)
  }
  settle(ledger, atMs, order, steps, price, fee)
  for (const child of order.children) follow(ledger, atMs, order, child)
  siblings(ledger, atMs, order)
}

const reducible = ({ account, side, book: { symbol } }: Order): number => {
  const net = Ledger.netOf(account, symbol)
  return Math.max(0, side === "buy" ? -net : net)
}

const slipped = (ledger: Ledger.Ledger, order: Order, price: number): number => {
  if (order.type !== "stop" || ledger.dice.hit("F17", order.orderId) === undefined) return price
  const slip = 1 + ledger.dice.draw("F17", slipTicksMax)
  return order.side === "buy" ? price + slip : Math.max(1, price - slip)
}

const isEntry = (order: Order): boolean => order.role === "single" && !order.reduceOnly && order.type !== "stop"

/** All that is left of it, at this price. What may only reduce is cut to what there is. */
export const fill = (ledger: Ledger.Ledger, atMs: number, order: Order, ticks: number): void => {
  const left = order.qty - order.filled
  const steps = order.reduceOnly ? Math.min(left, reducible(order)) : left
  if (steps === 0) return end(ledger, atMs, order, closedOrder, "nothing to reduce")
  const wasNet = Math.abs(Ledger.netOf(order.account, order.book.symbol))
  const price = slipped(ledger, order, ticks)
  if (isEntry(order) && steps > 1 && ledger.dice.hit("F14", order.orderId) !== undefined) {
    const parts = 1 + ledger.dice.draw("F14", Math.min(steps - 1, 5))
    for (let index = 0; index < parts; index++) part(ledger, atMs, order, 1, price)
    end(ledger, atMs, order, closedOrder, "the rest found no other side")
  } else part(ledger, atMs, order, steps, price)
  if (order.reduceOnly) end(ledger, atMs, order, closedOrder, "nothing more to reduce")
  if (!isEntry(order) || Math.abs(Ledger.netOf(order.account, order.book.symbol)) <= wasNet) return
  const disabled = ledger.dice.hit("F37", order.account.id)
  if (disabled !== undefined) order.account.disabledUntilMs = atMs + (disabled.ms ?? disabledMs)
}

/** A fill that was on its way when the cancel was confirmed. */
export const fillLate = (ledger: Ledger.Ledger, atMs: number, order: Order, ticks: number): void => {
  order.reason = undefined
  part(ledger, atMs, order, order.qty - order.filled, ticks)
}
