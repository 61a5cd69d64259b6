/** One line for the emergency notes: a request that left without its row. Plain JSON, as it would be written: a person reads it. */
import { Schema } from "effect"
import type { AccountId } from "#schemas/Ids.ts"
import { SessionRequest } from "#schemas/SessionRequest.ts"

const encode = Schema.encodeSync(Schema.fromJsonString(Schema.toCodecJson(Schema.Struct({
  account: Schema.String,
  request: SessionRequest,
  atMs: Schema.Finite
}))))

export const of = (account: AccountId, request: SessionRequest, atMs: number): string => encode({ account, request, atMs })
