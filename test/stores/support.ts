/** What the tests of the stores share: folders that go away, small events, children that are killed. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { AlertId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import * as JournalCodec from "#src/stores/JournalCodec.ts"
import type * as JournalFile from "#src/stores/JournalFile.ts"

export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "interlock-test-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** The smallest event that names an alert. */
export const refunded = (id: string) => JournalEvent.cases.FireRefunded.make({ alertId: AlertId.make(id) })

export const refundedMany = (count: number) => Array.from({ length: count }, (_, n) => refunded(`many-${n}`))

const exited = (child: ChildProcess) =>
  Effect.callback<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) resume(Effect.void)
    else child.once("exit", () => resume(Effect.void))
  })

const launch = (script: string, args: ReadonlyArray<string>) =>
  spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...args], { stdio: ["ignore", "pipe", "inherit"] })

/** Does the work while a script of this folder runs, from its first output on; then kills it. */
export const whileRunning = <A, E, R>(script: string, args: ReadonlyArray<string>, work: Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.callback<ReturnType<typeof launch>>((resume) => {
      const child = launch(script, args)
      child.stdout.once("data", () => resume(Effect.succeed(child)))
    }),
    () => work,
    (child) => Effect.andThen(Effect.sync(() => child.kill("SIGKILL")), exited(child))
  )

/** Runs a script of this folder until it ends, at the latest until its output has so many lines, then kills it. */
export const untilEnd = (script: string, args: ReadonlyArray<string>, lines: number) =>
  Effect.gen(function*() {
    const said: Array<string> = []
    const child = launch(script, args)
    const output = createInterface({ input: child.stdout })
    output.on("line", (line) => {
      said.push(line)
      if (said.length >= lines) child.kill("SIGKILL")
    })
    const closed = Effect.callback<void>((resume) => { output.once("close", () => resume(Effect.void)) })
    yield* Effect.all([exited(child), closed], { concurrency: 2 })
    return { said, code: child.exitCode }
  })

/** All whole lines it ever wrote. */
export const killedAfter = (script: string, args: ReadonlyArray<string>, lines: number) => Effect.map(untilEnd(script, args, lines), ({ said }) => said)

/** Rows for `JournalFile.write`, one after the other from the file's end, in one stream. */
export const placed = (file: JournalFile.JournalFile, stream: string, events: ReadonlyArray<JournalEvent>, atMs = 0): ReadonlyArray<JournalFile.Placed> => {
  const [seq, version] = [file.lastSeq(), file.headOf(stream)]
  return events.map((event, n) => ({ ...JournalCodec.encode(event), seq: seq + n + 1, version: version + n + 1, stream, atMs, key: undefined }))
}
