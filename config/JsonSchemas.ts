/** The JSON Schemas an editor checks `config/*.json` with, made from the schemas that decode them. */
import { Schema } from "effect"
import { type FileName, files, names, schemaFileOf } from "./Files.ts"

const titles: { readonly [Name in FileName]: { readonly title: string; readonly description: string } } = {
  lanes: { title: "Lanes", description: "The entrances for alerts." },
  strategies: { title: "Strategies", description: "What may fire, when, and how it protects itself." },
  accounts: { title: "Accounts", description: "One self-contained entry per account: copy one and change its id to add another." },
  venues: { title: "Venues", description: "Broker logins." },
  instruments: { title: "Instruments", description: "The catalogue: steps and values, how continuous symbols roll, other names of the same thing." },
  calendars: { title: "Calendars", description: "Trading hours, in exchange time." }
}

const textOf = (name: FileName): string => {
  const { schema, definitions } = Schema.toJsonSchemaDocument(files[name], { onExcessProperty: "error" })
  const document = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    ...titles[name],
    // What editors that know these two need, lest they call a comment an error.
    allowComments: true,
    allowTrailingCommas: true,
    ...schema,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions })
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** File name to text, for the folder `config/schema`. */
export const all = (): ReadonlyMap<string, string> => new Map(names.map((name) => [schemaFileOf(name), textOf(name)]))
