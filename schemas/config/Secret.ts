/** A secret is named in configuration, never written there. */
import { Schema } from "effect"

/** `{"$env": "NAME"}` or `{"$file": "path"}` (relative to the data folder). */
export const SecretRef = Schema.Union([
  Schema.Struct({ $env: Schema.NonEmptyString }),
  Schema.Struct({ $file: Schema.NonEmptyString })
])
export type SecretRef = typeof SecretRef.Type
