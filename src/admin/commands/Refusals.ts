/** Why a reload changes nothing: places of the files that are wrong, and changes under what holds something. Pure. */
import { type ConfigProblem, lineOf } from "#config/ConfigInvalid.ts"
import * as Diff from "#config/Diff.ts"
import type { Change, Touched } from "#config/DiffEffect.ts"
import type { House } from "#config/House.ts"
import type { SecretProblem } from "#config/SecretsLive.ts"
import { type ConfigChange, ReloadRefused } from "#schemas/contracts/Commands.ts"
import type { AccountId } from "#schemas/Ids.ts"
import type { Commitment } from "#src/lifecycle/Commitments.ts"

/** What each account said; absent: it said nothing in time. */
export type Said = ReadonlyMap<AccountId, ReadonlyArray<Commitment>>

/** Of many, these are named. */
const namedMax = 5

const isOf = ({ kind, id }: Touched, { root, strategy }: Commitment): boolean =>
  kind === "strategy" ? strategy === id : kind === "instrument" ? root === undefined || root === id : true

const accountsOf = ({ kind, id }: Touched, { accounts }: House): ReadonlyArray<AccountId> =>
  Array.from(accounts.values()).flatMap((account) => (kind === "account" ? account.id === id : kind !== "login" || account.login === id) ? [account.id] : [])

const refusalOf = (touched: Touched, before: House, said: Said): string | undefined => {
  const reasons = accountsOf(touched, before).flatMap((id) => {
    const commitments = said.get(id)
    if (commitments === undefined) return [`account ${id} did not say in time what it holds: try again`]
    return commitments.filter((one) => isOf(touched, one)).map(({ text }) => `account ${id} holds ${text}`)
  })
  if (reasons.length === 0) return undefined
  const more = reasons.length > namedMax ? [`and ${reasons.length - namedMax} more`] : []
  return [...reasons.slice(0, namedMax), ...more].join("; ")
}

export const judged = (changes: ReadonlyArray<Change>, before: House, said: Said): ReadonlyArray<ConfigChange> =>
  changes.map((change) => {
    const refused = change.touches === undefined ? undefined : refusalOf(change.touches, before, said)
    return {
      path: Diff.pathOf(change),
      kind: change.kind,
      ...(change.before === undefined ? {} : { before: change.before }),
      ...(change.after === undefined ? {} : { after: change.after }),
      effect: change.effect,
      ...(refused === undefined ? {} : { refused })
    }
  })

export const ofProblems = (problems: ReadonlyArray<ConfigProblem>): ReloadRefused =>
  new ReloadRefused({ problems, refused: [], message: ["nothing was changed, the configuration is not valid:", ...problems.map(lineOf)].join("\n") })

/** Names and places, never a value. */
export const problemOfSecret = ({ expected, got, remedy, secret, usedBy }: SecretProblem): ConfigProblem =>
  ({ file: "lanes.json", path: secret, entry: usedBy, expected, got, remedy })

export const ofChanges = (changes: ReadonlyArray<ConfigChange>): ReloadRefused => {
  const refused = changes.filter((change) => change.refused !== undefined)
  const lines = refused.map(({ path, refused: why = "" }) => `${path}: ${why}`)
  return new ReloadRefused({ problems: [], refused, message: ["nothing was changed, first these have to be flat:", ...lines].join("\n") })
}
