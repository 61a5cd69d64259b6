/** What a backup says of itself: `manifest.json`, written last. Owns: what may be in a backup, and whether a folder is one. */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { Option, Schema } from "effect"
import { fileOf, names as configNames } from "#config/Files.ts"

export const fileName = "manifest.json"
export const format = 1

export const journalFile = "journal.sqlite"
export const ledgerFile = "paper.sqlite"
export const notesFile = "emergency.bin"
export const configFolder = "config"
export const configFiles: ReadonlyArray<string> = configNames.map((name) => `${configFolder}/${fileOf(name)}`)

/** Nothing else is ever written or read: neither a secret nor a path that leads elsewhere. */
const known = [journalFile, ledgerFile, notesFile, ...configFiles]

export const Manifest = Schema.Struct({
  format: Schema.Int,
  /** Of the program that made it. */
  version: Schema.String,
  madeAt: Schema.String,
  madeAtMs: Schema.Finite,
  /** The installation whose client order ids it carries on. */
  installation: Schema.String,
  /** The journal's last row. */
  seq: Schema.Int,
  configHash: Schema.String,
  /** `files`: as they lay in the folder; `inForce`: those were changed and not applied, so what is in force was written down. */
  config: Schema.Literals(["files", "inForce"]),
  /** Names of the secrets that the configuration needs. They are not in here. */
  secrets: Schema.Array(Schema.String),
  files: Schema.Array(Schema.Struct({
    name: Schema.Literals(known),
    bytes: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
    sha256: Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))
  }))
})
export type Manifest = typeof Manifest.Type

const Text = Schema.fromJsonString(Manifest)
const decode = Schema.decodeUnknownOption(Text)
const Formatted = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Struct({ format: Schema.Int })))

export const encode = (manifest: Manifest): string => `${JSON.stringify(Schema.encodeSync(Manifest)(manifest), undefined, 2)}\n`

export type Found =
  | { readonly _tag: "Backup"; readonly manifest: Manifest }
  /** No backup, or half of one. */
  | { readonly _tag: "None" }
  | { readonly _tag: "Unreadable"; readonly why: string }

export const read = async (folder: string): Promise<Found> => {
  let text: string
  try {
    text = await readFile(join(folder, fileName), "utf8")
  } catch {
    return { _tag: "None" }
  }
  const claimed = Formatted(text)
  if (Option.isSome(claimed) && claimed.value.format > format) return { _tag: "Unreadable", why: `its format is ${claimed.value.format}, known is ${format}: a newer version made it, restore it with that one` }
  const manifest = decode(text)
  return Option.isSome(manifest) ? { _tag: "Backup", manifest: manifest.value } : { _tag: "Unreadable", why: "its manifest.json is damaged" }
}
