/** What `tail`, `doctor` and `backup` are answered by the running house. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Option, Queue, Stream } from "effect"
import { RpcTest } from "effect/rpc"
import { TestClock } from "effect/testing"
import { AdminRpc } from "#schemas/contracts/AdminRpc.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Handlers from "#src/admin/Handlers.ts"
import { Views } from "#src/admin/Views.ts"
import { BackupRefused, Backups } from "#src/ports/Backups.ts"
import { Journal } from "#src/ports/Journal.ts"
import { Venues } from "#src/ports/Venue.ts"
import { life, lifeAt, pass, post, rows, secret, startMs, world } from "#test/support/runtime.ts"

const asked: Array<unknown> = []
const backups = Layer.mock(Backups, {
  make: (what) => Effect.suspend(() => {
    asked.push(what)
    return what.to === "/full"
      ? new BackupRefused({ rule: "BackupRoom", message: "no room", facts: { freeBytes: "1" } })
      : Effect.succeed({ path: what.to ?? "/default", seq: 7, files: [], kept: 3 })
  })
})

const admin = Handlers.layer({ webhookUrl: "unused" }).pipe(Layer.provideMerge(Views.layer), Layer.provide(backups))

const inHouse = <A, E, R>(test: Effect.Effect<A, E, R>, house: ReturnType<typeof life> = life()) =>
  Effect.andThen(TestClock.setTime(startMs), Effect.andThen(pass(3), test).pipe(
    Effect.scoped, Effect.provide(admin.pipe(Layer.provideMerge(house), Layer.provideMerge(world)))
  ))

const buy = { strategy: "demo-futures", action: "buy", symbol: "MES1!" }

describe("tail", () => {
  it.effect("tells the rows after a place and then those that come, in sentences, without a secret", () => inHouse(Effect.gen(function*() {
    const client = yield* RpcTest.makeClient(AdminRpc)
    const { seq } = yield* (yield* Journal).status
    const seen = yield* Queue.unbounded<{ readonly seq: number; readonly event: string; readonly text: string; readonly detail: unknown }>()
    const following = yield* Effect.forkChild(Stream.runForEach(client.Tail({ since: seq - 1 }), (line) => Queue.offer(seen, line)))
    yield* pass(1)
    assert.deepStrictEqual((yield* Queue.takeAll(seen)).map((line) => line.seq), [seq])

    yield* post("futures", buy)
    yield* (yield* Journal).append("broker-session/paper-demo", "any", [JournalEvent.cases.Restarted.make({ atMs: startMs, defect: `sign-in with ${secret} failed` })])
    yield* pass(5)
    const lines = yield* Queue.takeAll(seen)
    const written = (yield* rows).filter((row) => row.seq > seq)
    assert.deepStrictEqual(lines.map((line) => [line.seq, line.event]), written.map((row) => [row.seq, row.event._tag]))
    assert.isAbove(lines.length, 15)
    const text = lines.map((line) => line.text).join("\n")
    for (const part of [/^Alert for demo-futures came on lane futures/m, /^paper-1: entry il-\S+ filled: buy 2 at /m, /^Died and started anew: sign-in with \*\*\* failed\.$/m]) assert.match(text, part)
    assert.deepStrictEqual(lines.filter((line) => line.text === line.event), [], "every row has a sentence")
    assert.notInclude(JSON.stringify(lines), secret)
    yield* Fiber.interrupt(following)
  })))
})

describe("diagnose", () => {
  it.effect("asks each login's venue, and orders nothing", () => inHouse(Effect.gen(function*() {
    const client = yield* RpcTest.makeClient(AdminRpc)
    yield* post("futures", buy)
    yield* pass(5)
    const before = yield* rows
    const waiting = yield* Effect.forkChild(client.Diagnose())
    yield* pass(2)
    const { findings, nowMs } = yield* Fiber.join(waiting)
    assert.isAbove(nowMs, startMs)
    assert.deepStrictEqual(findings.map(({ check, state }) => `${check} ${state}`), ["journal ok", "login paper-demo ok"])
    assert.match(findings[1]?.text ?? "", /^connected; its venue answers for paper-1 \(SIMULATED\): 1 position, 2 working orders; nothing was ordered$/)
    assert.deepStrictEqual(yield* rows, before)
  })))

  it.effect("says of a login that does not come up what to do", () => inHouse(
    Effect.gen(function*() {
      const client = yield* RpcTest.makeClient(AdminRpc)
      const waiting = yield* Effect.forkChild(client.Diagnose())
      yield* pass(15)
      const { findings } = yield* Fiber.join(waiting)
      const login = Option.fromUndefinedOr(findings.find(({ check }) => check === "login paper-demo"))
      assert.strictEqual(Option.getOrThrow(login).state, "failed")
      assert.include(Option.getOrThrow(login).remedy, "interlock session restart paper-demo")
    }),
    lifeAt<never>({}, Layer.succeed(Venues, Venues.of({
      paper: { id: "paper", requestsAtOnce: 4, connect: () => Effect.never },
      reference: { id: "reference", requestsAtOnce: 4, connect: () => Effect.never },
      tradovate: { id: "tradovate", requestsAtOnce: 4, connect: () => Effect.never }
    })))
  ))
})

describe("backup", () => {
  it.effect("is journaled before it is made; a no comes with its numbers", () => inHouse(Effect.gen(function*() {
    const client = yield* RpcTest.makeClient(AdminRpc)
    const receipt = yield* client.Backup({ to: "/kept", who: "cli:ann", why: "nightly" })
    assert.deepStrictEqual([receipt.path, receipt.seq, receipt.kept], ["/kept", 7, 3])
    const given = (yield* rows).flatMap(({ event }) => event._tag === "CommandGiven" ? [event] : [])
    assert.deepStrictEqual(given.map(({ alertId, command, detail, who, why }) => ({ alertId, command, detail, who, why })), [
      { alertId: receipt.commandId, command: "backup", detail: { to: "/kept" }, who: "cli:ann", why: "nightly" }
    ])
    const refused = yield* Effect.flip(client.Backup({ to: "/full" }))
    assert.deepStrictEqual(refused._tag === "CommandDenied" && refused.reason, { rule: "BackupRoom", message: "no room", facts: { freeBytes: "1" } })
  })))
})
