/** An operator is told that a command holds once the disk has it, and not before; what reduces risk does not wait for a disk that refuses. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, type Scope } from "effect"
import * as Closing from "#src/admin/commands/Closing.ts"
import * as Tickets from "#src/admin/commands/Tickets.ts"
import { Views } from "#src/admin/Views.ts"
import { AccountId } from "#schemas/Ids.ts"
import { Journal } from "#src/ports/Journal.ts"
import { account, mes, working } from "#test/actors/account/desk.ts"
import { slowDisk } from "#test/support/journalFaults.ts"
import { begin, notesKept, silent } from "#test/support/lives.ts"
import { lifeAt, pass, rows, world } from "#test/support/runtime.ts"
import * as VenueFaults from "#test/support/venueFaults.ts"
import { limitAt, newest, ticket } from "./byHand.ts"

type Disk = ReturnType<typeof slowDisk>
type Hand = Effect.Success<typeof Tickets.make> & { readonly Close: Effect.Success<typeof Closing.make> }

const inHouse = <A, E, R>(test: (hand: Hand, disk: Disk, notes: ReadonlyArray<string>) => Effect.Effect<A, E, R>) => {
  const disk = slowDisk()
  const notes = notesKept()
  const told = Effect.flatMap(Effect.all([Tickets.make, Closing.make]), ([tickets, Close]) => test({ ...tickets, Close }, disk, notes.texts))
  const house = lifeAt({ accounts: { "paper-2": null, "paper-3": null } }, Layer.merge(VenueFaults.layer, notes.layer))
  return Effect.andThen(begin, Effect.andThen(pass(1), Effect.scoped(Effect.provide(told, Views.layer))).pipe(
    Effect.provide(Layer.provideMerge(house, Layer.provideMerge(disk.journal, silent)))
  )).pipe(Effect.provide(world)) as Effect.Effect<A, E, Exclude<R, Scope.Scope | Journal | VenueFaults.VenueFaults>>
}

/** From here on the disk takes the row that says who asked, and nothing after it. */
const onlyWhoAsked = (disk: Disk) => Effect.flatMap(rows, (all) => disk.holdAfter((all.at(-1)?.seq ?? 0) + 1))

const resting = (hand: Hand) => Effect.andThen(Effect.andThen(hand.PlaceOrder({ ticket: limitAt("6990") }), pass(1)), newest("entry"))

/** Asked while the disk takes its time; what works at the venue before and after it took it. */
const commands = [
  ["order cancel", Effect.fnUntraced(function*(hand: Hand, disk: Disk) {
    const orderId = yield* resting(hand)
    yield* onlyWhoAsked(disk)
    return yield* Effect.forkChild(hand.CancelOrder({ orderId }), { startImmediately: true })
  }), { before: ["entry 2 27960"], after: [] }],
  ["close", Effect.fnUntraced(function*(hand: Hand, disk: Disk) {
    yield* Effect.andThen(hand.PlaceOrder({ ticket: ticket() }), pass(1))
    yield* onlyWhoAsked(disk)
    return yield* Effect.forkChild(hand.Close({ accountId: AccountId.make(account), symbol: mes }), { startImmediately: true })
  }), { before: ["stop 2 27961"], after: [] }],
  ["order place", Effect.fnUntraced(function*(hand: Hand, disk: Disk) {
    yield* onlyWhoAsked(disk)
    return yield* Effect.forkChild(hand.PlaceOrder({ ticket: limitAt("6990") }), { startImmediately: true })
  }), { before: [], after: ["entry 2 27960"] }]
] as const

describe.each(commands)("%s", (name, ask, { after, before }) => {
  it.effect("is answered once the disk has what the account decided", () => inHouse((hand, disk) => Effect.gen(function*() {
    const asking = yield* ask(hand, disk)
    yield* pass(2)
    assert.isUndefined(asking.pollUnsafe(), "no answer yet")
    assert.deepStrictEqual<ReadonlyArray<string>>(yield* working, before, "and nothing at the venue")
    yield* disk.letGo
    yield* pass(2)
    assert.isTrue((yield* Fiber.join(asking)).durable)
    assert.deepStrictEqual<ReadonlyArray<string>>(yield* working, after)
  })))

  it.effect("says that it is not on disk where the disk refuses", () => inHouse((hand, disk, notes) => Effect.gen(function*() {
    const asking = yield* ask(hand, disk)
    yield* pass(1)
    yield* disk.refuse
    yield* pass(2)
    assert.isFalse((yield* Fiber.join(asking)).durable)
    assert.deepStrictEqual<ReadonlyArray<string>>(yield* working, name === "order place" ? before : after, "what reduces risk left all the same")
    assert.strictEqual(notes.length > 0, name !== "order place", "and was noted")
  })))
})
