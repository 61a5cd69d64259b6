/** What a venue may answer, said well: one sample of every answer and frame of its protocol. The fuzzing breaks them. */
import * as Bytes from "../engine/Bytes.ts"
import type { Chance } from "../engine/Chance.ts"
import * as Hostile from "../engine/Hostile.ts"
import * as Tree from "../engine/Tree.ts"

/** What was given to the venue in secret, and what it gave: a hostile one says both everywhere. */
export const secret = "reference-5ecret-0badcafe"
export const token = "token-1f2e3d4c5b6a"

const order = {
  orderId: "v1", clientId: "abc-1", symbol: "MESZ26", side: "buy", type: "stop", qty: "2", filled: "1", status: "partly", limit: "6000.25", stop: "5990.5", reason: `as ${secret} said`, parent: "v0"
}
const fill = { fillId: "f1", orderId: "v1", clientId: "abc-1", symbol: "MESZ26", side: "buy", qty: "1", price: "6000.125", fee: "1.24", at: 1_795_000_000_000 }
const quote = { symbol: "PF_XBTUSD", bid: "90000", ask: "90000.5", last: "90000", at: 1_795_000_000_000 }
const bar = { at: 1_795_000_000_000, open: "6000", high: "6001", low: "5999.75", close: "6000.25", volume: "12" }
const failures = ["invalid", "margin", "market_closed", "not_found", "unauthenticated", "rate_limited", "maintenance", "unsupported", "disabled", "constructor"]

export const answers: Readonly<Record<string, unknown>> = {
  signedIn: { token, expiresAt: 1_795_000_600_000, accounts: ["A1", "A2"], style: "native" },
  renewed: { token: `${token}-2`, expiresAt: 1_795_000_600_000 },
  instruments: { instruments: [{ symbol: "MESZ26", tick: "0.25", pointValue: "5", step: "1", open: true }, { symbol: "PF_XBTUSD", tick: "0.5", pointValue: "1", step: "0.0001", open: true }] },
  placed: { orderId: "v1" },
  done: {},
  cancelled: { canceled: 2 },
  oneOrder: { order },
  orders: { orders: [order, { ...order, orderId: "v2", clientId: null, status: "held" }] },
  positions: { positions: [{ symbol: "MESZ26", net: "-2" }, { symbol: "PF_XBTUSD", net: "0.0003" }], asOf: 1_795_000_000_000 },
  balance: { currency: "USD", cash: "50000.25" },
  fills: { fills: [fill, { ...fill, fillId: "f2", clientId: undefined }] },
  bars: { bars: [bar, bar] }
}

export const frames: ReadonlyArray<unknown> = [
  { seq: 1, type: "hello" }, { seq: 2, type: "heartbeat" }, { seq: 3, type: "order", account: "A1", order }, { seq: 4, type: "fill", account: "A1", fill },
  { seq: 5, type: "position", account: "A1", position: { symbol: "MESZ26", net: "1" } }, { seq: 6, type: "quote", quote }
]

const broken = (chance: Chance, said: unknown): Uint8Array => {
  const tree = Tree.of(said)
  switch (chance.below(10)) {
    case 0:
      return Bytes.encode(Tree.print(tree))
    case 1:
      return chance.hits(0.3) ? Bytes.junk(chance) : Bytes.encode(`<html>${secret} ${token} ${chance.pick(Hostile.texts)}</html>`)
    case 2:
    case 3:
    case 4:
      return Bytes.mutate(chance, Bytes.encode(Tree.print(tree)), Bytes.encode(JSON.stringify(chance.pick(Object.values(answers)))))
    default:
      return Bytes.encode(Tree.print(Tree.brokenOften(chance, tree, chance.between(1, 3))))
  }
}

const failure = (chance: Chance): unknown =>
  chance.hits(0.2)
    ? { penalty: { waitMs: chance.pick([0, -1, 1e300, 5_000]) }, ...(chance.hits(0.3) ? chance.pick([{ orderId: "v1" }, { error: {} }]) : {}) }
    : { error: { code: chance.pick(failures), message: `${chance.pick(Hostile.texts)} ${secret} ${token}` }, ...(chance.hits(0.2) ? { orderId: "v1" } : {}) }

/** Made from a schema of the wire, where there are such. */
export type Sampled = ReadonlyMap<string, ReadonlyArray<unknown>>

export interface Reply {
  readonly status: string
  readonly retryAfter: string | undefined
  readonly body: Uint8Array
}

const statusOf = (chance: Chance): string =>
  chance.hits(0.6) ? "200" : chance.pick(["200", "201", "204", "301", "400", "401", "403", "404", "408", "409", "422", "429", "500", "502", "503", "504", "599"])

/** An answer to a question of this name: the one that was expected, a no, or what belongs to another question. */
export const reply = (chance: Chance, name: string, sampled: Sampled): Reply => {
  const said = () => {
    if (chance.hits(0.2)) return failure(chance)
    const own = sampled.get(name) ?? []
    if (own.length > 0 && chance.hits(0.35)) return chance.pick(own)
    return chance.hits(0.9) ? answers[name] : chance.pick(Object.values(answers))
  }
  return {
    status: statusOf(chance),
    retryAfter: chance.hits(0.15) ? chance.pick([...Hostile.numbers, "5", "Wed, 21 Oct 2026 07:28:00 GMT"]) : undefined,
    body: broken(chance, said())
  }
}

export const frame = (chance: Chance, sampled: Sampled): Uint8Array => {
  const own = sampled.get("frame") ?? []
  return broken(chance, own.length > 0 && chance.hits(0.3) ? chance.pick(own) : chance.pick(frames))
}
