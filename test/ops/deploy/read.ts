/** Readers for the files of `ops/deploy`, as strict as these need: what they do not understand is an error. */

export interface Element {
  readonly name: string
  readonly children: ReadonlyArray<Element>
  readonly text: string
}

/** Elements and text. Attributes, comments and declarations are passed over, tags must match. */
export const xml = (source: string): Element => {
  const root = { name: "", children: new Array<Element>(), text: "" }
  const open = [root]
  const rest = source.replace(/<!--[\s\S]*?-->/g, "").replace(/^\s*<\?xml [^>]*\?>/, "").replace(/<!DOCTYPE [^>]*>/, "")
  for (const [part] of rest.matchAll(/<[^<>]*>|[^<>]+/g)) {
    const top = open.at(-1)!
    const tag = /^<(\/?)([A-Za-z][\w]*)((?:\s+[\w:]+="[^"]*")*)\s*(\/?)>$/.exec(part)
    if (tag === null && /[<>]|&(?!(amp|lt|gt|quot|apos);)/.test(part)) throw new Error(`not XML: ${part}`)
    if (tag === null) top.text += part.trim()
    else if (tag[1] === "/") {
      if (top.name !== tag[2] || open.length === 1) throw new Error(`</${tag[2]}> closes <${top.name}>`)
      open.pop()
    } else {
      const made = { name: tag[2]!, children: new Array<Element>(), text: "" }
      top.children.push(made)
      if (tag[4] !== "/") open.push(made)
    }
  }
  const [only, ...more] = root.children
  if (open.length !== 1 || only === undefined || more.length > 0) throw new Error("one element, closed, was expected")
  return only
}

export type Value = string | boolean | { readonly [key: string]: Value } | ReadonlyArray<Value>

/** A property list's value: keys and values in pairs. */
export const plist = ({ children, name, text }: Element): Value => {
  if (name === "dict") {
    return Object.fromEntries(children.flatMap((key, index) => {
      if (index % 2 === 1) return []
      const value = children[index + 1]
      if (key.name !== "key" || value === undefined) throw new Error(`no key and value at ${key.text}`)
      return [[key.text, plist(value)]]
    }))
  }
  if (name === "array") return children.map(plist)
  if (name === "true" || name === "false") return name === "true"
  if (name === "string" || name === "integer") return text
  throw new Error(`unknown element ${name}`)
}

/** Block maps and lists of scalars, by their indent; no flow but `{}`, no anchors, no tabs. */
export const yaml = (source: string): Value => {
  const lines = source.split("\n").filter((line) => !/^\s*(#|$)/.test(line))
  const scalar = (text: string): Value => {
    if (text === "{}") return {}
    if (text === "true" || text === "false") return text === "true"
    const quoted = /^"([^"\\]*)"$/.exec(text)
    if (quoted === null && /^["'&*[{|>!%@`]|: | #/.test(text)) throw new Error(`not understood: ${text}`)
    return quoted?.[1] ?? text
  }
  let at = 0
  const indentOf = (line: string | undefined) => line === undefined ? -1 : line.length - line.trimStart().length
  const block = (indent: number): Value => {
    if (lines[at]!.trimStart().startsWith("- ")) {
      const items: Array<Value> = []
      while (indentOf(lines[at]) === indent && lines[at]!.trimStart().startsWith("- ")) {
        const item = lines[at]!.trimStart().slice(2)
        if (/^[\w.-]+:( |$)/.test(item)) {
          lines[at] = " ".repeat(indent + 2) + item
          items.push(block(indent + 2))
        } else {
          at++
          items.push(scalar(item))
        }
      }
      return items
    }
    const map: Record<string, Value> = {}
    while (indentOf(lines[at]) === indent) {
      const pair = /^ *([\w.-]+):(?: (.+))?$/.exec(lines[at]!)
      if (pair === null || pair[1]! in map) throw new Error(`no key of its own: ${lines[at]}`)
      at++
      const inner = indentOf(lines[at])
      map[pair[1]!] = pair[2] !== undefined ? scalar(pair[2]) : inner > indent ? block(inner) : ""
    }
    return map
  }
  const value = block(0)
  if (at !== lines.length) throw new Error(`left over: ${lines[at]}`)
  return value
}

/** `Section.Key` to its values, in their order. */
export const unit = (source: string): ReadonlyMap<string, ReadonlyArray<string>> => {
  const found = new Map<string, ReadonlyArray<string>>()
  let section = ""
  for (const line of source.split("\n")) {
    if (/^\s*([#;]|$)/.test(line)) continue
    const heading = /^\[(\w+)\]$/.exec(line)
    const pair = /^([A-Za-z]+)=(.*)$/.exec(line)
    if (heading === null && pair === null) throw new Error(`not a unit file: ${line}`)
    if (heading !== null) section = heading[1]!
    if (pair !== null) found.set(`${section}.${pair[1]}`, [...found.get(`${section}.${pair[1]}`) ?? [], pair[2]!])
  }
  return found
}
