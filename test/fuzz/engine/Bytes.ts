/** Bytes changed without regard to what they say. */
import type { Chance } from "./Chance.ts"
import * as Hostile from "./Hostile.ts"

/** What a mutated input grows to at most. */
export const bytesMax = 70_000
const encoder = new TextEncoder()

export const encode = (text: string): Uint8Array => encoder.encode(text)

const concat = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => Buffer.concat(parts).subarray(0, bytesMax)

const spliced = (bytes: Uint8Array, at: number, drop: number, put: Uint8Array): Uint8Array => concat(bytes.subarray(0, at), put, bytes.subarray(at + drop))

const control = Uint8Array.from([0, 7, 8, 10, 13, 27, 127, 0x80, 0xc0, 0xed, 0xff, 0xfe])
/** Texts that are no UTF-8: a lone surrogate as three bytes, an overlong slash, a cut sequence, a code point beyond the last. */
const notUtf8 = [[0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xe2, 0x82], [0xf4, 0x90, 0x80, 0x80], [0xef, 0xbb, 0xbf], [0xff, 0xfe]].map((one) => Uint8Array.from(one))
const syntax = ["{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "//", "/*", "*/", "\u201c", "\u2019", "\u2028", "\r\n", "\r\n\r\n", "%", "&", "=", ";"].map(encode)

type Mutator = (chance: Chance, bytes: Uint8Array, other: Uint8Array) => Uint8Array

const somewhere = (chance: Chance, bytes: Uint8Array): number => chance.below(bytes.length + 1)

const digits = /-?\d+(?:\.\d+)?/g
/** A number within becomes an extreme one. */
const number: Mutator = (chance, bytes) => {
  const text = Buffer.from(bytes).toString("latin1")
  const found = [...text.matchAll(digits)]
  if (found.length === 0) return bytes
  const { 0: written, index } = chance.pick(found)
  return spliced(bytes, index, written.length, encode(chance.pick(Hostile.numbers)))
}

const mutators: ReadonlyArray<Mutator> = [
  (chance, bytes) => { // flip bits
    if (bytes.length === 0) return bytes
    const copy = Uint8Array.from(bytes)
    for (let times = chance.between(1, 4); times > 0; times--) {
      const at = chance.below(copy.length)
      copy[at] = (copy[at] ?? 0) ^ (1 << chance.below(8))
    }
    return copy
  },
  (chance, bytes) => spliced(bytes, somewhere(chance, bytes), 0, Uint8Array.from({ length: chance.between(1, 8) }, () => chance.below(256))),
  (chance, bytes) => spliced(bytes, somewhere(chance, bytes), chance.between(1, 24), new Uint8Array()),
  (chance, bytes) => { // say a part twice
    const from = somewhere(chance, bytes)
    return spliced(bytes, from, 0, bytes.subarray(from, from + chance.between(1, 64)))
  },
  (chance, bytes, other) => concat(bytes.subarray(0, somewhere(chance, bytes)), other.subarray(somewhere(chance, other))),
  (chance, bytes) => bytes.subarray(0, somewhere(chance, bytes)),
  (chance, bytes) => spliced(bytes, somewhere(chance, bytes), 1, Uint8Array.of(chance.pick(Array.from(control)))),
  (chance, bytes) => spliced(bytes, somewhere(chance, bytes), 0, chance.pick(notUtf8)),
  (chance, bytes) => spliced(bytes, somewhere(chance, bytes), chance.below(2), chance.pick(syntax)),
  (chance, bytes) => spliced(bytes, somewhere(chance, bytes), 0, encode(chance.pick(Hostile.texts))),
  number,
  number
]

const longShare = 0.01

export const mutate = (chance: Chance, bytes: Uint8Array, other: Uint8Array): Uint8Array => {
  if (chance.hits(longShare)) return spliced(bytes, somewhere(chance, bytes), 0, encode(chance.pick(Hostile.long(chance.between(1, bytesMax)))()))
  let result = bytes
  for (let times = chance.between(1, 3); times > 0; times--) result = chance.pick(mutators)(chance, result, other)
  return result
}

/** Bytes that never were anything. */
export const junk = (chance: Chance): Uint8Array => Uint8Array.from({ length: chance.below(400) }, () => chance.below(256))
