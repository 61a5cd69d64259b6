/** What only the running house can say for `doctor`: its journal, and each login, asked without an order. */
import { Clock, Effect } from "effect"
import * as BrokerSession from "#actors/broker-session/Protocol.ts"
import { type House, HouseConfig } from "#config/House.ts"
import { Secrets } from "#config/Secrets.ts"
import { isSimulated, type LoginConfig } from "#schemas/config/LoginConfig.ts"
import type { Finding } from "#schemas/contracts/Commands.ts"
import { Journal } from "#src/ports/Journal.ts"
import { type States, Supervision } from "#src/ports/Supervision.ts"
import * as Status from "../Status.ts"

/** Longest wait for one login; all of them are asked at the same time. */
const lookWithin = "12 seconds"

const journalFinding = ({ durable, lowDisk, seq }: { readonly seq: number; readonly durable: boolean; readonly lowDisk: boolean }): Finding => {
  const check = "journal"
  if (!durable) return { check, state: "failed", text: `at row ${seq}, and it cannot be written: alerts are answered 503`, remedy: "free space on the disk of the data folder" }
  return lowDisk
    ? { check, state: "failed", text: `at row ${seq}; less than 1 GB is free, so no entry leaves`, remedy: "free space on the disk of the data folder" }
    : { check, state: "ok", text: `at row ${seq}, every row on disk before it counts` }
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`

/** One of its accounts is enough: it is the sign-in that is tried. */
const accountOf = (house: House, login: LoginConfig) =>
  [...house.accounts.values()].find((account) => account.login === login.id && account.enabled)

const seen = (login: LoginConfig, state: string, accountId: string, look: BrokerSession.Look): Finding => {
  const check = `login ${login.id}`
  const simulated = isSimulated(login.venue) ? " (SIMULATED)" : ""
  if (look._tag === "Seen") {
    return { check, state: "ok", text: `${state}; its venue answers for ${accountId}${simulated}: ${plural(look.positions.length, "position")}, ${plural(look.orders.length, "working order")}; nothing was ordered` }
  }
  return {
    check,
    state: "failed",
    text: `${state}; its venue was asked for ${accountId}${simulated} and gave no answer: ${look.reason}`,
    remedy: `see the log for the first refusal; check its credentials and the network, then \`interlock session restart ${login.id}\``
  }
}

export const make = Effect.gen(function*() {
  const config = yield* HouseConfig
  const journal = yield* Journal
  const secrets = yield* Secrets
  const supervision = yield* Supervision
  const sessionFor = yield* BrokerSession.BrokerSession.client

  const dryRun = Effect.fnUntraced(function*(house: House, states: States, login: LoginConfig) {
    const check = `login ${login.id}`
    if (!login.enabled) return { check, state: "ok", text: "switched off in the configuration" } satisfies Finding
    const state = states.sessions.get(login.id) ?? "connecting"
    const account = accountOf(house, login)
    if (account === undefined) return { check, state: state === "connected" ? "ok" : "warning", text: `${state}; no account uses it` } satisfies Finding
    const look = yield* sessionFor(login.id).Look({ accountId: account.id }).pipe(
      Effect.timeoutOrElse({ duration: lookWithin, orElse: () => Effect.succeed(silent) }),
      Effect.catch(() => Effect.succeed(silent))
    )
    return seen(login, state, account.id, look)
  })

  const masked = ({ check, remedy, state, text }: Finding): Finding =>
    ({ check, state, text: secrets.mask(text), ...(remedy === undefined ? {} : { remedy }) })

  return Effect.fnUntraced(function*() {
    const [house, states] = yield* Effect.all([config.current, supervision.states])
    const parts = Status.isSettled(house, states) ? [] : [{ check: "accounts", state: "warning", text: "not every account has reconciled yet", remedy: "`interlock status` shows which; ask again in a minute" } satisfies Finding]
    const logins = yield* Effect.forEach(house.logins.values(), (login) => dryRun(house, states, login), { concurrency: "unbounded" })
    return { nowMs: yield* Clock.currentTimeMillis, findings: [journalFinding(yield* journal.status), ...parts, ...logins].map(masked) }
  })
})

const silent: BrokerSession.Look = { _tag: "Unreachable", reason: `no answer within ${lookWithin}` }
