/** `npm run schemas`: writes `config/schema/*.schema.json`. */
import { mkdirSync, writeFileSync } from "node:fs"
import * as NodePath from "node:path"
import * as JsonSchemas from "#config/JsonSchemas.ts"

const folder = NodePath.resolve(import.meta.dirname, "../../config/schema")

mkdirSync(folder, { recursive: true })
for (const [file, text] of JsonSchemas.all()) {
  writeFileSync(NodePath.join(folder, file), text)
  console.log(`config/schema/${file}`)
}
