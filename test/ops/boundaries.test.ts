/** The import check reports what it must: each rule is broken once in a house of a few files. */
import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"
import { check } from "#ops/boundaries/Check.ts"

type Files = Readonly<Record<string, string>>

const none = { modulesMin: 0, importsMin: 0 }

const sound: Files = {
  "package.json": JSON.stringify({ imports: { "#schemas/*": "./schemas/*", "#src/*": "./src/*", "#actors/*": "./actors/*", "#test/*": "./test/*" } }),
  "schemas/Order.ts": `import { Schema } from "effect"\nexport const Order = Schema.String`,
  "config/Accounts.ts": `export const accounts = 1`,
  "src/ports/Journal.ts": `import type { Order } from "#schemas/Order.ts"\nexport type Row = typeof Order`,
  "src/gates/Session.ts": `export const session = 1`,
  "src/orders/Conform.ts": `import { session } from "../gates/Session.ts"\nexport const conform = session`,
  "src/venues/shared/Signing.ts": `export const sign = 1`,
  "src/venues/bybit/Bybit.ts": `import { sign } from "#src/venues/shared/Signing.ts"\nexport const bybit = sign`,
  "src/venues/paper/Paper.ts": `export const paper = 1`,
  "src/stores/Sqlite.ts": `export const sqlite = 1`,
  "src/simulation/venues/bybit/Fake.ts": `import { WebSocketServer } from "ws"\nexport const fake = WebSocketServer`,
  "src/layers/Live.ts": `import { bybit } from "#src/venues/bybit/Bybit.ts"\nexport const live = bybit`,
  "src/main.ts": `export const load = () => import("./layers/Live.ts")`,
  "actors/Contain.ts": `export const contain = 1`,
  "actors/account/Protocol.ts": `export const protocol = 1`,
  "actors/account/State.ts": `export const empty = 1`,
  "actors/account/Account.ts": `import { contain } from "../Contain.ts"\nimport { empty } from "./State.ts"\nexport const account = contain + empty`,
  "actors/dispatcher/Dispatcher.ts": `import { protocol } from "#actors/account/Protocol.ts"\nexport const dispatcher = protocol`,
  "ops/cli/main.ts": `import { Order } from "#schemas/Order.ts"\nexport const main = Order`,
  "test/gates/Session.test.ts": `import { session } from "#src/gates/Session.ts"\nexport const seen = session`
}

