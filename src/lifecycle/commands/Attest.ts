/** Not yet. */
import type { AccountCommand } from "#schemas/AccountCommand.ts"
import type { Book } from "#src/lifecycle/Book.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import { type Decided, denied } from "./Decided.ts"

export const attest = (_book: Book, _command: Extract<AccountCommand, { readonly _tag: "Attest" }>, _facts: Facts): Decided =>
  denied({ rule: "NotYet", message: "not yet", facts: {} })
