/**
 * A log on disk that never grows past its bound: the newest lines in one file, older ones in numbered files beside it. What the disk
 * refuses is left out and counted; nobody hears of it but the next line that gets through.
 */
import { closeSync, fchmodSync, fstatSync, ftruncateSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs"
import { join } from "node:path"

/** One file, and how many there are. */
export const fileBytesMax = 8 * 1_024 * 1_024
export const filesMax = 5
/** After a refusal the disk is left alone this long. */
export const retryAfterMs = 10_000
const ownerOnly = 0o600

export const nameOf = (folder: string, age: number): string => join(folder, age === 0 ? "interlock.jsonl" : `interlock.${age}.jsonl`)

export interface Options {
  readonly folder: string
  readonly fileBytes?: number
  readonly files?: number
}

export interface LogFile {
  /** One line without its end. Never throws, never waits. `nowMs`: of the entry. */
  readonly write: (line: string, nowMs: number) => void
  readonly close: () => void
}

export const open = ({ fileBytes = fileBytesMax, files = filesMax, folder }: Options): LogFile => {
  let file: number | undefined
  let size = 0
  let leftOut = 0
  let retryAtMs = -Infinity

  const close = () => {
    if (file === undefined) return
    const closing = file
    file = undefined
    try {
      closeSync(closing)
    } catch {
      // it is gone either way
    }
  }

  const opened = (): number => {
    if (file !== undefined) return file
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    file = openSync(nameOf(folder, 0), "a", ownerOnly)
    fchmodSync(file, ownerOnly)
    size = fstatSync(file).size
    return file
  }

  const rotate = () => {
    close()
    rmSync(nameOf(folder, files - 1), { force: true })
    for (let age = files - 2; age >= 0; age -= 1) {
      try {
        renameSync(nameOf(folder, age), nameOf(folder, age + 1))
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error
      }
    }
  }

  /** All of it or nothing. */
  const put = (line: string) => {
    const bytes = Buffer.from(`${line}\n`, "utf8")
    let into = opened()
    if (size > 0 && size + bytes.length > fileBytes) {
      rotate()
      into = opened()
    }
    if (writeSync(into, bytes) !== bytes.length) {
      ftruncateSync(into, size)
      throw new Error("no room for the whole line")
    }
    size += bytes.length
  }

  return {
    write: (line, nowMs) => {
      if (nowMs < retryAtMs) {
        leftOut += 1
        return
      }
      try {
        if (leftOut > 0) put(JSON.stringify({ level: "WARN", message: `${leftOut} lines before this could not be written` }))
        leftOut = 0
        put(line)
      } catch {
        close()
        leftOut += 1
        retryAtMs = nowMs + retryAfterMs
      }
    },
    close
  }
}
