import { assert, it } from "@effect/vitest"
import * as Route from "#src/ingress/Route.ts"

const shown = (method: string, url: string): string => {
  const route = Route.of(method, url)
  return route._tag === "Alert" ? `${route.lane} ${route.token ?? "-"}` : route._tag
}

const cases: ReadonlyArray<readonly [method: string, url: string, goes: string]> = [
  ["POST", "/webhook/futures", "futures -"],
  ["POST", "/webhook/futures?x=1/2", "futures -"],
  ["POST", "/webhook/fut%75res/s%2Fecret", "futures s/ecret"],
  ["POST", "/webhook/futures/", "Nothing"],
  ["POST", "/webhook//secret", "Nothing"],
  ["POST", "/webhook/", "Nothing"],
  ["POST", "/webhook", "Nothing"],
  ["POST", "//webhook/futures", "Nothing"],
  ["POST", "/webhook/futures/secret/more", "Nothing"],
  ["POST", "/webhook/%ff", "Nothing"],
  ["POST", `/webhook/futures/${"x".repeat(512)}`, `futures ${"x".repeat(512)}`],
  ["POST", `/webhook/futures/${"x".repeat(513)}`, "Nothing"],
  ["POST", "http://127.0.0.1/webhook/futures", "Nothing"],
  ["GET", "/webhook/futures", "Nothing"],
  ["GET", "/healthz", "Health"],
  ["HEAD", "/healthz?now", "Health"],
  ["POST", "/healthz", "Nothing"],
  ["GET", "", "Nothing"]
]

it.each(cases)("%s %s", (method, url, goes) => {
  assert.strictEqual(shown(method, url), goes)
})
