/** What is fed with inputs, and what it must never do. */
import { Effect, Schema, type Scope } from "effect"
import type { Chance } from "./Chance.ts"

/** One input. `around`: what comes with the bytes (a path, a header). */
export interface Input {
  readonly body: Uint8Array
  readonly around: Readonly<Record<string, string>>
}

/** What became of one input. `label` is counted: a status, a verdict. */
export interface Seen {
  readonly label: string
  /** What it must not have done. */
  readonly wrong?: string
}

export interface Opened {
  /** The same chance makes the same input. */
  readonly make: (chance: Chance) => Input
  /** A defect is a crash. */
  readonly judge: (input: Input) => Effect.Effect<Seen>
}

export interface Target {
  readonly name: string
  /** Of a run's inputs, beside the other targets' shares. */
  readonly share: number
  /** Inputs until what it remembers, which is bounded, is full. Absent: a fifth of any run. */
  readonly warm?: number
  /** Inputs in hand at the same time. */
  readonly width: number
  /** What is sampled once for all inputs comes from this seed. */
  readonly open: (seed: string) => Effect.Effect<Opened, never, Scope.Scope>
}

export const inputOf = (body: Uint8Array, around: Input["around"] = {}): Input => ({ body, around })

export const fine = (label: string): Seen => ({ label })
export const wrong = (label: string, what: string): Seen => ({ label, wrong: what })

/** An input as a file of the corpus holds it, with what was wrong once. */
export const Kept = Schema.Struct({
  target: Schema.String,
  wrong: Schema.String,
  around: Schema.Record(Schema.String, Schema.String),
  base64: Schema.String
})
export type Kept = typeof Kept.Type

export const kept = (target: string, what: string, { around, body }: Input): Kept => ({ target, wrong: what, around, base64: Buffer.from(body).toString("base64") })

export const inputIn = ({ around, base64 }: Pick<Kept, "around" | "base64">): Input => ({ around, body: new Uint8Array(Buffer.from(base64, "base64")) })

/** What a piece of work that must not throw comes to. */
export const attempt = (work: () => Seen): Effect.Effect<Seen> => Effect.sync(work)
