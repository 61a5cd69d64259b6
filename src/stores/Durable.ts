/** Files that are on disk when the call returns. Whoever waits, waits beside the event loop. */
import { createHash } from "node:crypto"
import { type FileHandle, open } from "node:fs/promises"
import { dirname } from "node:path"

const chunkBytes = 262_144

export interface Digest {
  readonly bytes: number
  readonly sha256: string
}

const withFile = async <A>(path: string, flags: string, use: (file: FileHandle) => Promise<A>, mode?: number): Promise<A> => {
  const file = await open(path, flags, mode)
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

/** Every chunk in order; its end says how much there was, and the fingerprint of it. */
const read = async (file: FileHandle, use: (chunk: Buffer) => Promise<unknown>): Promise<Digest> => {
  const hash = createHash("sha256")
  const buffer = Buffer.allocUnsafe(chunkBytes)
  let bytes = 0
  while (true) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, bytes)
    if (bytesRead === 0) return { bytes, sha256: hash.digest("hex") }
    const chunk = buffer.subarray(0, bytesRead)
    hash.update(chunk)
    await use(chunk)
    bytes += bytesRead
  }
}

export const digest = (path: string): Promise<Digest> => withFile(path, "r", (file) => read(file, async () => undefined))

export const sync = (path: string): Promise<void> => withFile(path, "r+", (file) => file.sync())

/** Makes renames and new names in it last. Windows has no such call. */
export const syncFolder = (path: string): Promise<void> =>
  process.platform === "win32" ? Promise.resolve() : withFile(path, "r", (file) => file.sync())

const ownerOnly = 0o600

/** A new file; one that is there already is an error. */
export const write = (path: string, text: string): Promise<void> =>
  withFile(path, "wx", async (file) => {
    await file.writeFile(text, "utf8")
    await file.sync()
  }, ownerOnly)

/** Into a new file; tells what was copied, so that it can be held against what was expected. */
export const copy = (from: string, to: string): Promise<Digest> =>
  withFile(from, "r", (source) =>
    withFile(to, "wx", async (target) => {
      const copied = await read(source, (chunk) => target.writeFile(chunk))
      await target.sync()
      return copied
    }, ownerOnly))

export const syncBeside = (path: string): Promise<void> => syncFolder(dirname(path))
