/** Where variables come from: the process's environment, then `.env` in the project's folder. The real one wins. */
import { readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { Config, ConfigProvider, Effect, Option } from "effect"

const dotEnv = (home: string): ConfigProvider.ConfigProvider => {
  try {
    return ConfigProvider.fromDotEnvContents(readFileSync(NodePath.join(home, ".env"), "utf8"))
  } catch {
    return ConfigProvider.fromEnvRecord({}) // no `.env` is the usual case
  }
}

export const providerIn = (home: string): Effect.Effect<ConfigProvider.ConfigProvider> =>
  Effect.map(ConfigProvider.ConfigProvider, (environment) => ConfigProvider.orElse(environment, dotEnv(home)))

/** An empty variable counts as absent. */
export const variable = (provider: ConfigProvider.ConfigProvider, name: string): Effect.Effect<Option.Option<string>> =>
  Config.option(Config.String(name)).parse(provider).pipe(Effect.orDie)
