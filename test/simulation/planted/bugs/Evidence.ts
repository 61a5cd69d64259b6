/** Bugs of what the venue's words are taken for: fills, answers, pictures, and what is unknown. */
import type { Bug } from "#test/simulation/planted/Bug.ts"

const report = "src/lifecycle/Report.ts"
const reconcile = "src/lifecycle/Reconcile.ts"
const transmit = "actors/broker-session/Transmit.ts"
const answers = "src/venues/reference/Answers.ts"

export const bugs: ReadonlyArray<Bug> = [
  {
    name: "fill-counted-twice",
    promise: "Each of the venue's fills counts once.",
    file: report,
    find: " || known.fills.has(fill.id)) return []",
    replace: ") return []",
    also: [{ file: "src/lifecycle/Filled.ts", find: "if (known === undefined || known.fills.has(fill.id)) return book", replace: "if (known === undefined) return book" }],
    runs: [{ scenario: "round-native", faults: "F11" }]
  },
  {
    name: "inferred-fill-adds",
    promise: "The venue's own fill takes the place of what was inferred.",
    file: "src/lifecycle/Book.ts",
    find: "const replaced = isInferred ? 0 : Math.min(before.inferred.lots, fill.lots)",
    replace: "const replaced = 0",
    runs: [{ scenario: "round-native", faults: "F28:p=0.3" }, { scenario: "round-native", faults: "F28:p=0.6" }, { scenario: "round-native", faults: "F22:p=0.5 F28:p=0.4" }, { scenario: "parts-native", faults: "F28:p=0.5" }, { scenario: "limits-native", faults: "F28:p=0.4" }]
  },
  {
    name: "fills-of-queries-ignored",
    promise: "A fill that the stream lost is found by asking.",
    file: reconcile,
    find: "for (const fill of snapshot.fills) fold(Report.ofFill(now, fill, \"query\", facts.nowMs))",
    replace: "",
    also: [
      { file: reconcile, find: "  fold(uncounted(now, snapshot, facts))\n", replace: "" },
      { file: reconcile, find: "  if (fill !== undefined) return [fill]\n  return [difference === 0", replace: "  return [difference === 0" }
    ],
    runs: [{ scenario: "blind", faults: "F7" }]
  },
  {
    name: "lost-answer-taken-for-no",
    promise: "An order whose answer was lost may have been executed.",
    file: transmit,
    find: "return Unknown.make({ cause: error.cause })",
    replace: "return Refused.make({ reason: error.cause, kind: \"other\" })",
    runs: [{ scenario: "round-native", faults: "F3:p=0.5" }]
  },
  {
    name: "lost-answer-sent-again",
    promise: "An order whose fate is unknown is never sent again.",
    file: transmit,
    find: "return Unknown.make({ cause: error.cause })",
    replace: "return withheld(\"Ambiguous\", error.cause, true)",
    runs: [{ scenario: "round-native", faults: "F3:p=0.5" }]
  },
  {
    name: "time-out-taken-for-not-sent",
    promise: "No answer in time is no evidence that nothing was done.",
    file: "src/venues/shared/Request.ts",
    find: "orElse: () => Effect.fail(new Ambiguous({ cause: `no answer within ${withinMs} ms` }))",
    replace: "orElse: () => Effect.fail(new Unavailable({ reason: `no answer within ${withinMs} ms` }))",
    runs: [{ scenario: "blind", faults: "F5:p=0.7 F7" }, { scenario: "blind", seed: 2, faults: "F5 F7" }]
  },
  {
    name: "order-resent-on-the-wire",
    promise: "An order is sent once, whatever comes of it.",
    file: "src/venues/reference/Session.ts",
    find: "      return once(read, asked, urgency, orderWithin, used).pipe(\n",
    replace: "      return Effect.retry(once(read, asked, urgency, orderWithin, used), { times: 1 }).pipe(\n",
    runs: [{ scenario: "round-native", faults: "F3:p=0.5" }]
  },
  {
    name: "client-id-by-chance",
    promise: "An order's id follows from its intent, so that it can be looked up.",
    file: "src/venues/reference/Translate.ts",
    find: "  clientId: order.id,\n  symbol",
    replace: "  clientId: `${order.id.slice(0, -1)}${order.id.endsWith(\"a\") ? \"b\" : \"a\"}`,\n  symbol",
    runs: [{ scenario: "round-native" }]
  },
  {
    name: "one-id-for-all-generations",
    promise: "Two intents never have one id.",
    file: "src/orders/ClientId.ts",
    find: "of.leg, of.generation])",
    replace: "of.leg])",
    runs: [{ scenario: "round-native", faults: "F1:p=0.4" }, { scenario: "round-plain", faults: "F1:p=0.3" }, { scenario: "round-plain", faults: "F18:p=0.5" }]
  },
  {
    name: "server-error-taken-for-no",
    promise: "A 5xx may hide an executed order.",
    file: answers,
    find: "return Result.fail(new Ambiguous({ cause: `status ${status}` }))",
    replace: "return Result.fail(new Refused({ kind: \"other\", reason: `status ${status}` }))",
    runs: [{ scenario: "round-native", faults: "F27:p=0.5" }]
  },
  {
    name: "error-in-200-taken-for-yes",
    promise: "A 200 with an error in it accepted nothing.",
    file: answers,
    find: "return Result.fail(notDone(body.success, answer, clean))",
    replace: "return Result.mapError(decode({ orderId: \"accepted\", ...body.success }), () => unreadable)",
    runs: [{ scenario: "round-plain", faults: "F26:p=0.4" }]
  },
  {
    name: "too-many-requests-taken-for-yes",
    promise: "A 429 accepted nothing.",
    file: answers,
    find: "if (status === 429) return Result.fail(new RateLimited({ retryAfterMs: retryAfterMs(retryAfter) }))",
    replace: "if (status === 429) return Result.mapError(decode({ orderId: \"accepted\" }), () => unreadable)",
    runs: [{ scenario: "round-plain", faults: "F24:p=0.3" }]
  },
  {
    name: "unreadable-answer-taken-for-no",
    promise: "An answer that cannot be read proves nothing.",
    file: answers,
    find: "const unreadable = new Ambiguous({ cause: \"an answer that cannot be read\" })",
    replace: "const unreadable = new Refused({ kind: \"other\", reason: \"an answer that cannot be read\" })",
    runs: [{ scenario: "round-native", seed: 2, faults: "F28:p=0.3" }, { scenario: "round-native", seed: 3, faults: "F28:p=0.4" }]
  },
  {
    name: "gap-in-the-stream-ignored",
    promise: "A gap in the stream is a lost event: ask.",
    file: "src/venues/reference/Stream.ts",
    find: "if (frame.success.seq !== seq + 1) return yield*",
    replace: "if (frame.success.seq < seq) return yield*",
    also: [{ file: "actors/account/Watch.ts", find: "isUncertain ? Math.min(onBeat, pictureAtMs + uncertainMinMs * 2 ** uncertainTimes) : onBeat", replace: "pictureAtMs + 86_400_000" }, { file: "src/lifecycle/Report.ts", find: "export const isOwed = (book: Book.Book, event: VenueEvent): boolean => {\n", replace: "export const isOwed = (book: Book.Book, event: VenueEvent): boolean => {\n  if (book.orders !== undefined) return false\n" }],
    runs: [{ scenario: "round-plain", faults: "F10:p=0.3" }]
  },
  {
    name: "silence-of-the-stream-ignored",
    promise: "A stream that has fallen silent is opened anew.",
    file: "src/venues/reference/Stream.ts",
    find: "silentMsMax: 31_000",
    replace: "silentMsMax: 86_400_000",
    also: [{ file: "actors/account/Watch.ts", find: "isUncertain ? Math.min(onBeat, pictureAtMs + uncertainMinMs * 2 ** uncertainTimes) : onBeat", replace: "pictureAtMs + 86_400_000" }],
    runs: [{ scenario: "blind", faults: "F7" }]
  },
  {
    name: "unknown-stop-doubled-at-once",
    promise: "A stop whose fate is unknown is looked up before another one is sent.",
    file: "actors/account/Watch.ts",
    find: "      if (leg === \"stop\") notBefore.set(instrumentId, { atMs: nowMs + stopUnknownMs, times })\n",
    replace: "",
    runs: [{ scenario: "blind", faults: "F27 F7" }]
  },
  {
    name: "recovery-sends-again",
    promise: "A later life looks up, it never sends again.",
    file: reconcile,
    find: "    OrderUnknown.make({ alertId: order.alertId, orderId: order.id, cause: \"no answer before the connection or the process ended\" })",
    replace: "    OrderWithheld.make({ alertId: order.alertId, orderId: order.id, reason: { rule: \"NeverLeft\", message: \"it was not answered\", facts: {} }, retry: true })",
    runs: [{ scenario: "brief-native", each: { kind: "network", moment: "after", fate: "kill" } }]
  },
  {
    name: "cancel-asked-is-cancelled",
    promise: "A cancel is done once the venue says so.",
    file: report,
    find: "      return changed(book, request.orderId, result, () => [])",
    replace: "      return book.orders.get(request.orderId) === undefined ? [] : ofReport(book, { ...request, clientOrderId: request.orderId, venueOrderId: book.orders.get(request.orderId)!.venueOrderId!, ...book.orders.get(request.orderId)!.order, status: \"Canceled\", filledLots: 0 }, 0)",
    runs: [{ scenario: "limits-plain", faults: "F1:p=0.5" }, { scenario: "limits-plain", faults: "F3:p=0.5" }, { scenario: "round-plain", faults: "F1:p=0.3" }]
  },
  {
    name: "trade-by-hand-taken-for-ours",
    promise: "What somebody else traded is no fill of ours.",
    file: report,
    find: "const known = fill.clientOrderId === undefined ? undefined : book.orders.get(fill.clientOrderId)\n  if (known === undefined || known.order.side",
    replace: "const known = fill.clientOrderId === undefined ? [...book.orders.values()].findLast(({ order }) => order.instrumentId === fill.instrumentId && order.side === fill.side) : book.orders.get(fill.clientOrderId)\n  if (known === undefined || known.order.side",
    runs: [{ scenario: "round-plain", hands: [{ at: "00:01:20", trade: "buy", symbol: "MESZ26", qty: "1", account: "A1" }] }]
  },
  {
    name: "open-orders-not-read",
    promise: "Recovery takes up what is open at the venue.",
    file: reconcile,
    find: "  for (const report of snapshot.orders) fold(Report.ofReport(now, report, facts.nowMs))\n",
    replace: "",
    runs: [{ scenario: "limits-plain", faults: "F3:p=0.7 F7" }, { scenario: "blind", faults: "F3:p=0.7 F7" }]
  },
  {
    name: "budget-ignored",
    promise: "A login never asks more often than its venue allows.",
    file: "src/venues/shared/Budget.ts",
    find: "if (leaves !== undefined) return yield*",
    replace: "if (leaves !== undefined && most < 0) return yield*",
    runs: [{ scenario: "budget" }]
  },
  {
    name: "wall-clock-in-a-deadline",
    promise: "A step of the clock changes no deadline.",
    file: "actors/account/Shell.ts",
    find: "    watch.shift(byMs)\n",
    replace: "",
    runs: [{ scenario: "clock-step", hands: [{ at: "00:02:09.900", strike: "F24" }, { at: "00:02:09.900", strike: "F24" }] }]
  }
]
