/**
 * Who may import whom. Owns the table: which zone a file belongs to and what each zone may reach.
 * Pure: paths in, a verdict out. A folder that has no row here is refused, so that a new one has to be decided on.
 */

/** A part of the house under one rule. `unit` is the part of it that may import itself freely: one venue, one actor kind. */
export interface Place {
  readonly zone: Zone
  readonly unit: string
}

export type Zone = keyof typeof table

interface Row {
  /** Zones of ours that it may import; `own` allows only the same unit. */
  readonly ours: ReadonlyArray<string>
  /** Packages that it may import; absent: any. */
  readonly packages?: ReadonlyArray<string>
}

const inner = ["schemas", "config", "ports", "rules"] as const
const everything = [
  "schemas", "config", "ports", "rules", "adapter", "venueShared", "actor", "actorProtocol", "actorShared", "edge", "observe", "fake", "fakeShared", "oracle", "composition"
] as const

const table = {
  schemas: { ours: ["schemas"], packages: ["effect"] },
  config: { ours: ["config", "schemas"] },
  ports: { ours: ["ports", "schemas"] },
  rules: { ours: ["rules", "schemas"], packages: ["effect", "node:crypto"] },
  adapter: { ours: ["own", ...inner, "venueShared"] },
  venueShared: { ours: ["own", ...inner] },
  actor: { ours: ["own", ...inner, "actorShared", "actorProtocol"] },
  actorProtocol: { ours: ["own", ...inner, "actorShared", "actorProtocol"] },
  actorShared: { ours: ["own", ...inner, "actorProtocol"] },
  edge: { ours: ["own", ...inner, "actorProtocol"] },
  /** Watches through the ports what everybody may see; nobody but the composition knows that it is there. */
  observe: { ours: ["own", "schemas", "config", "ports"], packages: ["effect", "node:crypto", "node:fs", "node:path", "node:perf_hooks"] },
  fake: { ours: ["own", "fakeShared"], packages: ["effect", "protobufjs", "ws", "node:*"] },
  fakeShared: { ours: ["own"], packages: ["effect", "protobufjs", "ws", "node:*"] },
  oracle: { ours: ["own"], packages: ["effect", "protobufjs", "ws", "node:*"] },
  composition: { ours: [...everything] },
  tool: { ours: ["own", "schemas"] },
  /** Measures parts of the house, or runs them for long; imported by nobody, like a test. */
  bench: { ours: ["own", ...everything] },
  schemaTool: { ours: ["own", "schemas", "config"] },
  test: { ours: ["test", "tool", "schemaTool", ...everything] },
  settings: { ours: [] }
} as const satisfies Record<string, Row>

const ruleFolders = new Set([
  "gates", "guards", "dispatch", "sizing", "risk", "orders", "symbols", "matching", "lifecycle", "projections", "reports",
  "indicators", "afl", "strategies", "training"
])
const adapterFolders = new Set(["stores", "notify", "feeds", "scanners", "models"])
const edgeFolders = new Set(["ingress", "admin"])

const placeOfFake = ([, , , venue = ""]: ReadonlyArray<string>): Place => ({ zone: venue === "shared" ? "fakeShared" : "fake", unit: `fakes/${venue}` })

const placeInSrc = (parts: ReadonlyArray<string>): Place | undefined => {
  const [, folder = "", venue = ""] = parts
  if (parts.length === 2) return folder === "main.ts" ? { zone: "composition", unit: "src" } : undefined
  if (folder === "ports") return { zone: "ports", unit: "ports" }
  if (ruleFolders.has(folder)) return { zone: "rules", unit: folder }
  if (adapterFolders.has(folder)) return { zone: "adapter", unit: folder }
  if (edgeFolders.has(folder)) return { zone: "edge", unit: folder }
  if (folder === "observe") return { zone: "observe", unit: folder }
  if (folder === "venues") return venue === "shared" ? { zone: "venueShared", unit: venue } : { zone: "adapter", unit: `venues/${venue}` }
  if (folder === "simulation" && venue === "venues") return placeOfFake(parts)
  if (folder === "simulation" && venue === "oracle") return { zone: "oracle", unit: "oracle" }
  return folder === "layers" || folder === "simulation" ? { zone: "composition", unit: folder } : undefined
}

const placeInActors = (parts: ReadonlyArray<string>): Place => {
  const [, kind = "", file = ""] = parts
  if (parts.length === 2) return { zone: "actorShared", unit: "actors" }
  return { zone: parts.length === 3 && file === "Protocol.ts" ? "actorProtocol" : "actor", unit: `actors/${kind}` }
}

/** The zone of a file, by its path from the root with forward slashes. Absent: no rule knows this folder. */
export const placeOf = (path: string): Place | undefined => {
  const parts = path.split("/")
  const [top = "", second = ""] = parts
  if (parts.length === 1) return { zone: "settings", unit: path }
  if (top === "schemas" || top === "config" || top === "test") return { zone: top, unit: top }
  if (top === "src") return placeInSrc(parts)
  if (top === "actors") return placeInActors(parts)
  if (top === "ops") return { zone: second === "schemas" ? "schemaTool" : second === "bench" || second === "soak" ? "bench" : "tool", unit: `ops/${second}` }
  return undefined
}

const describe = ({ zone, unit }: Place) => (zone === unit ? zone : `${zone} ${unit}`)

/** Absent: allowed. Else why not. */
export const refusal = (from: Place, to: Place): string | undefined => {
  const row: Row = table[from.zone]
  if (row.ours.includes(to.zone) || (row.ours.includes("own") && from.unit === to.unit)) return undefined
  return `${describe(from)} may not import ${describe(to)}`
}

export const packageRefusal = (from: Place, packageName: string): string | undefined => {
  const row: Row = table[from.zone]
  if (row.packages === undefined || row.packages.includes(packageName)) return undefined
  if (packageName.startsWith("node:") && row.packages.includes("node:*")) return undefined
  return `${describe(from)} may import only ${row.packages.join(", ")}, not ${packageName}`
}
