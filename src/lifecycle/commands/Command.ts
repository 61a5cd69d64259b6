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
import { place } from "./Place.ts"

export const decide = (book: Book, command: AccountCommand, facts: Facts): Decided => {
  switch (command._tag) {
    case "Place":
      return place(book, command.approved, facts)
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
export const isReducing = ({ _tag }: AccountCommand): boolean => _tag === "CancelEntries" || _tag === "Close" || _tag === "CancelOrder"
