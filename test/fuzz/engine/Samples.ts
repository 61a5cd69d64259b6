/** Values made from schemas, drawn once per run: inputs are picked from them and broken. */
import { Arbitrary, Effect, Option, Schema } from "effect"

/** Sizes of strings and lists within a value; the last ones are what nobody sends on purpose. */
const sizes = [1, 4, 12, 40]
/** Patterns are met by trying. */
const discardsMax = 100_000

/** As they are written, JSON-able. */
export const encoded = <A>(schema: Schema.Codec<A, unknown>, seed: string, count: number): Effect.Effect<ReadonlyArray<unknown>> => {
  const encode = Schema.encodeOption(schema)
  const arbitrary = Arbitrary.schema(schema)
  return Effect.map(
    Effect.forEach(sizes, (size) => Arbitrary.sampleEffect(arbitrary, { count: Math.ceil(count / sizes.length), size, maxDiscards: discardsMax, seed: `${seed}/${size}` })),
    (all) => all.flat().flatMap((value) => Option.toArray(encode(value))) // what cannot be written is no sample
  ).pipe(Effect.orDie)
}
