import { assert, describe, it } from "@effect/vitest"
import * as Source from "#src/ingress/Source.ts"

const addresses: ReadonlyArray<readonly [written: string, address: string]> = [
  ["52.89.214.238", "52.89.214.238"],
  [" 52.89.214.238 ", "52.89.214.238"],
  ["52.89.214.238:4711", "52.89.214.238"],
  ["::ffff:52.89.214.238", "52.89.214.238"],
  ["::FFFF:52.89.214.238", "52.89.214.238"],
  ["[2001:DB8::1]:443", "2001:db8::1"],
  ["[2001:db8::1]", "2001:db8::1"],
  ["fe80::1%eth0", "fe80::1"],
  ["::1", "::1"],
  ["", "unknown"],
  ["unknown", "unknown"],
  ["52.89.214", "unknown"],
  ["52.89.214.238.evil.example", "unknown"]
]

const listed: ReadonlyArray<readonly [rules: ReadonlyArray<string>, address: string, isListed: boolean]> = [
  [["52.89.214.238"], "52.89.214.238", true],
  [["52.89.214.238"], "52.89.214.239", false],
  [["10.0.0.0/8"], "10.255.0.1", true],
  [["10.0.0.0/8"], "11.0.0.1", false],
  [["0.0.0.0/0"], "9.9.9.9", true],
  [["::ffff:9.9.9.9"], "9.9.9.9", true],
  [["2001:db8::/32"], "2001:db8:1::7", true],
  [["2001:db8::/32"], "2001:db9::7", false],
  [["2001:DB8:0::1"], "2001:db8::1", true],
  [[], "9.9.9.9", false],
  [["nonsense", "9.9.9.9/33", "9.9.9.9/x", "9.9.9.9/"], "9.9.9.9", false],
  [["unknown"], "unknown", false]
]

const sources: ReadonlyArray<readonly [what: string, peer: string, forwardedFor: string | undefined, trusted: ReadonlyArray<string> | undefined, source: string]> = [
  ["no proxy", "9.9.9.9", undefined, undefined, "9.9.9.9"],
  ["a header without proxies", "9.9.9.9", "1.1.1.1", undefined, "9.9.9.9"],
  ["a header from a stranger", "9.9.9.9", "1.1.1.1", ["10.0.0.1"], "9.9.9.9"],
  ["a proxy without a header", "10.0.0.1", undefined, ["10.0.0.1"], "10.0.0.1"],
  ["one hop", "10.0.0.1", "1.1.1.1", ["10.0.0.1"], "1.1.1.1"],
  ["a forged first hop", "10.0.0.1", "52.89.214.238, 1.1.1.1", ["10.0.0.1"], "1.1.1.1"],
  ["two proxies", "10.0.0.1", "8.8.8.8, 1.1.1.1, 10.0.0.2", ["10.0.0.0/24"], "1.1.1.1"],
  ["proxies only", "10.0.0.1", "10.0.0.3, 10.0.0.2", ["10.0.0.0/24"], "10.0.0.3"],
  ["a hop that is none", "10.0.0.1", "1.1.1.1, -", ["10.0.0.1"], "unknown"],
  ["an empty header", "10.0.0.1", "", ["10.0.0.1"], "unknown"],
  ["a proxy inside IPv6", "::ffff:10.0.0.1", "1.1.1.1", ["10.0.0.1"], "1.1.1.1"]
]

describe("Source", () => {
  for (const [written, address] of addresses) it(`"${written}" is ${address}`, () => assert.strictEqual(Source.normalize(written), address))
  for (const [rules, address, isListed] of listed) {
    it(`[${rules.join(" ")}] ${isListed ? "holds" : "lacks"} ${address}`, () => assert.strictEqual(Source.isListed(rules, address), isListed))
  }
  for (const [what, peer, forwardedFor, trusted, source] of sources) {
    it(what, () => assert.strictEqual(Source.sourceOf(peer, forwardedFor, trusted), source))
  }
})
