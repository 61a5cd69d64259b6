/** Before everything else of a process (`node --import`): modules are loaded with a bug in them. Which one says `PLANTED_BUG`; without it nothing changes. */
import { readFileSync } from "node:fs"
import { registerHooks } from "node:module"
import * as NodePath from "node:path"
import { pathToFileURL } from "node:url"
import { editsOf, plant } from "#test/simulation/planted/Bug.ts"
import { bugs } from "#test/simulation/planted/Bugs.ts"

const root = NodePath.resolve(import.meta.dirname, "../../..")

const name = process.env["PLANTED_BUG"]
const bug = bugs.find((one) => one.name === name)
if (name !== undefined && bug === undefined) throw new Error(`there is no planted bug ${name}`)

/** By the module's address: its text with the bug in it. */
const sources = new Map<string, string>()
for (const edit of bug === undefined ? [] : editsOf(bug)) {
  const path = NodePath.join(root, edit.file)
  const url = pathToFileURL(path).href
  sources.set(url, plant(sources.get(url) ?? readFileSync(path, "utf8"), edit))
}

const missing = new Set(sources.keys())
/** Whether all modules with the bug were loaded. */
export const isPlanted = (): boolean => missing.size === 0

registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context)
    const source = sources.get(url)
    if (source === undefined) return loaded
    missing.delete(url)
    return { ...loaded, source }
  }
})
