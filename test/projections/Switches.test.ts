import { assert, it } from "@effect/vitest"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import { AccountId } from "#schemas/Ids.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import * as Switches from "#src/projections/Switches.ts"
import { house } from "#test/support/house.ts"
import { sequence } from "./rows.ts"

const set = (kind: Switches.Kind, scope: RiskScope, on = true): JournalEvent => ({ _tag: "SwitchSet", kind, scope, on, who: "cli:ann", why: "test" })
const after = (...events: ReadonlyArray<JournalEvent>) => sequence()("operator", ...events).reduce(Switches.evolve, Switches.empty)
const named = (state: Switches.State) => Switches.views(state).map(({ durable, kind, scope }) => `${kind} ${scope}${durable ? "" : " (not on disk)"}`)

it("shows what holds, kills first; what no journal has says so and counts all the same", () => {
  const state = after(set("pause", "lane/futures"), set("kill", "account/paper-1"), set("pause", "all"), set("pause", "all", false))
  assert.deepStrictEqual(named(state), ["kill account/paper-1", "pause lane/futures"])
  const latched = Switches.withLatched(state, [{ kind: "kill", scope: "all" }, { kind: "kill", scope: "account/paper-1" }])
  assert.deepStrictEqual(named(latched), ["kill all (not on disk)", "kill account/paper-1", "pause lane/futures"])
  assert.deepStrictEqual(Switches.ingress(latched), { paused: false, killed: true })
})

it("shows no more than there is room for, kills least of all left out", () => {
  const pauses = Array.from({ length: Switches.shownMax }, (_, n) => set("pause", `script/s${n}`))
  const shown = named(after(set("kill", "all"), ...pauses))
  assert.deepStrictEqual([shown.length, shown[0]], [Switches.shownMax, "kill all"])
})

it("names what keeps an account from new risk", () => {
  const account = house().accounts.get(AccountId.make("paper-2")) // futures only
  if (account === undefined) return assert.fail("no account")
  const stopping = (...scopes: ReadonlyArray<RiskScope>) => Switches.stopping(after(...scopes.map((scope) => set("kill", scope))), account, "paper")
  assert.deepStrictEqual(stopping("account/paper-1", "login/other", "asset/crypto", "asset/futures/live", "lane/futures"), [])
  for (const scope of ["all", "account/paper-2", "login/paper-demo", "asset/futures", "asset/futures/paper"] as const) assert.deepStrictEqual(stopping(scope), [`kill ${scope}`])
})
