/** How a command ends. Owns: exit codes, and the one line said on stderr. */
import { Data } from "effect"

export const exitCodes = { done: 0, failed: 1, usage: 2, unreachable: 3, notFlat: 4 } as const

export type End = keyof typeof exitCodes

/** `error` is for machines, `message` says what to do. */
export class Failure extends Data.TaggedError("Failure")<{
  readonly end: Exclude<End, "done">
  readonly error: string
  readonly message: string
  /** More for machines, beside these two. */
  readonly detail?: Readonly<Record<string, unknown>>
}> {}

export const render = ({ detail, error, message }: Failure, isJson: boolean): string =>
  isJson ? JSON.stringify({ error, message, ...detail }) : `interlock: ${message}`
