/** The house that runs on a data folder, as far as the folder tells. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Option, Schema } from "effect"

const File = Schema.fromJsonString(Schema.Struct({
  pid: Schema.Int,
  webhookUrl: Schema.String,
  operatorUrl: Schema.String,
  startedAtMs: Schema.Finite
}))
export type Running = typeof File.Type

const decode = Schema.decodeUnknownOption(File)

/** What is left of one that was killed counts as well: the lock says whether it lives. */
export const read = (dataFolder: string): Running | undefined => {
  try {
    return Option.getOrUndefined(decode(readFileSync(join(dataFolder, "runtime.json"), "utf8")))
  } catch {
    return undefined
  }
}

export const portOf = (url: string): number => Number(URL.parse(url)?.port ?? 0)
