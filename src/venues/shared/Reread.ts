/**
 * What is read again and again: a venue's lists are asked for every half minute, and seldom differ. Owns: that the same text is read once, and a row
 * of it once. What was read is shared: nobody changes it.
 */
import { Result, Schema } from "effect"
import * as Bounded from "#src/venues/shared/Bounded.ts"

/** Questions whose last answer is kept, and the longest text that is, in characters. */
const questionsMax = 16
const lengthMax = 1_048_576

/** `question`: what was asked. Undefined: it is no JSON. */
export const texts = () => {
  const known = new Map<string, { readonly text: string; readonly read: Result.Result<unknown, undefined> }>()
  return (question: string, text: string): Result.Result<unknown, undefined> => {
    const before = known.get(question)
    const read = before?.text === text ? before.read : Result.try({ try: (): unknown => JSON.parse(text), catch: () => undefined })
    if (text.length <= lengthMax) Bounded.put(known, question, { text, read }, questionsMax)
    return read
  }
}
export type Texts = ReturnType<typeof texts>

/** A decoder of rows. One that is the same object is the same row. */
export const rows = <A>(schema: Schema.ConstraintDecoder<A>) => {
  const decode = Schema.decodeUnknownResult(schema)
  const known = new WeakMap<object, ReturnType<typeof decode>>()
  return (row: unknown): ReturnType<typeof decode> => {
    if (typeof row !== "object" || row === null) return decode(row)
    const before = known.get(row)
    if (before !== undefined) return before
    const read = decode(row)
    known.set(row, read)
    return read
  }
}
