/** A file of JSON lines that only grows by whole lines. Owns: cutting a torn end, taking back a failed write. */
import { closeSync, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, renameSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import { Option, Schema } from "effect"

const Numbered = Schema.fromJsonString(Schema.Struct({ seq: Schema.Int }))
const decodeNumbered = Schema.decodeUnknownOption(Numbered)

/** How far back from its end a file is searched for its last whole line. */
const tailBytesMax = 1_048_576
const newline = 0x0a

export interface JsonLines {
  /** Of the last whole line; 0 when there is none. */
  readonly lastSeq: number
  /** In one write, all or nothing; throws when the disk refuses. */
  readonly append: (lines: ReadonlyArray<string>) => void
  readonly close: () => void
}

/** Where the file's readable part ends, and the `seq` of the line there. */
const lastLine = (file: number, size: number): { readonly end: number; readonly seq: number } => {
  const start = Math.max(0, size - tailBytesMax)
  const bytes = Buffer.alloc(size - start)
  readSync(file, bytes, 0, bytes.length, start)
  let end = bytes.lastIndexOf(newline)
  while (end >= 0) {
    const before = end === 0 ? -1 : bytes.lastIndexOf(newline, end - 1)
    const line = decodeNumbered(bytes.toString("utf8", before + 1, end))
    if (Option.isSome(line)) return { end: start + end + 1, seq: line.value.seq }
    end = before
  }
  return { end: 0, seq: 0 }
}

const freeName = (path: string): string => {
  let name = path
  for (let n = 2; existsSync(name); n += 1) name = `${path}-${n}`
  return name
}

/** What cannot be continued (nothing readable at its end, or ahead of `seqMax`) is put aside, never overwritten. */
export const open = (path: string, seqMax: number): JsonLines => {
  mkdirSync(dirname(path), { recursive: true })
  let file = openSync(path, "a+")
  let size = fstatSync(file).size
  let last = lastLine(file, size)
  if ((last.end === 0 && size > 0) || last.seq > seqMax) {
    closeSync(file)
    renameSync(path, freeName(`${path}.aside`))
    file = openSync(path, "a+")
    last = { end: 0, seq: 0 }
    size = 0
  }
  if (last.end < size) ftruncateSync(file, last.end)
  let end = last.end

  const append = (lines: ReadonlyArray<string>) => {
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""), "utf8")
    try {
      if (writeSync(file, bytes) !== bytes.length) throw new Error("short write")
    } catch (error) {
      ftruncateSync(file, end)
      throw error
    }
    end += bytes.length
  }
  return { lastSeq: last.seq, append, close: () => closeSync(file) }
}
