/** The whole picture that a socket asks for once. Owns: which of the two forms brings what. */
import type * as Calls from "./Calls.ts"
import type * as Core from "./Core.ts"
import * as Entities from "./Entities.ts"
import * as Reads from "./Reads.ts"
import * as Scribe from "./Scribe.ts"

const listOf = (body: unknown, name: "users" | "accounts" | "entityTypes"): ReadonlyArray<unknown> | undefined => {
  const fields: Readonly<Record<string, unknown>> = typeof body === "object" && body !== null ? { ...body } : {}
  const found = fields[name]
  return Array.isArray(found) ? found : undefined
}

const allKinds = Object.keys(Entities.kinds).flatMap((name) => Entities.kindOf(name) ?? [])

/** Undefined: the form is not one that this venue takes. */
const asked = ({ switches }: Core.Core, user: Core.User, body: unknown): ReadonlyArray<Entities.Kind> | undefined => {
  const [users, types] = [listOf(body, "users"), listOf(body, "entityTypes")]
  if (users !== undefined && types !== undefined) return undefined
  if (users !== undefined && !users.includes(user.id)) return undefined
  if (switches.syncForm === "classic" && users !== undefined) return allKinds
  const hasSplit = typeof body === "object" && body !== null && "splitResponses" in body
  if (users === undefined && !hasSplit) return undefined
  return (types ?? []).flatMap((name) => Entities.kindOf(String(name)) ?? [])
}

export const answer = ({ core, scribe }: Calls.Venue, connection: Core.Connection, { user }: Core.Session, body: unknown): Reads.Reply => {
  const kinds = asked(core, user, body)
  if (kinds === undefined) return { status: 400, body: "Malformed body" }
  if (connection.isSynced) return { status: 200, body: { errorText: "Already synced" } }
  Scribe.drain(scribe)
  connection.isSynced = true
  const tells: Array<NonNullable<Entities.Version["event"]>> = []
  const picture: Record<string, ReadonlyArray<Entities.Row>> = {}
  for (const kind of allKinds) {
    const versions = kinds.includes(kind) ? Reads.all(core, user, kind) : []
    picture[Entities.kinds[kind].many] = versions.map(({ row }) => row)
    for (const { event } of versions) if (event !== undefined) tells.push(event)
  }
  for (const many of Object.values(Entities.emptyKinds)) picture[many] = []
  return { status: 200, body: picture, tells }
}
