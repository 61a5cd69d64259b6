import { assert, it } from "@effect/vitest"
import * as Layered from "#src/lifecycle/Layered.ts"

/** The same pseudo-random walk every time. */
const walk = (steps: number) => {
  let seed = 7
  return Array.from({ length: steps }, () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return { key: seed % 90, isPut: seed % 7 > 2 }
  })
}

it("is a map, whatever is put and taken, and what was replaced stays", () => {
  const real = new Map<number, number>()
  let map: ReadonlyMap<number, number> = new Map()
  const before: Array<readonly [ReadonlyMap<number, number>, ReadonlyArray<readonly [number, number]>]> = []
  walk(3_000).forEach(({ isPut, key }, step) => {
    if (isPut) {
      real.set(key, step)
      map = Layered.put(map, key, step)
    } else {
      real.delete(key)
      map = Layered.without(map, key)
    }
    assert.strictEqual(map.size, real.size)
    assert.deepStrictEqual([...map], [...real])
    assert.deepStrictEqual([map.get(key), map.has(key)], [real.get(key), real.has(key)])
    if (step % 250 === 0) before.push([map, [...real]])
  })
  assert.deepStrictEqual([...map.values()], [...real.values()])
  assert.deepStrictEqual(Array.from(map.keys()), [...real.keys()])
  for (const [then, entries] of before) assert.deepStrictEqual([...then], entries)
})
