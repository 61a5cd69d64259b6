/** JSON as a tree that may hold what JSON forbids: keys twice, bare words, wrong types. Owns: reading, printing and breaking it. */
import type { Chance } from "./Chance.ts"
import * as Hostile from "./Hostile.ts"

export type Tree =
  /** Printed as it stands. */
  | { readonly _tag: "Raw"; readonly text: string }
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "List"; readonly items: ReadonlyArray<Tree> }
  | { readonly _tag: "Object"; readonly entries: ReadonlyArray<readonly [name: string, value: Tree]> }

export const raw = (text: string): Tree => ({ _tag: "Raw", text })
export const text = (said: string): Tree => ({ _tag: "Text", text: said })

export const of = (value: unknown): Tree => {
  if (typeof value === "string") return text(value)
  if (Array.isArray(value)) return { _tag: "List", items: value.map(of) }
  if (typeof value === "object" && value !== null) return { _tag: "Object", entries: Object.entries(value).map(([name, inner]) => [name, of(inner)] as const) }
  return raw(value === undefined ? "null" : String(value))
}

export const print = (tree: Tree): string => {
  switch (tree._tag) {
    case "Raw":
      return tree.text
    case "Text":
      return JSON.stringify(tree.text)
    case "List":
      return `[${tree.items.map(print).join(",")}]`
    case "Object":
      return `{${tree.entries.map(([name, value]) => `${JSON.stringify(name)}:${print(value)}`).join(",")}}`
  }
}

const sizeOf = (tree: Tree): number => {
  if (tree._tag === "List") return 1 + tree.items.reduce((sum, item) => sum + sizeOf(item), 0)
  return tree._tag === "Object" ? 1 + tree.entries.reduce((sum, [, value]) => sum + sizeOf(value), 0) : 1
}

const longMax = 4_000
const deepMax = 60

const nested = (chance: Chance, inner: Tree): Tree => {
  const depth = chance.between(1, deepMax)
  let tree = inner
  for (let level = 0; level < depth; level++) tree = chance.hits(0.5) ? { _tag: "List", items: [tree] } : { _tag: "Object", entries: [["a", tree]] }
  return tree
}

/** Any value at all. */
export const hostile = (chance: Chance): Tree => {
  switch (chance.below(8)) {
    case 0:
    case 1:
      return raw(chance.pick(Hostile.numbers))
    case 2:
    case 3:
      return text(chance.pick(Hostile.texts))
    case 4:
      return raw(chance.pick(["null", "true", "false", "[]", "{}", "[[]]", "undefined"]))
    case 5:
      return text(chance.pick(Hostile.long(chance.between(1, longMax)))())
    case 6:
      return { _tag: "Object", entries: [[chance.pick(Hostile.names), raw(chance.pick(Hostile.numbers))]] }
    default:
      return nested(chance, raw("1"))
  }
}

const inserted = <A>(chance: Chance, list: ReadonlyArray<A>, one: A): ReadonlyArray<A> => list.toSpliced(chance.below(list.length + 1), 0, one)

const brokenObject = (chance: Chance, tree: Extract<Tree, { _tag: "Object" }>): Tree => {
  const { entries } = tree
  if (entries.length === 0 || chance.hits(0.25)) return { ...tree, entries: inserted(chance, entries, [chance.pick(Hostile.names), hostile(chance)] as const) }
  const at = chance.below(entries.length)
  const [name, value] = entries[at] ?? ["", hostile(chance)]
  switch (chance.below(5)) {
    case 0:
      return { ...tree, entries: entries.toSpliced(at, 1) }
    case 1: // once more, with another value
      return { ...tree, entries: inserted(chance, entries, [name, chance.hits(0.5) ? value : hostile(chance)] as const) }
    case 2: // under another name
      return { ...tree, entries: entries.with(at, [chance.hits(0.5) ? chance.pick(Hostile.names) : name.toUpperCase(), value]) }
    case 3: {
      const other = chance.below(entries.length)
      const [otherName, otherValue] = entries[other] ?? ["", value]
      return { ...tree, entries: entries.with(at, [name, otherValue]).with(other, [otherName, value]) }
    }
    default:
      return { ...tree, entries: entries.with(at, [name, hostile(chance)]) }
  }
}

const brokenList = (chance: Chance, tree: Extract<Tree, { _tag: "List" }>): Tree => {
  const { items } = tree
  if (items.length === 0) return { ...tree, items: [hostile(chance)] }
  const at = chance.below(items.length)
  const item = items[at] ?? hostile(chance)
  switch (chance.below(4)) {
    case 0:
      return { ...tree, items: items.toSpliced(at, 1) }
    case 1:
      return { ...tree, items: Array.from({ length: chance.between(2, 40) }, () => item) }
    case 2:
      return { ...tree, items: items.with(at, hostile(chance)) }
    default:
      return item
  }
}

/** The same said in another type: `1`, `"1"`, `[1]`, `{"value":1}`. */
const retyped = (chance: Chance, tree: Tree): Tree => {
  switch (chance.below(5)) {
    case 0:
      return { _tag: "List", items: [tree] }
    case 1:
      return { _tag: "Object", entries: [["value", tree]] }
    case 2:
      return tree._tag === "Raw" ? text(tree.text) : tree._tag === "Text" ? raw(tree.text) : text(print(tree))
    case 3:
      return raw("null")
    default:
      return hostile(chance)
  }
}

const brokenHere = (chance: Chance, tree: Tree): Tree => {
  if (tree._tag === "Object" && chance.hits(0.8)) return brokenObject(chance, tree)
  if (tree._tag === "List" && chance.hits(0.8)) return brokenList(chance, tree)
  if (tree._tag === "Text" && chance.hits(0.3)) return text(chance.hits(0.5) ? tree.text + chance.pick(Hostile.texts) : tree.text.slice(0, chance.below(tree.text.length + 1)))
  return retyped(chance, tree)
}

/** One change at one place, any place being as likely as another. */
export const broken = (chance: Chance, tree: Tree): Tree => {
  let left = chance.below(sizeOf(tree))
  const walk = (node: Tree): Tree => {
    if (left-- === 0) return brokenHere(chance, node)
    if (left < 0) return node
    if (node._tag === "List") return { ...node, items: node.items.map((item) => left < 0 ? item : walk(item)) }
    if (node._tag === "Object") return { ...node, entries: node.entries.map(([name, value]) => [name, left < 0 ? value : walk(value)] as const) }
    return node
  }
  return walk(tree)
}

export const brokenOften = (chance: Chance, tree: Tree, times: number): Tree => {
  let result = tree
  for (let time = 0; time < times; time++) result = broken(chance, result)
  return result
}
