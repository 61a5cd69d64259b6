/** Bugs between the bytes of an alert and its row, and in what is written down. */
import type { Bug } from "#test/simulation/planted/Bug.ts"

const keep = "src/ingress/Keep.ts"
const identity = "src/ingress/Identity.ts"

export const bugs: ReadonlyArray<Bug> = [
  {
    name: "answers-before-durable",
    promise: "An alert is answered 2xx only once it is on disk.",
    file: keep,
    find: "    yield* journal.durable(seq)\n    return kept",
    replace: "    return kept",
    runs: [{ scenario: "round-native" }]
  },
  {
    name: "id-not-remembered",
    promise: "An alert sent twice with one id is one alert.",
    file: keep,
    find: "return yield* journal.appendOnce(streamOf(item.lane), key, [event]).pipe(",
    replace: "return yield* journal.append(streamOf(item.lane), \"any\", [event]).pipe(",
    runs: [{ scenario: "round-native", faults: "F38" }]
  },
  {
    name: "key-taken-twice",
    promise: "A key in the journal has one holder.",
    file: "src/stores/JournalStage.ts",
    find: "if (holder > 0) return { _tag: \"KeyTaken\", seq: holder }",
    replace: "",
    runs: [{ scenario: "round-native", faults: "F38" }]
  },
  {
    name: "resend-taken-for-news",
    promise: "An alert without an id that got no answer and comes again is the same alert.",
    file: identity,
    find: "return resend(\"its first delivery got no answer, or 5xx\")",
    replace: "return { _tag: \"New\", notes: [] }",
    runs: [{ scenario: "brief-native", each: { kind: "journal", moment: "after", fate: "kill" } }]
  },
  {
    name: "resend-forgotten-by-restart",
    promise: "A resend is recognized by the next life of the process too.",
    file: keep,
    find: "yield* restore(journal, identity, { wallMs: yield* clocks.wallMs, monotonicMs: yield* clocks.monotonicMs })",
    replace: "void restore",
    runs: [{ scenario: "brief-native", each: { kind: "journal", moment: "after", fate: "kill" } }]
  },
  {
    name: "lane-repeats-not-held",
    promise: "A lane behind a proxy takes an equal body within 30 s for a resend.",
    file: identity,
    find: "if (repeat === \"resend\" && own.atMs - previous.firstAtMs <= windowMs) return resend(\"this lane takes repeats within 30 s for resends\")",
    replace: "",
    runs: [{ scenario: "repeats-native", faults: "F38b" }]
  },
  {
    name: "secret-in-the-journal",
    promise: "No secret stands in the journal.",
    file: "src/ingress/Receive.ts",
    find: "body: Masked.body(decoded.text, secrets.mask)",
    replace: "body: decoded.text",
    runs: [{ scenario: "round-native" }]
  },
  {
    name: "alert-id-by-real-chance",
    promise: "One seed, one journal.",
    file: identity,
    find: "const chance = yield* Random.nextIntBetween(0, 36 ** 6)",
    replace: "const chance = Math.floor(Math.random() * 36 ** 6)",
    runs: [{ scenario: "brief-native" }],
    isChance: true
  },
  {
    name: "answer-stamped-by-real-clock",
    promise: "Time comes from one clock, which can be simulated.",
    file: keep,
    find: "answeredAtMs: yield* clocks.wallMs",
    replace: "answeredAtMs: Date.now()",
    runs: [{ scenario: "brief-native" }],
    isChance: true
  },
  {
    name: "commit-told-before-it-is-written",
    promise: "What is said to be on disk is on disk.",
    file: "src/stores/JournalWriter.ts",
    find: "yield* timed(disk.attempt(\"append\", () => file.write(placed)))",
    replace: "yield* timed(disk.attempt(\"append\", () => file.write(placed.slice(0, Math.max(1, placed.length - 1)))))",
    runs: [{ scenario: "round-native" }]
  },
  {
    name: "wire-does-not-wait-for-the-disk",
    promise: "An order leaves only once its intent is on disk.",
    file: "actors/broker-session/Wire.ts",
    find: "    journal.durable(afterSeq).pipe(\n",
    replace: "    (afterSeq < 0 ? journal.durable(afterSeq) : Effect.void).pipe(\n",
    runs: [{ scenario: "round-native" }]
  },
  {
    name: "entry-leaves-on-a-full-disk",
    promise: "No entry leaves while the disk has no room for its intent.",
    file: "actors/broker-session/Wire.ts",
    find: "        addsRisk(request)\n          ? Effect.succeed(Transmit.withheld(\"NotDurable\", \"the disk has no room for its intent\", true))\n          : ",
    replace: "        ",
    runs: [{ scenario: "brief-plain", hands: [{ at: "00:00:19.900", strike: "F1" }, { at: "00:00:20.100", diskFullSeconds: 20 }] }]
  }
]
