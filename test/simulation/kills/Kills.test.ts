/** A small share of the real kills: the long run is `node test/simulation/kills/main.ts`. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Chain from "./Chain.ts"
import * as Report from "./Report.ts"

describe.concurrent("killed with orders under way", () => {
  for (const style of ["native", "plain"] as const) {
    it.live(`at a venue in style ${style}: nothing is lost, doubled, unlogged, unknown or naked`, () => Effect.gen(function*() {
      const options = { seed: style === "native" ? 7 : 8, kills: 3, style, perSecond: 120 }
      const result = yield* Chain.run(options)
      assert.isTrue(Report.isGood(result), `${Report.againOf(options)}\n${result.told.join("\n")}`)
      assert.isAbove(result.acknowledged, 20)
      assert.isAtLeast(result.entries, 0.3 * result.asked, "a good share becomes orders")
    }), 240_000)
  }
})
