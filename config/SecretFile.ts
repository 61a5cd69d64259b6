/** Secrets on disk. Owns: reading one, making one on first start, and who else may read it. A driver edge: real disk, real chance. */
import { randomBytes } from "node:crypto"
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs"
import * as NodePath from "node:path"

export interface Found {
  readonly value: string
  /** Others on this machine may read it. */
  readonly isOpen: boolean
}

const bytes = 32
const bytesMax = 16_384
const fileMode = 0o600
const folderMode = 0o700

export const codeOf = (error: unknown): string => error instanceof Error && "code" in error ? String(error.code) : "unknown"

const withFile = <A>(path: string, flags: string, use: (file: number) => A): A => {
  const file = openSync(path, flags, fileMode)
  try {
    return use(file)
  } finally {
    closeSync(file)
  }
}

/** Without the newline that editors leave. Throws what the disk says. */
export const read = (path: string): Found =>
  withFile(path, "r", (file) => {
    const { mode, size } = fstatSync(file)
    if (size > bytesMax) throw Object.assign(new Error("too large"), { code: "EFBIG" })
    const isOpen = process.platform !== "win32" && (mode & 0o077) !== 0
    return { value: readFileSync(file, "utf8").replace(/[\r\n]+$/, ""), isOpen }
  })

/** Chance in a new file that only its owner may read; one that is there already stays (`EEXIST`). */
export const make = (path: string): string => {
  mkdirSync(NodePath.dirname(path), { recursive: true, mode: folderMode })
  const value = randomBytes(bytes).toString("base64url")
  withFile(path, "wx", (file) => {
    writeSync(file, `${value}\n`)
    fsyncSync(file)
  })
  return value
}
