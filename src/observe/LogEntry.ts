/** One entry of the log: secrets are covered first, then it is cut to size, so that no half of one is left; then it becomes a line. */
import { Cause, DateTime, type Logger, References } from "effect"

/** Characters of a message, a cause or an annotation. */
export const textMax = 16_384
const annotationsMax = 64

export type Mask = (text: string) => string

const textOf = (value: unknown): string => {
  if (typeof value === "string") return value
  if (value instanceof Error) return value.stack ?? String(value)
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value)
  }
}

export interface Covered {
  readonly time: string
  readonly level: string
  readonly fiber: string
  readonly message: string
  readonly annotations: Readonly<Record<string, string>>
  readonly cause: string | undefined
}

/** Everything that an entry says, fit to be written anywhere. */
export const coveredOf = ({ cause, date, fiber, logLevel, message }: Logger.Options<unknown>, mask: Mask): Covered => {
  const covered = (value: unknown) => {
    const text = mask(textOf(value))
    return text.length <= textMax ? text : `${text.slice(0, textMax)} (cut, ${text.length} characters)`
  }
  const annotations = Object.entries(fiber.getRef(References.CurrentLogAnnotations)).slice(0, annotationsMax)
  return {
    time: DateTime.formatIso(DateTime.makeUnsafe(date)),
    level: logLevel.toUpperCase(),
    fiber: `#${fiber.id}`,
    message: (Array.isArray(message) ? message : [message]).map(covered).join(" "),
    annotations: Object.fromEntries(annotations.map(([key, value]) => [covered(key), covered(value)])),
    cause: cause.reasons.length === 0 ? undefined : covered(Cause.pretty(cause))
  }
}

/** For programs. */
export const jsonOf = ({ annotations, cause, level, message, time }: Covered): string =>
  JSON.stringify({
    time, level, message,
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    ...(cause === undefined ? {} : { cause })
  })

const quoted = (text: string) => (/^[^\s="]+$/.test(text) ? text : JSON.stringify(text))

/** For people at a terminal: one line of `key=value`. */
export const lineOf = ({ annotations, cause, fiber, level, message, time }: Covered): string =>
  Object.entries({ timestamp: time, level, fiber, message, ...(cause === undefined ? {} : { cause }), ...annotations })
    .map(([key, value]) => `${key.replace(/[\s="]/g, "_")}=${quoted(value)}`).join(" ")
