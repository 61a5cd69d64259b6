/** Configuration texts: never thrown out, and what is wrong is said in a bounded number of bounded lines without a secret. */
import { readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { Effect, Result, Schema } from "effect"
import { ConfigInvalid, lineOf, problemsMax } from "#config/ConfigInvalid.ts"
import { fileOf, files, names, type FileName } from "#config/Files.ts"
import * as Jsonc from "#config/Jsonc.ts"
import * as Load from "#config/Load.ts"
import * as Bytes from "../engine/Bytes.ts"
import type { Chance } from "../engine/Chance.ts"
import * as Samples from "../engine/Samples.ts"
import { attempt, fine, inputOf, type Seen, type Target, wrong } from "../engine/Target.ts"
import * as Tree from "../engine/Tree.ts"

/** Stands where somebody wrote a secret instead of naming it. */
const canary = "canary-f00d-5ecre7"
const lineMax = 2_000
const samplesEach = 60

const folder = NodePath.resolve(import.meta.dirname, "../../../config/default")
const defaults: Readonly<Record<string, string>> = Object.fromEntries(names.map((name) => [fileOf(name), readFileSync(NodePath.join(folder, fileOf(name)), "utf8")]))

const leaky = (text: string): string => text.replace(/"secret":\s*\{[^}]*\}/, `"secret": "${canary}"`)

/** It stands where a secret belongs, and nowhere else. */
const isHidden = (text: string): boolean => text.split(canary).length === 2 && new RegExp(`"secret"\\s*:\\s*"${canary}`).test(text)

const utf8 = new TextDecoder()

const judge = (file: string, text: string): Seen => {
  const read = Load.fromTexts({ ...defaults, [file]: text })
  if (Result.isSuccess(read)) return /^[0-9a-f]{64}$/.test(read.success.hash) ? fine("valid") : wrong("valid", "no hash")
  const { failure } = read
  if (!(failure instanceof ConfigInvalid) || failure.all.length === 0) return wrong("invalid", "no problem is named")
  if (failure.problems.length > problemsMax) return wrong("invalid", "more problems than it may name")
  const long = failure.problems.map(lineOf).find((line) => line.length > lineMax)
  if (long !== undefined) return wrong("invalid", `a line of ${long.length} characters: ${long.slice(0, 100)}`)
  if (failure.problems.some(({ file: named }) => named === "")) return wrong("invalid", "a problem of no file")
  return isHidden(text) && failure.message.includes(canary) ? wrong("invalid", "a secret is shown") : fine("invalid")
}

const textOf = (chance: Chance, name: FileName, sampled: ReadonlyArray<unknown>): Uint8Array => {
  const text = defaults[fileOf(name)] ?? "{}"
  const chosen = chance.hits(0.3) ? leaky(text) : text
  const tree = () => Tree.of(Result.getOrElse(Jsonc.parse(chosen), () => ({})))
  switch (chance.below(10)) {
    case 0:
      return chance.hits(0.2) ? Bytes.junk(chance) : Bytes.encode(chosen)
    case 1:
    case 2:
      return Bytes.encode(Tree.print(Tree.brokenOften(chance, Tree.of(chance.pick(sampled)), chance.below(3))))
    case 3:
    case 4:
    case 5:
      return Bytes.mutate(chance, Bytes.encode(chosen), Bytes.encode(defaults[fileOf(chance.pick(names))] ?? ""))
    default:
      return Bytes.encode(Tree.print(Tree.brokenOften(chance, tree(), chance.between(1, 3))))
  }
}

export const target: Target = {
  name: "config",
  share: 8,
  width: 1,
  open: Effect.fnUntraced(function*(seed) {
    const sampled = new Map<FileName, ReadonlyArray<unknown>>()
    for (const name of names) {
      const schema: Schema.Codec<object, unknown> = files[name]
      sampled.set(name, yield* Samples.encoded(Schema.toCodecJson(schema), `${seed}/${name}`, samplesEach))
    }
    return {
      make: (chance) => {
        const name = chance.pick(names)
        return inputOf(textOf(chance, name, sampled.get(name) ?? [{}]), { file: fileOf(name) })
      },
      judge: ({ around, body }) => attempt(() => judge(around["file"] ?? "", utf8.decode(body)))
    }
  })
}
