import { assert, it } from "@effect/vitest"
import { Clock, Deferred, Effect } from "effect"
import * as VirtualTime from "#src/simulation/VirtualTime.ts"

const startMs = 1_000_000
const world = () => {
  const told: Array<string> = []
  const time = VirtualTime.make(startMs)
  const tell = (what: string) => Effect.map(Clock.currentTimeMillis, (atMs) => void told.push(`${atMs - startMs} ${what}`))
  return { told, time, tell }
}

it("wakes in the order of time, then of lying down, and goes straight there", () => {
  const { tell, time, told } = world()
  const one = time.machine("one")
  const other = time.machine("other")
  one.fork(Effect.delay(tell("late"), "3 hours"))
  other.fork(Effect.delay(tell("early"), "2 seconds"))
  one.fork(Effect.delay(tell("first"), "1 second"))
  one.fork(Effect.delay(tell("second"), "1 second"))
  time.runUntil(startMs + 2_000)
  assert.deepStrictEqual(told, ["1000 first", "1000 second", "2000 early"])
  assert.strictEqual(time.nowMs(), startMs + 2_000)
  time.runUntil(startMs + 86_400_000)
  assert.strictEqual(told.at(-1), "10800000 late")
  assert.strictEqual(time.counts().wakes, 4)
})

it("a killed machine does nothing any more: no timer, no finalizer, not even when somebody else resumes it", () => {
  const { tell, time, told } = world()
  const house = time.machine("house")
  const outside = time.machine("outside")
  const answer = Deferred.makeUnsafe<void>()
  house.fork(Effect.onInterrupt(Effect.delay(tell("timer"), "5 seconds"), () => tell("finalizer")))
  house.fork(Effect.andThen(Deferred.await(answer), tell("answered")))
  outside.fork(Effect.delay(Effect.sync(house.kill), "1 second"))
  outside.fork(Effect.delay(Deferred.succeed(answer, undefined), "2 seconds"))
  outside.fork(Effect.delay(tell("the world goes on"), "10 seconds"))
  time.runUntil(startMs + 60_000)
  assert.deepStrictEqual(told, ["10000 the world goes on"])
})

it("a stall delays, a suspension stops the monotonic clock, a step moves the wall clock alone", () => {
  const { tell, time, told } = world()
  const house = time.machine("house")
  const outside = time.machine("outside")
  house.fork(Effect.forever(Effect.delay(tell("house"), "4 seconds")))
  outside.fork(Effect.delay(Effect.sync(() => house.stall(10_000)), "1 second"))
  time.runUntil(startMs + 14_000)
  assert.deepStrictEqual(told, ["11000 house"])

  outside.fork(Effect.sync(() => house.suspend(3_600_000)))
  const [wallMs, monotonicMs] = [house.wallMs(), house.monotonicMs()]
  time.runUntil(startMs + 14_000 + 3_600_000 + 1_000)
  assert.strictEqual(house.wallMs() - wallMs, 3_601_000)
  assert.strictEqual(house.monotonicMs() - monotonicMs, 1_000)
  assert.deepStrictEqual(told.slice(1), ["3615000 house"]) // one second of its four was left

  outside.fork(Effect.sync(() => house.stepWall(-7_200_000)))
  time.runUntil(startMs + 3_619_000)
  assert.deepStrictEqual(told.slice(2), [`${3_619_000 - 7_200_000} house`])
})
