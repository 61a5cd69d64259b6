/** Reads the house and judges every import. Owns: what must have been seen for a silent check to count as a pass. */
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { cyclesOf } from "./Cycles.ts"
import * as Imports from "./Imports.ts"
import { packageRefusal, placeOf, refusal } from "./Zones.ts"

export interface Report {
  readonly modules: number
  readonly imports: number
  readonly problems: ReadonlyArray<string>
}

export interface Bounds {
  /** Fewer modules, or fewer imports among them, and the check has not seen the house. */
  readonly modulesMin: number
  readonly importsMin: number
}

const folders = ["schemas", "config", "src", "actors", "test", "ops"]
const foldersSkipped = new Set(["node_modules", "dist"])
const isSource = (path: string) => /\.[cm]?tsx?$/.test(path)
const mayComputeImports = (path: string) => /^(ops|test)\//.test(path)

const walk = (root: string, folder: string): ReadonlyArray<string> => {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return foldersSkipped.has(entry.name) ? [] : walk(root, path)
    return entry.isFile() && isSource(entry.name) ? [path] : []
  })
}

/** What git knows or would take, as a second opinion on the walk. Absent outside a checkout. */
const listedByGit = (root: string): ReadonlyArray<string> => {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", ...folders]
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" })
  if (status !== 0) return []
  return stdout.split("\0").filter((path) => isSource(path) && existsSync(join(root, path)))
}

const unseen = (root: string, seen: ReadonlyMap<string, unknown>, imports: number, bounds: Bounds): ReadonlyArray<string> => {
  const problems = listedByGit(root).filter((path) => !seen.has(path)).map((path) => `${path}: listed by git, but not seen by this check`)
  if (seen.size < bounds.modulesMin) problems.push(`saw only ${seen.size} modules, expected at least ${bounds.modulesMin}`)
  if (imports < bounds.importsMin) problems.push(`saw only ${imports} imports among them, expected at least ${bounds.importsMin}`)
  return problems
}

const judge = (path: string, target: Imports.Target): string | undefined => {
  const from = placeOf(path)
  if (from === undefined) return undefined
  if (target._tag === "Missing") return "no such file"
  if (target._tag === "Package") return packageRefusal(from, target.name)
  const to = placeOf(target.path)
  return to === undefined ? `no rule knows ${target.path}` : refusal(from, to)
}

export const check = (root: string, bounds: Bounds): Report => {
  const aliases = Imports.aliasesOf(root)
  const graph = new Map<string, ReadonlyArray<string>>()
  const problems: Array<string> = []
  let imports = 0

  for (const path of folders.flatMap((folder) => walk(root, folder))) {
    const parsed = Imports.parse(path, readFileSync(join(root, path), "utf8"))
    if (parsed.error !== undefined) problems.push(`${path}: cannot be read: ${parsed.error}`)
    if (placeOf(path) === undefined) problems.push(`${path}: no rule knows this folder: give it one in ops/boundaries/Zones.ts`)
    const reached = new Set<string>()
    for (const { line, specifier } of parsed.imports) {
      if (specifier === undefined) {
        if (!mayComputeImports(path)) problems.push(`${path}:${line}: a computed import cannot be checked: name the file`)
        continue
      }
      const target = Imports.resolve(root, aliases, path, specifier)
      const why = judge(path, target)
      if (why !== undefined) problems.push(`${path}:${line}: ${why} (${specifier})`)
      if (target._tag === "Ours") reached.add(target.path)
    }
    imports += reached.size
    graph.set(path, [...reached])
  }

  for (const cycle of cyclesOf(graph)) problems.push(`${cycle[0]}: imports itself in a circle: ${[...cycle, cycle[0]].join(" > ")}`)
  problems.push(...unseen(root, graph, imports, bounds))
  return { modules: graph.size, imports, problems }
}
