/** I15: a short text that two equal folds share: of the life before a kill, and of the one after. */
import type * as Fold from "./Fold.ts"

export interface Folded {
  readonly seq: number
  readonly digest: string
  readonly accounts: Readonly<Record<string, {
    readonly net: Readonly<Record<string, number>>
    readonly orders: Readonly<Record<string, string>>
    readonly pending: ReadonlyArray<string>
  }>>
}

const prime = 0x01000193
const basis = 0x811c9dc5

/** FNV-1a, twice with another start: enough to tell two folds apart. */
const hash = (text: string): string =>
  [basis, basis ^ 0x5bd1e995].map((start) => {
    let value = start
    for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), prime)
    return (value >>> 0).toString(16).padStart(8, "0")
  }).join("")

const sorted = <A>(entries: Iterable<readonly [string, A]>): Record<string, A> =>
  Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)))

export const of = (fold: Fold.Fold): Folded => {
  const accounts = sorted([...fold.accounts].map(([id, { holdings, pending }]) => {
    const live = [...holdings.values()].flatMap((held) => [...held.live])
    return [id, {
      net: sorted([...holdings].flatMap(([symbol, { net }]) => net === 0 ? [] : [[symbol, net] as const])),
      orders: sorted(live.map((order) => [order.row.id, `${order.status} ${order.filled}/${order.lots} ${order.stop ?? ""} ${order.limit ?? ""}`] as const)),
      pending: [...pending.keys()].sort()
    }] as const
  }))
  return { seq: fold.seq, digest: hash(JSON.stringify(accounts)), accounts }
}
