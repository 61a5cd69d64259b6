/** A folder of its own for a test, gone afterwards. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import * as NodePath from "node:path"
import { Effect } from "effect"

export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(NodePath.join(tmpdir(), "interlock-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

export const write = (root: string, files: Readonly<Record<string, string>>) =>
  Effect.sync(() => {
    for (const [file, text] of Object.entries(files)) {
      const path = NodePath.join(root, file)
      mkdirSync(NodePath.dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
  })
