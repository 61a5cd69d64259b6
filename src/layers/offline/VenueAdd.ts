/** `venue add tradovate`: asks, tries without an order, shows what it would write, writes. */
import { parseArgs } from "node:util"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect, Layer } from "effect"
import { Settings } from "#config/Settings.ts"
import * as Offline from "#src/layers/offline/Offline.ts"
import * as Add from "#src/layers/offline/venue/Add.ts"
import * as Given from "#src/layers/offline/venue/Given.ts"
import * as Transports from "#src/layers/Transports.ts"

const usage = "venue add tradovate [--login <id>] [--url demo|live|<address>] [--market-data] [--name <user>] [--password-env <variable>] [--cid <n>] [--sec-env <variable>] " +
  "[--app-id <id>] [--app-version <v>] [--device-id <id>] [--accounts A,B] [--lanes a,b] [--symbol MES1!] [--stdin] [--yes] [--json]"

const words = { type: "string" } as const
const flag = { type: "boolean", default: false } as const
const options = {
  login: words, url: words, "market-data": { type: "boolean" }, name: words, "password-env": words, cid: words, "sec-env": words, "app-id": words,
  "app-version": words, "device-id": words, accounts: words, lanes: words, symbol: words, stdin: flag, yes: flag, json: flag
} as const

const valuesOf = (args: ReadonlyArray<string>) => parseArgs({ args: [...args], options }).values
type Values = ReturnType<typeof valuesOf>

const listOf = (text: string): ReadonlyArray<string> => text.split(",").map((part) => part.trim()).filter((part) => part !== "")

const present = <K extends string, A>(key: K, value: A | undefined): { readonly [key in K]?: A } => {
  const one: { [key in K]?: A } = {}
  if (value !== undefined) one[key] = value
  return one
}

const ofFlags = (values: Values): Given.Given => ({
  ...present("login", values.login),
  ...present("url", values.url),
  ...present("marketData", values["market-data"]),
  ...present("name", values.name),
  ...present("passwordEnv", values["password-env"]),
  ...present("cid", values.cid === undefined ? undefined : Number(values.cid)),
  ...present("secEnv", values["sec-env"]),
  ...present("appId", values["app-id"]),
  ...present("appVersion", values["app-version"]),
  ...present("deviceId", values["device-id"]),
  ...present("accounts", values.accounts === undefined ? undefined : listOf(values.accounts)),
  ...present("lanes", values.lanes === undefined ? undefined : listOf(values.lanes)),
  ...present("symbol", values.symbol)
})

const add = (values: Values) =>
  Effect.gen(function*() {
    const { json: isJson, stdin: isFromStdin, yes: isSure } = values
    const given = { ...(isFromStdin ? yield* Given.fromStdin : {}), ...ofFlags(values) }
    const say = (text: string) => isJson ? Effect.void : Console.log(text)
    const added = yield* Add.run({ given, isSure, isSilent: isFromStdin || isJson || !Given.isAtTerminal(), say })
    if (isJson) yield* Console.log(JSON.stringify({ ok: true, ...added }))
    return Offline.exitCodes.done
  }).pipe(
    Effect.catchTag("DryRunFailed", ({ step }) => Effect.as(
      values.json ? Console.log(JSON.stringify({ ok: false, findings: [step] })) : Console.log("nothing was written"), Offline.exitCodes.failed
    )),
    Effect.catchTag("BadAnswer", ({ message }) => Effect.as(
      Console.error(values.json ? JSON.stringify({ error: "usage", message }) : `interlock: ${message}`), Offline.exitCodes.usage
    )),
    Effect.catchTag("QuitError", () => Effect.as(Console.log("\nnothing was written"), Offline.exitCodes.failed)),
    Effect.onInterrupt(() => Console.log("\nnothing was written")),
    Effect.provide([Transports.layer, Layer.merge(Settings.layer, NodeServices.layer)])
  )

/** Undefined: wrong usage. */
const parse = ([, venue, ...rest]: ReadonlyArray<string>): Values | undefined => {
  try {
    const values = venue === "tradovate" ? valuesOf(rest) : undefined
    return values?.cid === undefined || /^\d{1,15}$/.test(values.cid) ? values : undefined
  } catch {
    return undefined
  }
}

export const run = (args: ReadonlyArray<string>): void => {
  const values = parse(args)
  if (values === undefined) return Offline.usage(usage, args.includes("--json"))
  Offline.run(add(values), values.json)
}
