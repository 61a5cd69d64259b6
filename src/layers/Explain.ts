/** What kept the house from starting, in words that a person can act on. */
import { Cause, Option } from "effect"

const textOf = (value: unknown, key: string): string | undefined => {
  if (typeof value !== "object" || value === null || !(key in value)) return undefined
  const found: unknown = Reflect.get(value, key)
  return typeof found === "string" && found !== "" ? found : typeof found === "number" ? `${found}` : undefined
}

const either = (what: string): string => `INTERLOCK_WEBHOOK_${what} (INTERLOCK_ADMIN_${what} for the operator's)`

/** Why a listener did not open, by the system's code. */
const listening = (error: unknown): string | undefined => {
  const port = textOf(error, "port") ?? "?"
  const host = textOf(error, "address") ?? textOf(error, "hostname") ?? "this machine"
  switch (textOf(error, "code")) {
    case "EADDRINUSE":
      return `port ${port} on ${host} is in use: stop the program that has it, or set ${either("PORT")}`
    case "EACCES":
      return `this user may not listen on port ${port} on ${host}: set ${either("PORT")} to one above 1023`
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `there is no address ${host} on this machine to listen on: correct ${either("HOST")}`
    default:
      return undefined
  }
}

/** The first thing that has words: an error's own, or those of what caused it. */
const wordsOf = (error: unknown): string | undefined => {
  const within = typeof error === "object" && error !== null && "cause" in error ? error.cause : undefined
  return textOf(error, "message") ?? listening(within) ?? textOf(within, "message")
}

/** What is wrong with settings, files, ports or the data folder is for a person to mend: said in words, without a trace. */
export const explained = (cause: Cause.Cause<unknown>): string => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  const tag = textOf(error, "_tag")
  const words = tag === undefined ? undefined : wordsOf(error)
  if (words !== undefined) return `interlock cannot start: ${words}`
  return tag === undefined ? Cause.pretty(cause) : `interlock cannot start: ${tag}\n${Cause.pretty(cause)}`
}