/** The sound house with these files put in, on disk until the test ends. */
const house = (changes: Files): string => {
  const root = mkdtempSync(join(tmpdir(), "interlock-boundaries-"))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries({ ...sound, ...changes })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const imports = (specifier: string) => `import { x } from "${specifier}"\nexport const y = x`

describe("boundaries", () => {
  it("a sound house has no problems, and its imports are seen", () => {
    const report = check(house({}), { modulesMin: 19, importsMin: 10 })
    assert.deepStrictEqual(report.problems, [])
    assert.strictEqual(report.modules, 19)
  })

  it.each([
    ["schemas import nothing of ours", "schemas/Bad.ts", imports("../config/Accounts.ts")],
    ["schemas import no package but effect", "schemas/Bad.ts", imports("node:crypto")],
    ["config does not reach src", "config/Bad.ts", imports("#src/gates/Session.ts")],
    ["ports do not reach the rules", "src/ports/Bad.ts", imports("#src/gates/Session.ts")],
    ["rules do not reach ports, types neither", "src/gates/Bad.ts", `import type { Row } from "#src/ports/Journal.ts"\nexport type X = Row`],
    ["rules do not reach ports in a type position", "src/gates/Bad.ts", `export type X = import("#src/ports/Journal.ts").Row`],
    ["rules do not re-export adapters", "src/gates/Bad.ts", `export { sqlite } from "#src/stores/Sqlite.ts"`],
    ["rules do not reach config", "src/sizing/Bad.ts", imports("../../config/Accounts.ts")],
    ["rules do no input or output", "src/gates/Bad.ts", imports("node:fs")],
    ["adapters do not reach actors", "src/stores/Bad.ts", imports("#actors/account/Protocol.ts")],
    ["one venue does not reach another", "src/venues/paper/Bad.ts", imports("#src/venues/bybit/Bybit.ts")],
    ["one kind of adapter does not reach another", "src/notify/Bad.ts", imports("#src/stores/Sqlite.ts")],
    ["an actor does not reach a sibling's inside", "actors/dispatcher/Bad.ts", imports("#actors/account/State.ts")],
    ["whoever watches reaches no rule", "src/observe/Bad.ts", imports("#src/gates/Session.ts")],
    ["whoever watches reaches no store", "src/observe/Bad.ts", imports("#src/stores/Sqlite.ts")],
    ["an edge does not know who watches", "src/admin/Bad.ts", imports("#src/observe/Good.ts")],
    ["an actor does not reach an adapter", "actors/account/Bad.ts", imports("#src/stores/Sqlite.ts")],
    ["what actors share does not reach a kind's inside", "actors/Bad.ts", imports("./account/State.ts")],
    ["an edge does not reach a venue", "src/ingress/Bad.ts", imports("#src/venues/bybit/Bybit.ts")],
    ["an edge does not reach an actor's inside", "src/admin/Bad.ts", imports("#actors/account/State.ts")],
    ["a fake knows nothing of ours", "src/simulation/venues/bybit/Bad.ts", imports("#schemas/Order.ts")],
    ["a fake does not know another", "src/simulation/venues/paper/Bad.ts", imports("../bybit/Fake.ts")],
    ["what fakes share does not know them", "src/simulation/venues/shared/Bad.ts", imports("../bybit/Fake.ts")],
    ["a fake imports no other package", "src/simulation/venues/bybit/Bad.ts", imports("@effect/platform-node/NodeSocket")],
    ["the oracle does not ask the fakes", "src/simulation/oracle/Bad.ts", imports("../venues/bybit/Fake.ts")],
    ["the composition does not reach tests", "src/layers/Bad.ts", imports("#test/gates/Session.test.ts")],
    ["a dynamic import counts", "src/gates/Bad.ts", `export const load = () => import("#src/stores/Sqlite.ts")`],
    ["a worker's file counts", "src/gates/Bad.ts", `export const at = new URL("../stores/Sqlite.ts", import.meta.url)`],
    ["a computed import is refused", "src/layers/Bad.ts", `export const load = (name: string) => import(name)`],
    ["the command line reaches schemas alone", "ops/cli/Bad.ts", imports("#src/gates/Session.ts")],
    ["one tool does not reach another", "ops/dashboard/Bad.tsx", imports("../cli/main.ts")],
    ["an import that leads nowhere is refused", "src/gates/Bad.ts", imports("#src/gates/Gone.ts")],
    ["a folder without a rule is refused", "src/misc/Bad.ts", `export const x = 1`],
    ["a file that cannot be read is refused", "src/gates/Bad.ts", `export const = `]
  ])("%s", (_, path, text) => {
    const { problems } = check(house({ [path]: text }), none)
    assert.lengthOf(problems, 1, problems.join("\n"))
    assert.isTrue(problems[0]?.startsWith(path), problems[0])
  })

  it("a circle is named, types included", () => {
    const { problems } = check(house({
      "src/gates/A.ts": `import type { B } from "./B.ts"\nexport type A = B`,
      "src/gates/B.ts": `import type { C } from "../risk/C.ts"\nexport type B = C`,
      "src/risk/C.ts": `import type { A } from "../gates/A.ts"\nexport type C = A`
    }), none)
    assert.deepStrictEqual(problems, [
      "src/gates/A.ts: imports itself in a circle: src/gates/A.ts > src/gates/B.ts > src/risk/C.ts > src/gates/A.ts"
    ])
  })

  it("a check that saw too little fails", () => {
    const { problems } = check(house({}), { modulesMin: 100, importsMin: 50 })
    assert.deepStrictEqual(problems, [
      "saw only 19 modules, expected at least 100",
      "saw only 10 imports among them, expected at least 50"
    ])
  })

  it("what git lists must have been seen", () => {
    const root = house({ "src/gates/dist/Hidden.ts": `export const x = 1` })
    assert.strictEqual(spawnSync("git", ["init", "--quiet"], { cwd: root }).status, 0)
    assert.deepStrictEqual(check(root, none).problems, ["src/gates/dist/Hidden.ts: listed by git, but not seen by this check"])
  })
})
