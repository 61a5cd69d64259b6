/** What one row of an alert's story says, in sentences. */
import type { ClientOrderId, InstrumentId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"
import type { Order } from "#schemas/Order.ts"
import type { Signal } from "#schemas/Signal.ts"
import type { Verdict } from "#schemas/Verdict.ts"
import * as HouseSentences from "./HouseSentences.ts"
import { priceText, quantityText } from "./Orders.ts"
import * as Phrases from "./Phrases.ts"
import * as RunnerSentences from "./RunnerSentences.ts"
import { accountOf } from "./Streams.ts"
import * as Text from "./Text.ts"

/** What the rows before have told. */
export interface Scene {
  readonly signal: Signal | undefined
  readonly orderOf: (id: ClientOrderId) => Order | undefined
  readonly instrumentOf: (id: InstrumentId, version?: number) => Instrument | undefined
}

/** One sentence; `of` is the part of the row that it tells, where it is not all of it. */
export interface Sentence {
  readonly text: string
  readonly of?: unknown
}

type EventOf<Tag extends JournalEvent["_tag"]> = Extract<JournalEvent, { readonly _tag: Tag }>

export const of = (row: JournalRow, scene: Scene): ReadonlyArray<Sentence> => {
  const account = accountOf(row)
  const told = ofAlert(row.event) ?? ofOperator(row.event) ?? ofDecision(row.event, scene) ?? [{ text: ofOrder(row.event, scene) ?? ofAccount(row.event, scene) ?? HouseSentences.of(row.event) ?? row.event._tag }]
  return account === undefined ? told : told.map((sentence) => ({ ...sentence, text: `${account}: ${sentence.text}` }))
}

const ofAlert = (event: JournalEvent): ReadonlyArray<Sentence> | undefined => {
  switch (event._tag) {
    case "AlertAccepted":
      return [{ text: `Alert for ${event.signal.strategy} came on lane ${arrival(event.delivery)}: ${Phrases.signal(event.signal)}.` }]
    case "AlertDuplicated":
      return [{ text: `The same alert came again on lane ${arrival(event.delivery)} (known by its ${event.by === "id" ? "id" : "body"}): nothing new was done.` }]
    case "AlertRefused": {
      const { error, message, path } = event.refusal
      return [{ text: `Refused on lane ${arrival(event.delivery)}: ${error}${path === undefined ? "" : ` at ${path}`}: ${message}.` }]
    }
    case "AlertAnswered":
      return [{ text: `Answered ${event.status}.` }]
    case "AlertGated":
      return gated(event)
    case "GuardApproved":
      return [{ text: `Guard approved${event.tradingDay === undefined ? ": what reduces risk counts as no fire" : ` as a fire of ${event.tradingDay}`}${
        event.notes.map((note) => `; ${Phrases.reason(note)}`).join("")
      }.` }]
    case "GuardBlocked":
      return [{ text: `Guard said no: ${Phrases.reason(event.reason)}.` }]
    case "FireRefunded":
      return [{ text: "Nothing was sent for it: the fire does not count." }]
    case "GuardSettled":
      return [{ text: "The guard is done with it." }]
    case "AlertRedriven":
      return [{ text: `${event.accountId} died on it: told once more, attempt ${event.attempt}.` }]
    case "AlertSettled":
      return [{ text: `Every account has its outcome; ${event.sent ? "an order was sent" : "nothing was sent"}.` }]
    default:
      return undefined
  }
}

const ofOperator = (event: JournalEvent): ReadonlyArray<Sentence> | undefined => {
  if (event._tag === "CommandGiven") {
    return [{ text: `${event.who} asks: ${event.command}${Phrases.asked(event.detail)}${event.why === "" ? "" : `, because ${event.why}`}.` }]
  }
  return event._tag === "SwitchSet" ? [{ text: `${event.kind} ${event.scope} ${event.on ? "on" : "off"}, by ${event.who}.` }] : undefined
}

const arrival = ({ format, lane, notes, repairs, source }: EventOf<"AlertAccepted">["delivery"]): string =>
  `${lane} from ${source} as ${format}${repairs.map((name) => `, repaired: ${name}`).join("")}${notes.map((note) => `, note: ${note}`).join("")}`

const gated = ({ accounts, blocked, verdicts }: EventOf<"AlertGated">): ReadonlyArray<Sentence> => [
  ...verdicts.map((verdict) => ({ text: verdictText(verdict), of: verdict })),
  {
    text: blocked === undefined
      ? `All gates passed; asked: ${accounts.length === 0 ? "no account" : accounts.join(", ")}.`
      : `Stopped for ${accounts.length === 0 ? "every account" : accounts.join(", ")}, ${blocked.outcome}: ${Phrases.reason(blocked.reason)}.`
  }
]

const verdictText = ({ gate, inputs, message, passed }: Verdict): string =>
  `Gate ${gate} ${passed ? "passed" : "said no"}: ${message}${Phrases.facts(inputs)}.`

const ofDecision = (event: JournalEvent, { instrumentOf }: Scene): ReadonlyArray<Sentence> | undefined => {
  if (event._tag !== "EntryDecided") return undefined
  const { deadlineAtMs, instrument, plan, quote, sizing } = event
  const planned = Phrases.levels(plan.stop, plan.target, instrumentOf(instrument.id, instrument.version) ?? instrument)
  const seen = quote === undefined
    ? "without a quote"
    : `with ${quote.source}${quote.isSimulated ? " (simulated)" : ""} at bid ${priceText(instrument, quote.bid)}, ask ${priceText(instrument, quote.ask)}`
  return [
    ...sizing.map((step) => ({ text: `Size after ${step.rule}: ${quantityText(instrument, step.lots)}, ${step.detail}.`, of: step })),
    {
      text: `Entry decided on ${instrument.id} ${seen}; protection ${plan.mode}${planned === "" ? "" : `, ${planned}`}${RunnerSentences.planned(plan, instrument)}${
        deadlineAtMs === undefined ? "" : `; what has not filled by ${Phrases.instant(deadlineAtMs)} is cancelled`
      }.`
    }
  ]
}

const ofOrder = (event: JournalEvent, scene: Scene): string | undefined => {
  if (event._tag === "OrderIntended") {
    return `Intends ${Phrases.order(event.order, instrumentOfOrder(event.order, scene))} (${event.order.id}).`
  }
  if (!("orderId" in event)) return undefined
  const order = scene.orderOf(event.orderId)
  const name = order === undefined ? `order ${event.orderId}` : `${order.leg} ${event.orderId}`
  const instrument = order === undefined ? undefined : instrumentOfOrder(order, scene)
  switch (event._tag) {
    case "OrderAccepted":
      return `Venue ${event.held ? "holds" : "accepted"} ${name} as ${event.venueOrderId}${event.held ? " until its parent fills" : ""}.`
    case "OrderRejected":
      return `Venue rejected ${name}: ${event.reason}.`
    case "OrderWithheld":
      return `${name} was withheld, it never left: ${Phrases.reason(event.reason)}${event.retry ? "; it may be decided anew" : ""}.`
    case "OrderUnknown":
      return `${name} may or may not have been executed: ${event.cause}. It counts in full until the venue proves what became of it.`
    case "OrderCanceled":
      return `${name} is cancelled.`
    case "OrderExpired":
      return `${name} expired at the venue.`
    case "CancelIntended":
      return `Asks the venue to cancel ${name}: ${event.why}.`
    case "ChangeRefused":
      return `Venue refused to change ${name}: ${event.reason}.`
    case "ModifyIntended":
      return `Asks the venue to change ${name} to ${changed(event, instrument)}.`
    case "OrderModified":
      return `${name} is now ${changed(event, instrument)}.`
    case "OrderAttested":
      return `An operator attests: ${name} ${event.executed === undefined ? "was not executed" : `was executed, ${quantityText(instrument, event.executed.lots)} at ${Text.decimal(event.executed.price)}`}.`
    case "AttestationOverruled":
      return `The venue overrules what was attested of ${name}: ${event.reason}.`
    case "FillReceived":
      return filled(event, name, order, instrument, scene.signal)
    case "AdoptionExplained":
      return `${quantityText(instrument, event.lots)} that were taken over as somebody else's were ${name}'s own.`
    case "ElsewhereExplained":
      return `${quantityText(instrument, event.lots)} that counted as closed elsewhere were ${name}'s own.`
  }
}

const instrumentOfOrder = (order: Order, { instrumentOf }: Scene) => instrumentOf(order.instrumentId, order.instrumentVersion)

const changed = ({ limit, lots, stop }: EventOf<"OrderModified"> | EventOf<"ModifyIntended">, instrument: Instrument | undefined): string =>
  [
    quantityText(instrument, lots),
    ...(limit === undefined ? [] : [`limit ${priceText(instrument, limit)}`]),
    ...(stop === undefined ? [] : [`stop ${priceText(instrument, stop)}`])
  ].join(", ")

const evidences = { event: "", query: ", found by asking", inferred: ", inferred from the position until the venue reports it", attested: ", on an operator's word until the venue reports it" } as const

const filled = (
  { evidence, fill }: EventOf<"FillReceived">,
  name: string,
  order: Order | undefined,
  instrument: Instrument | undefined,
  signal: Signal | undefined
): string => {
  const asked = order?.leg === "entry" || order?.leg === "exit" ? signal?.price : undefined
  const against = asked === undefined || instrument === undefined ? "" : `, ${Phrases.slippage(fill.side, fill.price, asked, instrument)}`
  return `${name} filled: ${fill.side} ${quantityText(instrument, fill.lots)} at ${Text.decimal(fill.price)}${against}, fee ${
    Text.decimal(fill.fee)
  }${evidences[evidence]}.`
}

const closeReasons = {
  signal: "the alert asks for it",
  reverse: "the alert turns the position",
  flatten: "flatten",
  target: "the target is reached",
  unprotected: "it has no confirmed stop",
  excess: "it is larger than was meant",
  operator: "an operator asks for it",
  drift: "it is not ours, and the account is to be flat of such",
  timeStop: "its time is over"
} as const

const ofAccount = (event: JournalEvent, { instrumentOf }: Scene): string | undefined => {
  switch (event._tag) {
    case "SignalQueued":
      return `Waits its turn: ${event.cause}.`
    case "SignalTaken":
      return "Its turn came."
    case "CloseDecided":
      return `Closes ${event.lots === undefined ? "all" : quantityText(instrumentOf(event.instrumentId), event.lots)} of ${event.instrumentId}: ${
        closeReasons[event.reason]
      }.`
    case "RunnerStepped":
      return RunnerSentences.of(event, instrumentOf(event.instrumentId))
    case "ClosedElsewhere":
      return elsewhere(event, instrumentOf(event.instrumentId))
    case "PositionAdopted":
      return adopted(event)
    case "ForeignOrderFound":
      return `Order ${event.report.clientOrderId} works at the venue and is not ours: ${event.report.side} ${
        quantityText(instrumentOf(event.report.instrumentId), event.report.lots - event.report.filledLots)} ${event.report.instrumentId}${
        event.isOurShape ? "; its name is one as this house makes them: a second house, or an older journal" : ""}${event.mayOpen ? "; it may open a position" : ""}.`
    case "ForeignOrderEnded":
      return `Order ${event.foreignId}, which is not ours, is gone from the venue.`
    case "CloseEnded":
      return `The close on ${event.instrumentId} is over.`
    case "ProtectionMoved":
      return `Protection on ${event.instrumentId} moves to ${[
        Phrases.levels(event.stop, event.target, instrumentOf(event.instrumentId)),
        event.targetOff === true ? "no target" : ""
      ].filter((part) => part !== "").join(", ") || "nothing"}${event.runnerAtMs === undefined ? "" : ", by the runner"}.`
    case "ProtectionAlarm":
      return `ALARM: ${event.message}.`
    case "TradeClosed":
      return closed(event, instrumentOf(event.instrumentId))
    case "OutcomeReached":
      return `Outcome: ${event.outcome}${event.reason === undefined ? "" : `, ${Phrases.reason(event.reason)}`}.`
    case "OutcomePending":
      return `Pending: ${event.cause}${event.reason === undefined ? "" : `, ${Phrases.reason(event.reason)}`}.`
    default:
      return undefined
  }
}

const adopted = ({ instrument, note, order, plan, price, resting, next }: EventOf<"PositionAdopted">): string => {
  const levels = Phrases.levels(plan.stop, plan.target, instrument)
  const protection = next === "close" ? "" : `; ${levels}${resting.length === 0 ? "" : ", which works there already"}`
  return `Takes over ${order.side === "buy" ? "long" : "short"} ${quantityText(instrument, order.lots)} ${instrument.id} that no order of ours explains, counted at ${
    Text.decimal(price)}, ${note}${protection}.`
}

const elsewhere = ({ evidence, instrumentId, lots, note, price }: EventOf<"ClosedElsewhere">, instrument: Instrument | undefined): string =>
  `Closed elsewhere: the venue holds ${quantityText(instrument, lots)} of ${instrumentId} less than our book${
    evidence === "fills" ? ", and shows the fills of somebody else's orders" : ""
  }; counted as closed${price === undefined ? "" : ` at ${Text.decimal(price)}`}, ${note}.`

const closed = ({ instrumentId, trade }: EventOf<"TradeClosed">, instrument: Instrument | undefined): string =>
  trade === undefined
    ? `Flat on ${instrumentId}, no order is left; nothing was traded.`
    : `Flat on ${instrumentId}, no order is left. Trade ${trade.side} ${quantityText(instrument, trade.lots)}, in ${Text.average(trade.entryPrice)}, out ${
      Text.average(trade.exitPrice)
    }: ${Text.average(trade.realizedPnl)} after fees of ${Text.decimal(trade.fees)}${trade.inferred ? ", partly inferred" : ""}.`
