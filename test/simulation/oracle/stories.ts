/**
 * Hand-made stories for the judge: rows and records as house and venue write them, one after the other. What a story leaves out takes the
 * simplest value.
 */
import * as Judge from "#src/simulation/oracle/Judge.ts"

export const startMs = 1_795_000_000_000 // a Wednesday, 2026-11-18, 11:06:40 UTC
export const account = "acct-1"
export const venue = "fake"
export const symbol = "MESZ26"
export const otherSymbol = "MNQZ26"

export const instrument = (id = symbol) => ({
  id, version: 1, root: id.slice(0, 3), asset: "futures", exchange: "CME", tickSize: "0.25", tickValue: "1.25", currency: "USD", lotSize: "1", calendar: "cme"
})

export interface Settings {
  readonly caps?: object
  readonly enabled?: boolean
  readonly strategy?: object
  readonly calendar?: object
}

const body = ({ calendar = {}, caps = {}, enabled = true, strategy = {} }: Settings) => ({
  accounts: { accounts: [account, "acct-2"].map((id, n) => ({
    id, enabled, login: "login-1", venueAccount: `A${n + 1}`, assets: ["futures"], caps, dayStartsAt: { time: "17:00", zone: "America/Chicago" }
  })) },
  strategies: { strategies: [{ id: "trend", enabled: true, protection: "required", quotes: "any", entryAgeMsMax: 60_000, ...strategy }] },
  venues: { logins: [{ id: "login-1", venue: "reference", reference: { requestsPerMinute: 5 } }] },
  calendars: { calendars: [{ id: "cme", zone: "America/Chicago", always: true, windows: [], closedOn: [], earlyCloses: [], ...calendar }] }
})

/** What of an order a story may choose. */
export interface Sent {
  readonly id: string
  readonly leg?: string
  readonly side?: string
  readonly lots?: number
  readonly alertId?: string
  readonly symbol?: string
  readonly of?: string
  readonly type?: string
  readonly reduceOnly?: boolean
}

const defaults = ({ alertId = "a1", id, leg = "entry", lots = 1, of = account, reduceOnly = false, side = leg === "entry" ? "buy" : "sell", symbol: of_ = symbol, type }: Sent) => ({
  id, accountId: of, alertId, instrumentId: of_, instrumentVersion: 1, leg, generation: 1, side, lots,
  type: type ?? (leg === "stop" ? "stop" : leg === "target" ? "limit" : "market"),
  ...(leg === "stop" ? { stop: 27_900 } : leg === "target" ? { limit: 28_100 } : {}), timeInForce: "gtc", reduceOnly, lane: "futures"
})

const price = (ticks: number) => (ticks * 0.25).toFixed(2).replace(/\.?0+$/, "")

