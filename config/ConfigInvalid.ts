/** What is wrong with a configuration, one line per problem, each saying where, what was expected and what was found. */
import { Schema } from "effect"

/** Problems named at once; the rest is counted. */
export const problemsMax = 20

export const ConfigProblem = Schema.Struct({
  file: Schema.String,
  /** `accounts[2].caps.dailyLoss`; empty: the whole file. */
  path: Schema.String,
  /** Id of the entry it lies in: an index says little among a thousand accounts. */
  entry: Schema.optionalKey(Schema.String),
  expected: Schema.String,
  got: Schema.String,
  /** What was probably meant. */
  nearest: Schema.optionalKey(Schema.String),
  remedy: Schema.optionalKey(Schema.String)
})
export type ConfigProblem = typeof ConfigProblem.Type

export const lineOf = ({ file, path, entry, expected, got, nearest, remedy }: ConfigProblem): string => {
  const place = path === "" ? file : `${file}: ${path}`
  const inside = entry === undefined ? "" : ` (in "${entry}")`
  const hint = nearest === undefined ? "" : `; did you mean "${nearest}"?`
  return `${place}${inside}: expected ${expected}, got ${got}${hint}${remedy === undefined ? "" : `; ${remedy}`}`
}

/** Nothing of it came into force. */
export class ConfigInvalid extends Schema.TaggedError<ConfigInvalid>()("ConfigInvalid", {
  problems: Schema.Array(ConfigProblem),
  /** Problems beyond those named. */
  unnamed: Schema.Int,
  /** These, for whoever has room for all. */
  rest: Schema.Array(ConfigProblem)
}) {
  get all(): ReadonlyArray<ConfigProblem> {
    return [...this.problems, ...this.rest]
  }

  override get message() {
    const more = this.unnamed === 0 ? [] : [`... and ${this.unnamed} more`]
    return ["the configuration is not valid:", ...this.problems.map(lineOf), ...more].join("\n")
  }

  static readonly of = (all: ReadonlyArray<ConfigProblem>) =>
    new ConfigInvalid({ problems: all.slice(0, problemsMax), unnamed: Math.max(0, all.length - problemsMax), rest: all.slice(problemsMax) })
}
