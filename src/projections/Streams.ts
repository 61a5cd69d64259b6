/** What a row's stream says. */
import { AccountId } from "#schemas/Ids.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"

const accountPrefix = "account/"

/** The account whose stream holds the row. */
export const accountOf = ({ stream }: JournalRow): AccountId | undefined =>
  stream.startsWith(accountPrefix) ? AccountId.make(stream.slice(accountPrefix.length)) : undefined
