/** A file for each login, for its owner alone, beside the other secrets: `secrets/sessions/` in the data folder. No backup takes it along. */
import { join } from "node:path"
import { Effect, Layer, Option, Redacted } from "effect"
import * as SecretFile from "#config/SecretFile.ts"
import * as Together from "#config/Together.ts"
import type { LoginId } from "#schemas/Ids.ts"
import { SessionTokens } from "#src/ports/SessionTokens.ts"

const pathOf = (dataFolder: string, login: LoginId): string => join(dataFolder, "secrets", "sessions", login)

/** As another process leaves it for the house. */
export const writeOf = (dataFolder: string, login: LoginId, text: Redacted.Redacted): Together.Write => ({ path: pathOf(dataFolder, login), text: Redacted.value(text), isSecret: true })

export const layer = (dataFolder: string) => Layer.sync(SessionTokens, () => {
  const without = (what: string, login: LoginId) => (error: unknown) =>
    Effect.logWarning(`${pathOf(dataFolder, login)} cannot be ${what} (${SecretFile.codeOf(error)}): after a restart the login ${login} signs in anew, and its venue counts that`)
  return SessionTokens.of({
    read: (login) => Effect.try({ try: () => SecretFile.read(pathOf(dataFolder, login)).value, catch: (error) => error }).pipe(
      Effect.map((text) => Redacted.make(text)),
      Effect.tapError((error) => SecretFile.codeOf(error) === "ENOENT" ? Effect.void : without("read", login)(error)),
      Effect.option
    ),
    keep: (login, text) => Effect.catch(
      Effect.try({ try: () => Together.write([writeOf(dataFolder, login, text)]), catch: (error) => error }),
      without("written", login)
    )
  })
})

/** For as many lives as share it. One that is over keeps nothing any more. */
export const inMemory = () => {
  const all = new Map<LoginId, Redacted.Redacted>()
  const of = (isOver: () => boolean = () => false) => SessionTokens.of({
    read: (login) => Effect.sync(() => Option.fromUndefinedOr(all.get(login))),
    keep: (login, text) => Effect.sync(() => {
      if (!isOver()) all.set(login, text)
    })
  })
  return { get: (login: LoginId): Redacted.Redacted | undefined => all.get(login), of, layer: (isOver?: () => boolean) => Layer.sync(SessionTokens, () => of(isOver)) }
}
