/** `tail`: the journal as it grows, until the house goes. */
import { Console, DateTime, Effect, Option, Schema } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { TailLine } from "#schemas/contracts/Commands.ts"
import * as Client from "./Client.ts"
import * as Human from "./Human.ts"
import { jsonFlag } from "./Queries.ts"
import * as Table from "./Table.ts"

const since = Flag.Int("since").pipe(Flag.optional, Flag.withDescription("Begin after this place (SEQ) in the journal; without it with what comes next"))

const encode = Schema.encodeSync(Schema.fromJsonString(TailLine))

const seqWidth = 8

const human = ({ atMs, seq, stream, text }: TailLine): string =>
  Table.clean(`${`${seq}`.padStart(seqWidth)}  ${DateTime.formatIso(DateTime.makeUnsafe(atMs))}  ${stream}  ${text}`)

export const command = Command.make("tail", { since, json: jsonFlag }, Effect.fnUntraced(function*({ json, since }) {
  if (!json) {
    const banner = Human.banner(yield* Client.ask((client) => client.Status())).trimEnd()
    if (banner !== "") yield* Console.log(banner)
  }
  const asked = Option.match(since, { onNone: () => ({}), onSome: (seq) => ({ since: seq }) })
  return yield* Client.follow((client) => client.Tail(asked), (line) => Console.log(json ? encode(line) : human(line)))
})).pipe(Command.withDescription("Follow the journal, one line per row; ends with 3 when the house goes"))