export const make = (options: Partial<Judge.Options> = {}, settings: Settings = {}) => {
  const judge = Judge.make({
    venues: { [venue]: { A1: { account, login: "login-1" }, A2: { account: "acct-2", login: "login-1" } } }, slackMs: 0, ...options
  })
  let seq = 0
  let n = 0
  let atMs = startMs
  const versions = new Map<string, number>()
  const rows: Array<{ seq: number; atMs: number; stream: string; version: number; event: { _tag: string; [key: string]: unknown } }> = []
  const row = (stream: string, _tag: string, fields: object) => {
    const version = (versions.get(stream) ?? 0) + 1
    versions.set(stream, version)
    const made = { seq: ++seq, atMs, stream, version, event: { _tag, ...fields } }
    rows.push(made)
    judge.row(made)
    return seq
  }
  const own = (_tag: string, fields: object, of = account) => row(`account/${of}`, _tag, fields)
  const record = (kind: string, fields: object) => judge.ledger({ n: ++n, atMs, kind, ...fields }, venue)
  const nameOf = (of: string | undefined) => of === "acct-2" ? "A2" : "A1"

  const story = {
    judge,
    rows,
    own,
    row,
    record,
    nowMs: () => atMs,
    wait: (ms: number) => {
      atMs += ms
      judge.time(atMs)
      return story
    },
    invariants: () => judge.violations().map(({ invariant }) => invariant),
    messages: () => judge.violations().map(({ invariant, message }) => `${invariant}: ${message}`),

    config: (more: Settings = {}, hash = "h1") => row("operator", "ConfigApplied", { hash, body: body({ ...settings, ...more }) }),
    alert: (id = "a1", { action = "buy", accounts = [account], blocked, sentAtMs }: {
      readonly action?: string
      readonly accounts?: ReadonlyArray<string>
      readonly blocked?: { readonly outcome: string; readonly reason: { readonly rule: string; readonly message: string } }
      readonly sentAtMs?: number
    } = {}) => {
      row("ingress/futures", "AlertAccepted", {
        alertId: id, delivery: { receivedAtMs: atMs },
        signal: { lane: "futures", strategy: "trend", action, symbol: "MES1!", orderType: "market", ...(sentAtMs === undefined ? {} : { sentAtMs }) }
      })
      judge.answered({ atMs, status: 200, body: JSON.stringify({ alertId: id, status: "accepted" }) })
      row("dispatch", "AlertGated", { alertId: id, strategy: "trend", verdicts: [], configHash: "h1", accounts, ...(blocked === undefined ? {} : { blocked }) })
    },
    decided: ({ alertId = "a1", at = atMs, mode = "managed", of = account, on = symbol, quoteAtMs }: {
      readonly alertId?: string
      readonly at?: number
      readonly mode?: string
      readonly of?: string
      readonly on?: string
      readonly quoteAtMs?: number
    } = {}) => own("EntryDecided", {
      alertId, decidedAtMs: at, strategy: "trend", instrument: instrument(on), sizing: [], plan: { mode, stop: 27_900 }, configHash: "h1",
      ...(quoteAtMs === undefined ? {} : { quote: { atMs: quoteAtMs } })
    }, of),
    intend: (sent: Sent) => {
      const order = defaults(sent)
      own("OrderIntended", { alertId: order.alertId, order }, order.accountId)
    },
    /** In the venue's book. */
    arrive: (sent: Sent & { readonly orderId?: string; readonly parent?: string; readonly role?: string }) => {
      const { accountId, id, instrumentId, leg, lots, reduceOnly, side, type, ...rest } = defaults(sent)
      const orderId = sent.orderId ?? `v-${id}`
      const prices = { ...("stop" in rest ? { stop: price(rest.stop ?? 0) } : {}), ...("limit" in rest ? { limit: price(rest.limit ?? 0) } : {}) }
      record("order", {
        account: nameOf(accountId), orderId, clientId: id, symbol: instrumentId, side, type, qty: String(lots), reduceOnly, ...prices,
        role: sent.role ?? "single", ...(sent.parent === undefined ? {} : { parent: sent.parent })
      })
      story.state(id, { status: sent.parent === undefined ? "working" : "held", qty: lots, orderId, of: accountId })
      return leg
    },
    state: (id: string, { filled = 0, of = account, orderId = `v-${id}`, qty = 1, status }: {
      readonly status: string
      readonly qty?: number
      readonly filled?: number
      readonly orderId?: string
      readonly of?: string
    }) => record("state", { account: nameOf(of), orderId, clientId: id, status, qty: String(qty), filled: String(filled) }),
    /** The venue fills all of an order, and says so unless told not to. */
    fill: (id: string, { at = "7000", filled, isTold = true, lots = 1, of = account, on = symbol, qty = lots, side = "buy", fillId = `f-${id}` }: {
      readonly lots?: number
      readonly qty?: number
      readonly filled?: number
      readonly side?: string
      readonly on?: string
      readonly of?: string
      readonly at?: string
      readonly fillId?: string
      readonly isTold?: boolean
    } = {}) => {
      record("fill", { account: nameOf(of), fillId, orderId: `v-${id}`, clientId: id, symbol: on, side, qty: String(lots), price: at, fee: "0.62" })
      story.state(id, { status: (filled ?? lots) >= qty ? "filled" : "partly", qty, filled: filled ?? lots, of })
      if (isTold) story.tell(fillId, { of })
    },
    tell: (fillId: string, { of = account }: { readonly of?: string } = {}) => record("told", { account: nameOf(of), fillId, how: "stream" }),
    /** The journal learns of it. */
    hear: (id: string, { at = "7000", evidence = "event", fee = "0.62", fillId = `f-${id}`, lots = 1, of = account, on = symbol, side = "buy", alertId = "a1" }: {
      readonly lots?: number
      readonly side?: string
      readonly on?: string
      readonly of?: string
      readonly at?: string
      readonly fee?: string
      readonly fillId?: string
      readonly evidence?: string
      readonly alertId?: string
    } = {}) => own("FillReceived", {
      alertId, orderId: id, evidence, seenAtMs: atMs,
      fill: { id: fillId, clientOrderId: id, venueOrderId: `v-${id}`, instrumentId: on, side, lots, price: at, fee, atMs }
    }, of),
    /** Of an order: `OrderAccepted`, `OrderUnknown`, `OrderCanceled` ... */
    say: (_tag: string, id: string, fields: object = {}) => own(_tag, { alertId: "a1", orderId: id, venueOrderId: `v-${id}`, held: false, ...fields }),
    outcome: (outcome: string, { alertId = "a1", of = account, orderIds = [], rule }: {
      readonly alertId?: string
      readonly of?: string
      readonly orderIds?: ReadonlyArray<string>
      readonly rule?: string
    } = {}) => own("OutcomeReached", { alertId, outcome, orderIds, ...(rule === undefined ? {} : { reason: { rule, message: rule, facts: {} } }) }, of),

    /** Up, reconciled, one alert. */
    begin: (more: Settings = {}) => {
      judge.life({ atMs, kind: "start" })
      record("reach", { up: true })
      record("cash", { account: "A1", amount: "50000" })
      story.config(more)
      own("AccountRecovering", { atMs })
      own("AccountReconciled", { atMs, unknown: 0 })
      return story
    },
    /** A long position of so many, its stop at work. */
    long: ({ alertId = "a1", lots = 1, stop = lots }: { readonly alertId?: string; readonly lots?: number; readonly stop?: number } = {}) => {
      const [entry, stopId] = [`il-entry-${alertId}`, `il-stop-${alertId}`]
      story.alert(alertId)
      story.decided({ alertId })
      story.intend({ id: entry, alertId, lots })
      story.arrive({ id: entry, alertId, lots })
      story.say("OrderAccepted", entry, { alertId })
      story.fill(entry, { lots })
      story.hear(entry, { lots, alertId })
      if (stop > 0) {
        story.intend({ id: stopId, leg: "stop", alertId, lots: stop })
        story.arrive({ id: stopId, leg: "stop", alertId, lots: stop })
        story.say("OrderAccepted", stopId, { alertId })
      }
      story.outcome("filled", { alertId, orderIds: [entry] })
      return { entry, stop: stopId }
    }
  }
  return story
}

export const begun = (options: Partial<Judge.Options> = {}, settings: Settings = {}) => make(options, settings).begin()
