/**
 * Notes in a file that never grows: written in place where a full disk has no say.
 * Layout: notes, each u32 length, u32 crc32, UTF-8 text; a length of zero ends them.
 */
import { type FileHandle, mkdir, open } from "node:fs/promises"
import { dirname } from "node:path"
import { crc32 } from "node:zlib"
import { Effect, Layer, Option } from "effect"
import { EmergencyNotes } from "#src/ports/EmergencyNotes.ts"

const fileBytes = 65_536
const prefixBytes = 8
/** A disk that takes longer is not waited for; what it was given stays in line, as far as this. */
const waitMax = "500 millis"
const lineMax = 64

interface Found {
  readonly texts: ReadonlyArray<string>
  /** Where the next note goes. */
  readonly end: number
}

const scan = (bytes: Buffer): Found => {
  const texts: Array<string> = []
  let at = 0
  while (at + prefixBytes <= fileBytes) {
    const length = bytes.readUInt32LE(at)
    const text = bytes.subarray(at + prefixBytes, at + prefixBytes + length)
    if (length === 0 || text.length !== length || crc32(text) !== bytes.readUInt32LE(at + 4)) break
    texts.push(text.toString("utf8"))
    at += prefixBytes + length
  }
  return { texts, end: at }
}

/** One note and the zero that ends the notes, so that older ones behind it do not come back. */
const framed = (text: string): Buffer => {
  const body = Buffer.from(text, "utf8")
  const frame = Buffer.alloc(prefixBytes + body.length + prefixBytes)
  frame.writeUInt32LE(body.length, 0)
  frame.writeUInt32LE(crc32(body), 4)
  body.copy(frame, prefixBytes)
  return frame
}

const writeAt = async (file: FileHandle, bytes: Buffer, at: number): Promise<void> => {
  const { bytesWritten } = await file.write(bytes, 0, bytes.length, at)
  if (bytesWritten !== bytes.length) throw new Error("short write")
  await file.datasync()
}

/** Opens the file and makes it whole; what lies behind the last good note is wiped. */
const prepare = async (path: string): Promise<{ readonly file: FileHandle; readonly found: Found }> => {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(path, "r+").catch(() => open(path, "wx+"))
  try {
    const bytes = Buffer.alloc(fileBytes)
    await file.read(bytes, 0, fileBytes, 0)
    const found = scan(bytes)
    await writeAt(file, bytes.fill(0, found.end), 0)
    await file.sync()
    return { file, found }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Writes follow each other, also when nobody waits any more: a note is placed only after the one before it is on disk. */
const lineUp = () => {
  let last: Promise<boolean> = Promise.resolve(true)
  let length = 0
  return (write: () => Promise<boolean>): Effect.Effect<boolean> =>
    Effect.suspend(() => {
      if (length >= lineMax) return Effect.succeed(false)
      length += 1
      last = last.then(write).catch(() => false).finally(() => { length -= 1 })
      const mine = last
      return Effect.map(Effect.timeoutOption(Effect.promise(() => mine), waitMax), Option.getOrElse(() => false))
    })
}

const nowhere = EmergencyNotes.of({ note: () => Effect.succeed(false), read: Effect.succeed([]), clear: Effect.succeed(false) })

const make = Effect.fnUntraced(function*(path: string) {
  const opened = yield* Effect.acquireRelease(
    Effect.option(Effect.tapError(
      Effect.tryPromise(() => prepare(path)),
      (error) => Effect.logWarning("no room for emergency notes", error.cause)
    )),
    (held) => Effect.promise(async () => Option.getOrUndefined(held)?.file.close())
  )
  if (Option.isNone(opened)) return nowhere

  const { file, found } = opened.value
  const inLine = lineUp()
  let { end, texts } = found

  const note = (text: string) =>
    inLine(async () => {
      const frame = framed(text)
      if (text === "" || end + frame.length > fileBytes) return false
      await writeAt(file, frame, end)
      end += frame.length - prefixBytes
      return true
    })

  const clear = inLine(async () => {
    await writeAt(file, Buffer.alloc(prefixBytes), 0)
    end = 0
    texts = []
    return true
  })

  return EmergencyNotes.of({ note, read: Effect.sync(() => texts), clear })
})

/** Never fails: without the file every note is answered `false`. */
export const layer = (path: string) => Layer.effect(EmergencyNotes, make(path))
