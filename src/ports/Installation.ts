/** Which installation this is: a random name made with the journal, part of every client order id, never changed. */
import { Context } from "effect"

export class Installation extends Context.Service<Installation, {
  /** 32 hex digits. */
  readonly id: string
}>()("src/ports/Installation") {}
