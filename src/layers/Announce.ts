/** Tells the person at the terminal and the tools beside it where the house is: `data/runtime.json`, the ready line, a first alert to paste. */
import { writeFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Clock, Console, Effect, Layer, Stream } from "effect"
import { type House, HouseConfig } from "#config/House.ts"
import { Settings } from "#config/Settings.ts"
import * as Status from "#src/admin/Status.ts"
import { WebhookAddress } from "#src/ingress/Listener.ts"
import { OperatorAddress } from "#src/layers/Edges.ts"
import * as ServiceManager from "#src/layers/ServiceManager.ts"
import { type States, Supervision } from "#src/ports/Supervision.ts"

const quoted = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`

/** The same alert twice: for a POSIX shell, which reads the secret where it lies (it is never printed), and for any other. */
export const firstAlert = (house: House, webhookUrl: string, dataFolder: string): ReadonlyArray<string> => {
  for (const strategy of house.strategies.values()) {
    const lane = strategy.lanes.flatMap((id) => house.lanes.get(id) ?? []).find(({ enabled }) => enabled)
    const symbol = strategy.symbols[0]
    if (lane === undefined || symbol === undefined || !strategy.enabled) continue
    const secret = "$env" in lane.secret ? `"$${lane.secret.$env}"` : `"$(cat ${quoted(join(dataFolder, lane.secret.$file))})"`
    const body = JSON.stringify({ strategy: strategy.id, action: "buy", symbol })
    return [
      `curl -sS ${webhookUrl}/webhook/${lane.id} -H 'content-type: application/json' -d '${body.slice(0, -1)},"secret":"'${secret}'"}' -w '\\n'`,
      `or: npx interlock send buy ${symbol} --strategy ${strategy.id}`
    ]
  }
  return []
}

/** The first line on standard output: `ready` as soon as alerts are durable, `rescue` where they cannot be. */
export const addresses = (word: "ready" | "rescue") => Layer.effectDiscard(Effect.gen(function*() {
  const { dataFolder } = yield* Settings
  const { url: webhookUrl } = yield* WebhookAddress
  const { url: operatorUrl } = yield* OperatorAddress
  const runtimeFile = join(dataFolder, "runtime.json")
  const startedAtMs = yield* Clock.currentTimeMillis

  yield* Effect.acquireRelease(
    Effect.sync(() => writeFileSync(runtimeFile, `${JSON.stringify({ pid: process.pid, webhookUrl, operatorUrl, startedAtMs })}\n`)),
    () => Effect.sync(() => rmSync(runtimeFile, { force: true }))
  )
  yield* Console.log(`${word} webhook=${webhookUrl} operator=${operatorUrl}`)
  yield* ServiceManager.attend(webhookUrl, process.env)
}))

export const pasteable = Layer.effectDiscard(Effect.gen(function*() {
  const { dataFolder } = yield* Settings
  const { url: webhookUrl } = yield* WebhookAddress
  const house = yield* (yield* HouseConfig).current
  for (const line of firstAlert(house, webhookUrl, dataFolder)) yield* Console.log(line)
}))

/** Account states, as they come. */
export const states = Layer.effectDiscard(Effect.gen(function*() {
  const supervision = yield* Supervision
  const config = yield* HouseConfig
  const said = new Map<string, string>()
  const say = (house: House, now: States) =>
    Effect.forEach(now.accounts.keys(), (id) => {
      const state = Status.accountState(house, now, id)
      if (said.get(id) === state) return Effect.void
      said.set(id, state)
      return Console.log(`account ${id} ${state}${Status.isSimulated(house, id) ? " (SIMULATED)" : ""}`)
    }, { discard: true })
  yield* Effect.forkScoped(Stream.runForEach(supervision.changes, (now) => Effect.flatMap(config.current, (house) => say(house, now))))
}))
