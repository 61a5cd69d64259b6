/** `promote`: an account that was added switched off is switched on in its file, after showing what will trade on it. `--back` switches it off again. */
import { parseArgs } from "node:util"
import * as NodePath from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Clock, Console, Data, Effect, Layer, Result } from "effect"
import * as Edit from "#config/Edit.ts"
import type { House } from "#config/House.ts"
import * as Load from "#config/Load.ts"
import { nearest } from "#config/Nearest.ts"
import { Settings } from "#config/Settings.ts"
import * as Offline from "#src/layers/offline/Offline.ts"
import * as Given from "#src/layers/offline/venue/Given.ts"
import * as Place from "#src/layers/offline/venue/Place.ts"
import * as Record from "#src/layers/offline/venue/Record.ts"
import * as Trades from "#src/layers/offline/venue/Trades.ts"

/** Nothing was changed. */
class PromoteRefused extends Data.TaggedError("PromoteRefused")<{ readonly message: string }> {}

const refused = (message: string) => Effect.fail(new PromoteRefused({ message }))

const subject = Effect.fnUntraced(function*({ accounts, logins }: House, id: string) {
  const account = [...accounts.values()].find((one) => one.id === id)
  if (account === undefined) {
    const meant = nearest(id, [...accounts.keys()])
    return yield* refused(`no account ${id} in accounts.json${meant === undefined ? "" : `; did you mean ${meant}?`}`)
  }
  const login = logins.get(account.login)
  return login === undefined ? yield* refused(`account ${id} names no login`) : { account, login }
})

/** The file alone; what runs is told by a reload. */
const put = Effect.fnUntraced(function*(place: Place.Place, id: string, enabled: boolean) {
  const accounts = Edit.changed(Place.textOf(place, "accounts"), "accounts", id, "enabled", enabled)
  if (Result.isFailure(accounts)) return yield* refused(`accounts.json cannot be changed: ${accounts.failure}`)
  const changed = { accounts: accounts.success }
  yield* Effect.fromResult(Load.fromTexts(Place.textsWith(place, changed)))
  yield* Place.write(place, changed, [])
})

interface Asked {
  readonly id: string
  readonly isSure: boolean
  readonly isBack: boolean
  readonly say: (text: string) => Effect.Effect<void>
}

const promote = Effect.fnUntraced(function*({ id, isBack, isSure, say }: Asked) {
  const place = yield* Place.find
  const house = yield* Effect.fromResult(Load.fromTexts(place.texts))
  const { account, login } = yield* subject(house, id)
  const file = NodePath.join(place.target, "accounts.json")
  if (isBack) {
    yield* put(place, id, false)
    yield* say(`${file}: account ${id} is disabled again`)
    return Offline.exitCodes.done
  }
  if (account.enabled) {
    yield* say(`account ${id} is enabled in ${file} already`)
    return Offline.exitCodes.done
  }
  const against = Record.against(Record.all(place.dataFolder)[login.id], account, login)
  if (against !== undefined) return yield* refused(against)
  yield* say([...Trades.lines(house, account, login, yield* Clock.currentTimeMillis), ""].join("\n"))
  if (!isSure && !Given.isAtTerminal()) return yield* refused(`nobody to ask: \`interlock promote ${id} --yes\` enables it`)
  if (!isSure && !(yield* Given.confirm(`Enable ${id}?`))) return yield* refused("not enabled: nothing was changed")
  yield* put(place, id, true)
  yield* say(`${file}: account ${id} is enabled`)
  return Offline.exitCodes.done
})

const usage = "promote <account> [--yes] [--json]"
const flag = { type: "boolean", default: false } as const

const parse = (args: ReadonlyArray<string>) => {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: { yes: flag, back: flag, json: flag } })
  } catch {
    return undefined
  }
}

export const run = (args: ReadonlyArray<string>): void => {
  const found = parse(args)
  const [id, ...more] = found?.positionals ?? []
  if (found === undefined || id === undefined || more.length > 0) return Offline.usage(usage, args.includes("--json"))
  const { back: isBack, json: isJson, yes: isSure } = found.values
  Offline.run(promote({ id, isBack, isSure, say: (text) => isJson ? Effect.void : Console.log(text) }).pipe(
    Effect.catchTag("QuitError", () => Effect.as(Console.log("\nnot enabled: nothing was changed"), Offline.exitCodes.failed)),
    Effect.provide(Layer.merge(Settings.layer, NodeServices.layer))
  ), isJson)
}
