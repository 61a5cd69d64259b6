/** What an account makes of an operator's command: one file per command beside this one. Asked twice, the second changes nothing. */
import type { AccountCommand } from "#schemas/AccountCommand.ts"
import type { Book } from "#src/lifecycle/Book.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import { attest } from "./Attest.ts"
import { cancelEntries } from "./CancelEntries.ts"
import { cancelOrder } from "./CancelOrder.ts"
import { close } from "./Close.ts"
import type { Decided } from "./Decided.ts"
import { modify } from "./Modify.ts"

/** All but a ticket: that goes the way of an alert. */
export type Direct = Exclude<AccountCommand, { readonly _tag: "Place" }>

export const decide = (book: Book, command: Direct, facts: Facts): Decided => {
  switch (command._tag) {
    case "CancelEntries":
      return cancelEntries(book, command, facts)
    case "Close":
      return close(book, command, facts)
    case "Modify":
      return modify(book, command, facts)
    case "CancelOrder":
      return cancelOrder(book, command, facts)
    case "Attest":
      return attest(book, command, facts)
  }
}

/** What reduces risk does not wait for room in the journal. */
export const isReducing = ({ _tag }: Direct): boolean => _tag === "CancelEntries" || _tag === "Close" || _tag === "CancelOrder"
