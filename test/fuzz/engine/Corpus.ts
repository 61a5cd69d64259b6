/** Inputs that something once broke on, one file each. They always run. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createHash } from "node:crypto"
import * as NodePath from "node:path"
import { Schema } from "effect"
import { Kept } from "./Target.ts"

export const folder = NodePath.resolve(import.meta.dirname, "../corpus")
const KeptText = Schema.fromJsonString(Kept)

export const files = (): ReadonlyArray<readonly [name: string, kept: Kept]> =>
  readdirSync(folder).filter((name) => name.endsWith(".json")).toSorted().map((name) =>
    [name, Schema.decodeSync(KeptText)(readFileSync(NodePath.join(folder, name), "utf8"))] as const)

/** Returns the file's name. */
export const keep = ({ around, base64, target, wrong }: Kept): string => {
  const digest = createHash("sha256").update(JSON.stringify(around)).update(base64).digest("hex").slice(0, 12)
  const name = `${target}-${digest}.json`
  mkdirSync(folder, { recursive: true })
  writeFileSync(NodePath.join(folder, name), `${JSON.stringify({ target, wrong, around, base64 }, undefined, 2)}\n`)
  return name
}
