/** What an operator asks is answered from memory: `Accounts` over a kept connection, one after the other. */
import * as Alert from "../Alert.ts"
import * as Child from "../Child.ts"
import * as Config from "../Config.ts"
import { add, type Figure, figure, type Rounds } from "../Figures.ts"
import * as House from "../House.ts"
import type { Options } from "../Options.ts"

const accounts = 20
const warmSeconds = 0.5

export const request = (house: House.House, tag: string, payload: unknown = null): string =>
  Alert.post("/rpc", `${JSON.stringify({ _tag: "Request", id: "1", tag, payload, headers: [] })}\n`, `authorization: Bearer ${house.token}\r\n`)

export const run = async ({ rounds: count, seconds }: Options): Promise<ReadonlyArray<Figure>> => {
  const folder = Config.make({ accounts, instruments: 10 })
  const rounds: Rounds = new Map()
  const house = await House.start(folder)
  try {
    await House.open(house, accounts)
    for (let n = 0; n < count; n += 1) {
      const result = await Child.load({
        port: Number(new URL(house.operatorUrl).port), connections: 1, requests: [request(house, "Accounts")],
        firstNumber: 0, warmSeconds, stamps: false, pace: { kind: "closed", seconds: Math.max(1, seconds / 2) }
      })
      if (result.statuses["200"] !== result.answered || result.answered === 0) throw new Error(`Accounts: ${JSON.stringify(result)}`)
      add(rounds, "rpc.accounts.p50", result.p50Ms)
      add(rounds, "rpc.accounts.p99", result.p99Ms)
    }
  } finally {
    await house.stop()
    folder.remove()
  }
  const what = `\`accounts\` over RPC, ${accounts} accounts`
  return [
    figure(rounds, { name: "rpc.accounts.p50", what: `${what}, p50`, unit: "ms", atMost: 1 }),
    figure(rounds, { name: "rpc.accounts.p99", what: `${what}, p99`, unit: "ms" })
  ]
}
