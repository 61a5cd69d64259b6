/** From what a schema says of a value to problems a person can act on. Owns: paths, wording, and that a secret is never quoted. */
import { type SchemaAST, SchemaIssue } from "effect"
import type { ConfigProblem } from "./ConfigInvalid.ts"
import { nearest } from "./Nearest.ts"

type Path = ReadonlyArray<PropertyKey>

const shownMax = 60
const isSecret = (path: Path): boolean => path.some((part) => /secret|token|password|key/i.test(String(part)))

const short = (text: string): string => text.length > shownMax ? `${text.slice(0, shownMax).toWellFormed()}...` : text

export const showPath = (path: Path): string =>
  path.reduce<string>((shown, part) => {
    if (typeof part === "number") return `${shown}[${part}]`
    return shown === "" ? short(String(part)) : `${shown}.${short(String(part))}`
  }, "")

const isRecord = (value: unknown): value is Record<PropertyKey, unknown> => typeof value === "object" && value !== null

const valueAt = (root: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, part) => isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined, root)

/** `accounts[2].caps` lies in the entry whose `id` (instruments: `root`) is at `accounts[2]`. */
const entryOf = (root: unknown, path: Path): string | undefined => {
  const entry = valueAt(root, path.slice(0, 2))
  if (!isRecord(entry)) return undefined
  const id = entry["id"] ?? entry["root"]
  return typeof id === "string" ? short(id) : undefined
}

export const show = (value: unknown, path: Path = []): string => {
  if (value === undefined) return "nothing"
  if (Array.isArray(value)) return "a list"
  if (isRecord(value)) return "an object"
  if (isSecret(path)) return `a ${typeof value} (not shown)`
  return short(JSON.stringify(value))
}

interface Found {
  readonly path: Path
  readonly expected: string
  readonly candidates?: ReadonlyArray<string>
  readonly got?: string
}

const quoted = (words: ReadonlyArray<string>): string => words.map((word) => `"${word}"`).join(", ")
const keysOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  ast._tag === "Objects" ? ast.propertySignatures.map(({ name }) => String(name)) : []
const literalsOf = (asts: ReadonlyArray<SchemaAST.AST>): ReadonlyArray<string> =>
  asts.flatMap((ast) => ast._tag === "Literal" ? [String(ast.literal)] : ast._tag === "Union" ? literalsOf(ast.types) : [])

const oneOf = (path: Path, words: ReadonlyArray<string>): Found => ({
  path,
  expected: words.length === 1 ? quoted(words) : `one of ${quoted(words)}`,
  candidates: words
})

/** No member fits: name the words allowed, else the tag that tells the members apart, else the keys each of them needs. */
const noMember = (union: SchemaAST.Union, path: Path, value: unknown): Found => {
  const literals = literalsOf(union.types)
  if (literals.length > 0) return oneOf(path, literals)
  const members = union.types.map((type) => type._tag === "Objects" ? type.propertySignatures : [])
  const tag = members[0]?.find(({ name, type }) =>
    type._tag === "Literal" && members.every((fields) => fields.some((field) => field.name === name && field.type._tag === "Literal")))
  if (tag !== undefined && isRecord(value)) {
    const words = members.flatMap((fields) => literalsOf(fields.filter(({ name }) => name === tag.name).map(({ type }) => type)))
    return oneOf([...path, tag.name], words)
  }
  return { path, expected: `an object with ${members.map((fields) => quoted(fields.map(({ name }) => String(name)))).join(" or with ")}` }
}

const worded = (issue: SchemaIssue.Issue): string => SchemaIssue.makeFormatterDefault()(issue).replace(/^Expected /, "")

const find = (issue: SchemaIssue.Issue, path: Path, root: unknown): ReadonlyArray<Found> => {
  switch (issue._tag) {
    case "Pointer":
      return find(issue.issue, [...path, ...issue.path], root)
    case "Composite":
      return issue.issues.flatMap((inner) => find(inner, path, root))
    case "Encoding": // the only values written otherwise than held
      return [{ path, expected: "a decimal in quotes, such as \"0.25\"" }]
    case "AnyOf": {
      const tried = issue.issues.map((inner) => find(inner, path, root)).sort((one, other) => one.length - other.length)
      return tried[0] ?? [noMember(issue.ast, path, valueAt(root, path))]
    }
    case "MissingKey":
      return [{ path, expected: "this key", got: "nothing" }]
    case "UnexpectedKey": {
      const present = Object.keys(valueAt(root, path.slice(0, -1)) ?? {})
      const candidates = keysOf(issue.ast).filter((key) => !present.includes(key))
      return [{ path, expected: "a known key", got: short(JSON.stringify(String(path.at(-1)))), candidates }]
    }
    default:
      return [{ path, expected: worded(issue) }]
  }
}

/** Every problem of one decoded file. */
export const of = (file: string, root: unknown, issue: SchemaIssue.Issue): ReadonlyArray<ConfigProblem> =>
  find(issue, [], root).map(({ path, expected, candidates = [], got }) => {
    const value = valueAt(root, path)
    const word = got === undefined ? value : String(path.at(-1))
    const meant = typeof word === "string" && candidates.length > 0 ? nearest(word, candidates) : undefined
    const entry = entryOf(root, path)
    return {
      file,
      path: showPath(path),
      ...(entry === undefined ? {} : { entry }),
      expected,
      got: got ?? show(value, path),
      ...(meant === undefined ? {} : { nearest: meant })
    }
  })
