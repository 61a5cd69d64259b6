/** I17: no secret in any row. */
import type { Encoded } from "./Shapes.ts"
import type { World } from "./World.ts"

export const judge = (world: World, secrets: ReadonlyArray<string>, row: Encoded): void => {
  if (secrets.length === 0) return
  const text = JSON.stringify(row)
  if (!secrets.some((secret) => text.includes(secret))) return
  world.report({
    invariant: "I17", atMs: row.atMs, seq: row.seq, message: `a secret stands in the journal (${row.stream}, ${row.event._tag})`,
    expected: "masked", got: "in clear"
  })
}
