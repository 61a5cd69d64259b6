/** Scenarios of a simulation: read, or refused line by line; never a crash, no line without bounds. */
import { readdirSync, readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { Effect, Result, Schema } from "effect"
import * as Jsonc from "#config/Jsonc.ts"
import * as Scenario from "#src/simulation/Scenario.ts"
import * as Bytes from "../engine/Bytes.ts"
import type { Chance } from "../engine/Chance.ts"
import * as Samples from "../engine/Samples.ts"
import { attempt, fine, inputOf, type Seen, type Target, wrong } from "../engine/Target.ts"
import * as Tree from "../engine/Tree.ts"

const lineMax = 2_000
const samplesCount = 60
const utf8 = new TextDecoder()

const folder = NodePath.resolve(import.meta.dirname, "../../simulation/scenarios")
const written = readdirSync(folder).filter((name) => name.endsWith(".json")).toSorted().map((name) => readFileSync(NodePath.join(folder, name), "utf8"))

const judge = (text: string): Seen => {
  const read = Scenario.fromText("scenario.json", text)
  if (Result.isSuccess(read)) return fine("read")
  const { lines } = read.failure
  if (lines.length === 0) return wrong("refused", "no line says why")
  const long = lines.find((line) => line.length > lineMax)
  return long === undefined ? fine("refused") : wrong("refused", `a line of ${long.length} characters: ${long.slice(0, 100)}`)
}

const textOf = (chance: Chance, sampled: ReadonlyArray<unknown>): Uint8Array => {
  const text = chance.pick(written)
  if (chance.hits(0.1)) return Bytes.encode(text)
  if (chance.hits(0.3)) return Bytes.mutate(chance, Bytes.encode(text), Bytes.encode(chance.pick(written)))
  const tree = Tree.of(chance.hits(0.3) ? chance.pick(sampled) : Result.getOrElse(Jsonc.parse(text), () => ({})))
  return Bytes.encode(Tree.print(Tree.brokenOften(chance, tree, chance.between(0, 3))))
}

export const target: Target = {
  name: "scenario",
  share: 3,
  width: 1,
  open: (seed) => Effect.map(Samples.encoded(Schema.toCodecJson(Scenario.Scenario), seed, samplesCount), (sampled) => ({
    make: (chance) => inputOf(textOf(chance, sampled)),
    judge: ({ body }) => attempt(() => judge(utf8.decode(body)))
  }))
}
