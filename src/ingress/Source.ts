/** Who sent it, as far as that can be trusted, and whether they may. Rules are single addresses or ranges (`10.0.0.0/8`), IPv4 or IPv6. */
import { BlockList, isIP } from "node:net"

const hopsMax = 32

/** What stands where an address should. No rule matches it. */
export const unknown = "unknown"

/** IPv4 inside IPv6 is IPv4; without zone, port and brackets. */
export const normalize = (written: string): string => {
  const text = written.trim().toLowerCase().replace(/^\[(.*)\](?::\d+)?$/, "$1").replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/, "")
  const address = /^\d+\.\d+\.\d+\.\d+:\d+$/.test(text) ? text.slice(0, text.indexOf(":")) : text
  return isIP(address) === 0 ? unknown : address
}

const kindOf = (address: string): "ipv4" | "ipv6" => isIP(address) === 4 ? "ipv4" : "ipv6"

/** A rule that is none matches nobody. */
const listOf = (rules: ReadonlyArray<string>): BlockList => {
  const list = new BlockList()
  for (const rule of rules) {
    const [written = "", prefix] = rule.split("/")
    const address = normalize(written)
    if (address === unknown) continue
    const kind = kindOf(address)
    if (prefix === undefined) list.addAddress(address, kind)
    else if (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (kind === "ipv4" ? 32 : 128)) list.addSubnet(address, Number(prefix), kind)
  }
  return list
}

/** Configuration is replaced as a whole, so a list lives as long as its rules. */
const lists = new WeakMap<ReadonlyArray<string>, BlockList>()

export const isListed = (rules: ReadonlyArray<string>, address: string): boolean => {
  let list = lists.get(rules)
  if (list === undefined) {
    list = listOf(rules)
    lists.set(rules, list)
  }
  return address !== unknown && list.check(address, kindOf(address))
}

/** The peer, or behind a trusted proxy the last hop that no trusted proxy vouches for. Nobody else's forwarded header counts. */
export const sourceOf = (peer: string, forwardedFor: string | undefined, trustedProxies: ReadonlyArray<string> | undefined): string => {
  const address = normalize(peer)
  if (trustedProxies === undefined || forwardedFor === undefined || !isListed(trustedProxies, address)) return address
  const hops = forwardedFor.split(",").slice(-hopsMax).map(normalize)
  return hops.findLast((hop) => !isListed(trustedProxies, hop)) ?? hops[0] ?? address
}
