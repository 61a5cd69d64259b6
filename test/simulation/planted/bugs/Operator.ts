/** Bugs of what an operator commands. */
import type { Bug } from "#test/simulation/planted/Bug.ts"

const killed = [{ at: "00:02:30", tell: "kill", scope: "all" }] as const
const killedInLine = [{ at: "00:01:02", tell: "kill", scope: "all" }] as const
const applied = "src/layers/Applied.ts"

export const bugs: ReadonlyArray<Bug> = [
  {
    name: "kill-latches-nothing",
    promise: "From a kill on no new risk leaves.",
    file: "src/admin/commands/Switches.ts",
    find: "    if (on) yield* latch.set(scope, kind)\n",
    replace: "",
    also: [{ file: "src/admin/commands/Switches.ts", find: "    yield* latch.set(scope, kind)\n    const before", replace: "    const before" }],
    runs: [{ scenario: "round-native", hands: killed }]
  },
  {
    name: "kill-not-asked-at-the-wire",
    promise: "An entry that waits for the wire does not leave after a kill.",
    file: "actors/broker-session/Wire.ts",
    find: "if (Option.isSome(scope)) return Transmit.withheld(\"Latched\", `no new risk may leave: ${scope.value} is stopped`, false)",
    replace: "",
    runs: [{ scenario: "crowd", faults: "F5", hands: killedInLine }]
  },
  {
    name: "kill-not-asked-by-the-account",
    promise: "An account decides no entry after a kill.",
    file: "src/lifecycle/Refuse.ts",
    find: "if (stopped !== undefined) return stopped",
    replace: "",
    also: [{
      file: "actors/broker-session/Wire.ts",
      find: "if (Option.isSome(scope)) return Transmit.withheld(\"Latched\", `no new risk may leave: ${scope.value} is stopped`, false)",
      replace: ""
    }],
    runs: [{ scenario: "round-native", hands: killed }]
  },
  {
    name: "kill-leaves-entries-at-work",
    promise: "A kill calls working entries back.",
    file: "src/lifecycle/Plan.ts",
    find: "  if (back.length > 0) return back\n",
    replace: "",
    also: [{ file: "src/lifecycle/commands/CancelEntries.ts", find: "const working = facts.powers === undefined ? [] : entries.filter(mayCancel)", replace: "const working = entries.filter((entry) => facts.powers === undefined && mayCancel(entry))" }],
    runs: [{ scenario: "limits-native", hands: [{ at: "00:01:30", tell: "kill", scope: "all" }] }]
  },
  {
    name: "kill-forgotten-by-restart",
    promise: "A kill holds until a person lifts it, whatever dies meanwhile.",
    file: applied,
    find: "if (event._tag === \"SwitchSet\") yield*",
    replace: "if (event._tag === \"SwitchSet\" && event.kind !== \"kill\") yield*",
    runs: [{ scenario: "round-native", hands: [...killed, { at: "00:02:40", dies: true }] }]
  },
  {
    name: "pause-forgotten-by-restart",
    promise: "A pause holds until a person lifts it, whatever dies meanwhile.",
    file: applied,
    find: "if (event._tag === \"SwitchSet\") yield*",
    replace: "if (event._tag === \"SwitchSet\" && event.kind !== \"pause\") yield*",
    also: [{ file: "src/dispatch/Open.ts", find: "if (event.kind !== \"pause\") return open", replace: "if (event.kind !== \"kill\") return open" }],
    runs: [{ scenario: "round-native", hands: [{ at: "00:02:30", tell: "pause", scope: "account/paper-1" }, { at: "00:02:40", dies: true }] }]
  },
  {
    name: "pause-lets-entries-through",
    promise: "While its account is paused no entry is decided.",
    file: "actors/dispatcher/Steps.ts",
    find: "isReducing(approved.signal.action) || !now().paused.has(`account/${id}`)",
    replace: "isReducing(approved.signal.action) || !now().paused.has(`account/${id}`) || id !== undefined",
    also: [{ file: "src/lifecycle/Refuse.ts", find: "const scope = isReducing(approved.signal.action) ? undefined : Stopped.pauseOn", replace: "const scope = isReducing(approved.signal.action) || approved.alertId !== \"\" ? undefined : Stopped.pauseOn" },
      { file: "actors/broker-session/Wire.ts", find: "if (paused !== undefined) return", replace: "if (paused !== undefined && paused === undefined) return" }],
    runs: [{ scenario: "round-native", hands: [{ at: "00:02:30", tell: "pause", scope: "account/paper-1" }] }]
  },
  {
    name: "pause-holds-up-exits",
    promise: "Exits pass a pause.",
    file: "actors/dispatcher/Steps.ts",
    find: "isReducing(approved.signal.action) || !now()",
    replace: "!now()",
    runs: [{ scenario: "round-native", hands: [{ at: "00:06:30", tell: "pause", scope: "account/paper-1" }] }]
  },
  {
    name: "kill-holds-up-exits",
    promise: "Exits and stops pass a kill.",
    file: "actors/broker-session/Wire.ts",
    find: "request._tag === \"SubmitBracket\" || (request._tag === \"Submit\" && request.order.leg === \"entry\")",
    replace: "request._tag === \"SubmitBracket\" || request._tag === \"Submit\"",
    runs: [{ scenario: "round-native", hands: [{ at: "00:06:30", tell: "kill", scope: "all" }] }]
  },
  {
    name: "flatten-leaves-positions",
    promise: "A flatten leaves nothing open.",
    file: "src/admin/commands/Moves.ts",
    find: "      isDue(\"close\", startedMs)\n      yield* Effect.forkChild(close, { startImmediately: true })\n",
    replace: "",
    also: [{ file: "src/admin/commands/Moves.ts", find: "if (judged.isToBeClosed && !isClosing && isDue(\"close\", nowMs)) yield* Effect.forkChild(close, { startImmediately: true })", replace: "" }],
    runs: [{ scenario: "round-native", hands: [{ at: "00:08:40", tell: "flatten", scope: "all" }] }]
  },
  {
    name: "flatten-lets-entries-leave",
    promise: "A flatten blocks new risk until a person lifts it.",
    file: "src/admin/commands/Flattening.ts",
    find: "    yield* latch.set(scope, \"block\")\n",
    replace: "",
    runs: [{ scenario: "round-native", hands: [{ at: "00:02:30", tell: "flatten", scope: "all" }] }]
  }
]
