/** Which release this is: the one place that says so is `package.json`. */
import { readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { Schema } from "effect"

const Manifest = Schema.fromJsonString(Schema.Struct({ version: Schema.String }))
const file = NodePath.resolve(import.meta.dirname, "../../package.json")

export const read = (): string => Schema.decodeSync(Manifest)(readFileSync(file, "utf8")).version
