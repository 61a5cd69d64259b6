/**
 * What the next life of the house is told of a login: its token, its sign-ins, a lock-out. Owns: that times survive the machine. In memory they are of
 * a clock that nobody steps and that begins anew with the machine; on disk they are of the wall, and none of them is believed to lie ahead of now
 * any longer than it may.
 */
import { Clock, Effect, Option, Redacted, Schema } from "effect"
import type { LoginId } from "#schemas/Ids.ts"
import type { SessionTokens } from "#src/ports/SessionTokens.ts"
import * as Answers from "#src/venues/tradovate/Answers.ts"
import * as Patience from "#src/venues/tradovate/Patience.ts"

/** A token lives 90 minutes. */
export const lifeMsMax = 90 * 60_000

const Token = Schema.Struct({
  text: Schema.String,
  /** For market data. */
  marketData: Schema.String,
  userId: Schema.Number,
  /** By the wall clock. */
  madeAtMs: Schema.Number,
  endsAtMs: Schema.Number,
  /** Of the sign-in that all of its renewals go back to. */
  signedInAtMs: Schema.Number,
  /** By a renewal, not by a sign-in. */
  isRenewed: Schema.Boolean
})
export type Token = typeof Token.Type

/** `user`: whose it is. */
const Left = Schema.fromJsonString(Schema.Struct({
  user: Schema.String, token: Schema.optional(Token), signInsAtMs: Schema.Array(Schema.Number), failedSignInAtMs: Schema.optional(Schema.Number),
  lockedUntilMs: Schema.optional(Schema.Number)
}))
export type Left = typeof Left.Type
const decode = Schema.decodeUnknownOption(Left)
const encode = Schema.encodeSync(Left)

/** Both clocks at one instant. */
const clocks = Effect.gen(function*() {
  return { wallMs: yield* Clock.currentTimeMillis, ownMs: yield* Patience.nowMs }
})

/** Undefined: nothing is left, or nothing that can be read. */
export const read = Effect.fnUntraced(function*(tokens: SessionTokens["Service"], login: LoginId) {
  const found = Option.flatMap(yield* tokens.read(login), (text) => decode(Redacted.value(text)))
  if (Option.isNone(found)) return undefined
  const { ownMs, wallMs } = yield* clocks
  const { failedSignInAtMs, lockedUntilMs, signInsAtMs, token, user } = found.value
  const past = (atMs: number) => Math.min(ownMs, atMs - wallMs + ownMs)
  const left: Left = {
    user,
    signInsAtMs: signInsAtMs.map(past),
    ...(failedSignInAtMs === undefined ? {} : { failedSignInAtMs: past(failedSignInAtMs) }),
    ...(lockedUntilMs === undefined ? {} : { lockedUntilMs: Math.min(lockedUntilMs - wallMs + ownMs, ownMs + Answers.lockedMs) }),
    ...(token === undefined ? {} : { token: { ...token, madeAtMs: Math.min(token.madeAtMs, wallMs), endsAtMs: Math.min(token.endsAtMs, wallMs + lifeMsMax) } })
  }
  return left
})

export const keep = Effect.fnUntraced(function*(tokens: SessionTokens["Service"], login: LoginId, { failedSignInAtMs, lockedUntilMs, signInsAtMs, token, user }: Left) {
  const { ownMs, wallMs } = yield* clocks
  const onWall = (atMs: number) => Math.round(atMs - ownMs + wallMs)
  yield* tokens.keep(login, Redacted.make(encode({
    user, token, signInsAtMs: signInsAtMs.map(onWall),
    failedSignInAtMs: failedSignInAtMs === undefined ? undefined : onWall(failedSignInAtMs),
    lockedUntilMs: lockedUntilMs === undefined || lockedUntilMs <= ownMs ? undefined : onWall(lockedUntilMs)
  })))
})
