/** A second instrument beside the trader's own. */
import { instrument } from "#test/src/symbols/catalogue.ts"

export const gold = { ...instrument("MGC1!"), calendar: "always" }
