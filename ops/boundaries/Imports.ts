/** What a source file imports, types included, and which file or package that is. */
import { existsSync, readFileSync, statSync } from "node:fs"
import { builtinModules } from "node:module"
import { dirname, join, relative, sep } from "node:path"
import { parseSync, Visitor } from "oxc-parser"

export interface Import {
  readonly line: number
  /** Absent: computed at run time, so that no check can follow it. */
  readonly specifier: string | undefined
}

export interface Parsed {
  readonly imports: ReadonlyArray<Import>
  readonly error: string | undefined
}

export type Target =
  | { readonly _tag: "Ours"; readonly path: string }
  | { readonly _tag: "Package"; readonly name: string }
  | { readonly _tag: "Missing" }

const literal = (node: { readonly type: string; readonly value?: unknown }): string | undefined =>
  node.type === "Literal" && typeof node.value === "string" ? node.value : undefined

/** Static, dynamic and type-position imports, re-exports, and files named by `new URL(..., import.meta.url)`. */
export const parse = (path: string, text: string): Parsed => {
  const { program, errors } = parseSync(path, text)
  const imports: Array<Import> = []
  const add = (start: number, specifier: string | undefined) => {
    imports.push({ line: text.slice(0, start).split("\n").length, specifier })
  }
  new Visitor({
    ImportDeclaration: (node) => add(node.start, node.source.value),
    ExportAllDeclaration: (node) => add(node.start, node.source.value),
    ExportNamedDeclaration: (node) => node.source !== null && add(node.start, node.source.value),
    TSImportType: (node) => add(node.start, node.source.value),
    ImportExpression: (node) => add(node.start, literal(node.source)),
    NewExpression: (node) => {
      const [first] = node.arguments
      if (node.callee.type !== "Identifier" || node.callee.name !== "URL" || first === undefined) return
      const file = literal(first)
      if (file !== undefined && /^\.{1,2}\/.*\.tsx?$/.test(file)) add(node.start, file)
    }
  }).visit(program)
  return { imports, error: errors[0]?.message }
}

const packageName = (specifier: string) => specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/")

/** Bundled code leaves endings away; the runtime never does. */
const endings = ["", ".ts", ".tsx", "/index.ts", "/index.tsx"]

const fileAt = (base: string) => endings.map((ending) => base + ending).find((path) => existsSync(path) && statSync(path).isFile())

/** The `imports` of the root package.json, such as `#schemas/*`. */
export const aliasesOf = (root: string): ReadonlyArray<readonly [string, string]> => {
  const { imports = {} }: { readonly imports?: Record<string, string> } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  return Object.entries(imports).map(([from, to]) => [from.replace(/\*$/, ""), to.replace(/\*$/, "")] as const)
}

export const resolve = (root: string, aliases: ReturnType<typeof aliasesOf>, from: string, specifier: string): Target => {
  const plain = specifier.replace(/\?.*$/, "")
  const alias = aliases.find(([prefix]) => plain.startsWith(prefix))
  if (alias === undefined && !/^[./#]/.test(plain)) {
    if (builtinModules.includes(plain)) return { _tag: "Package", name: `node:${plain}` }
    return { _tag: "Package", name: plain.startsWith("node:") ? plain : packageName(plain) }
  }
  const base = alias === undefined ? join(root, dirname(from), plain) : join(root, alias[1] + plain.slice(alias[0].length))
  const file = fileAt(base)
  return file === undefined ? { _tag: "Missing" } : { _tag: "Ours", path: relative(root, file).split(sep).join("/") }
}
