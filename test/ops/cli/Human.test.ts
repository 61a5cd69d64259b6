import { assert, describe, it } from "@effect/vitest"
import { AccountId, AlertId, LaneId } from "#schemas/Ids.ts"
import type { StatusView } from "#schemas/contracts/Views.ts"
import * as Human from "#ops/cli/Human.ts"

const running: StatusView = {
  version: "0.1.0", mode: "paper", state: "running", isSimulated: true, ingress: { paused: false, killed: false }, switches: [],
  journal: { seq: 3, durable: true, lowDisk: false }, sessions: [], accounts: [], refusedDeliveries: {}
}
const ingress = (view: Partial<StatusView>) => Human.status({ ...running, ...view }).split("\n")[1]

describe("for people", () => {
  it("the ingress is open, held, or closed", () => {
    assert.strictEqual(ingress({}), "ingress   open")
    assert.strictEqual(ingress({ ingress: { paused: true, killed: false } }), "ingress   PAUSED, no new entries")
    assert.strictEqual(ingress({ state: "rescue", ingress: { paused: true, killed: false } }), "ingress   closed: rescue mode")
  })

  it("above a list it says that the journal has not got what happened since", () => {
    assert.strictEqual(Human.stale(running), "")
    assert.match(Human.stale({ ...running, journal: { seq: 3, durable: false, lowDisk: true } }), /^NOT WRITABLE: .* row 3; .*\n$/)
  })

  it("the story of a command has no body", () => {
    const alert = { alertId: AlertId.make("operator-1"), seq: 1, receivedAtMs: 0, lane: LaneId.make("manual"), strategy: null, symbol: null, action: null, status: "accepted", notes: [], outcomes: [] } as const
    assert.deepStrictEqual(Human.story({ alert, body: "", lines: [] }).split("\n"), ["command operator-1  accepted  1970-01-01T00:00:00.000Z", "", "SINCE ARRIVAL      STEP"])
    assert.match(Human.story({ alert: { ...alert, alertId: AlertId.make("a1") }, body: "{}", lines: [] }), /^alert a1 .*\nbody \{\}\n/)
  })

  it("a receipt says what is simulated", () => {
    const text = Human.receipts([
      { accountId: AccountId.make("paper-1"), isSimulated: true, state: "flat", steps: [] },
      { accountId: AccountId.make("real-1"), isSimulated: false, state: "unknown", steps: [], reason: "its login is not connected" }
    ])
    assert.deepStrictEqual(text.split("\n").map((line) => line.trim().split(/ {2,}/)), [
      ["ACCOUNT", "STATE", "REASON"], ["paper-1", "flat", "SIMULATED", "-"], ["real-1", "UNKNOWN", "its login is not connected"]
    ])
    assert.strictEqual(Human.step({ accountId: "paper-1", atMs: 0, text: "closes 1 lot of MESZ26" }), "1970-01-01T00:00:00.000Z  paper-1  closes 1 lot of MESZ26")
  })
})
