/** What the operator's tools are answered. Questions are answered here; commands, which change something, in `commands/`. */
import { Clock, Effect, Option, Redacted, Ref, Schema, Stream } from "effect"
import { HouseConfig, type House } from "#config/House.ts"
import { Secrets } from "#config/Secrets.ts"
import { AdminRpc, NotFound } from "#schemas/contracts/AdminRpc.ts"
import { StoryView } from "#schemas/contracts/Views.ts"
import type { AccountId, InstrumentId } from "#schemas/Ids.ts"
import type { Quote } from "#schemas/Quote.ts"
import { Journal } from "#src/ports/Journal.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import { type States, Supervision } from "#src/ports/Supervision.ts"
import * as Accounts from "#src/projections/Accounts.ts"
import type * as Alerts from "#src/projections/Alerts.ts"
import type * as Books from "#src/projections/Books.ts"
import * as Findings from "#src/projections/Findings.ts"
import * as Orders from "#src/projections/Orders.ts"
import * as Positions from "#src/projections/Positions.ts"
import * as PositionViews from "#src/projections/PositionViews.ts"
import * as Story from "#src/projections/Story.ts"
import * as Switches from "#src/projections/Switches.ts"
import * as Trades from "#src/projections/Trades.ts"
import * as AlertPages from "./AlertPages.ts"
import * as AtVenue from "./AtVenue.ts"
import * as Commands from "./commands/Commands.ts"
import * as Status from "./Status.ts"
import * as Version from "./Version.ts"
import { Views } from "./Views.ts"

const limitDefault = 1_000

/** What a pending account waits for, as long as no row says it: its venue, or its own turn. */
const causeIn = (house: House, states: States): Alerts.CauseOf => (accountId) => {
  const state = Status.accountState(house, states, accountId)
  return state === "connecting" || state === "reconciling" ? "reconciling" : "working"
}

const storyCodec = Schema.fromJsonString(Schema.toCodecJson(StoryView))

/** A strategy's first open entrance. */
const laneOf = (house: House, strategyId: string) => {
  const strategy = [...house.strategies.values()].find(({ id }) => id === strategyId)
  const lanes = (strategy?.lanes ?? []).flatMap((id) => house.lanes.get(id) ?? [])
  return { strategy, lane: lanes.find(({ enabled }) => enabled) }
}

const marks = Effect.fnUntraced(function*(quotes: QuoteBook["Service"], house: House, positions: Positions.State) {
  const found = new Map<string, Quote>()
  for (const { accountId, instrumentId } of Positions.open(positions)) {
    const quote = yield* quotes.latest(instrumentId, house.accounts.get(accountId)?.login ?? "")
    if (Option.isSome(quote)) found.set(`${accountId} ${instrumentId}`, quote.value)
  }
  return (instrumentId: InstrumentId, accountId: AccountId) => found.get(`${accountId} ${instrumentId}`)
})

/** What is ours, then what the venues hold beside it. */
const positionsOf = ({ findings, orders, positions }: Books.State, mark: PositionViews.Mark, isSimulated: (id: AccountId) => boolean) => [
  ...PositionViews.views(positions, { orders, mark, isSimulated }),
  ...Findings.positions(findings, orders.catalog, isSimulated)
]

const ordersOf = ({ findings, orders }: Books.State, asked: { readonly since?: number; readonly limit?: number }) => [
  ...Orders.page(orders, asked, limitDefault),
  ...Findings.orders(findings, orders.catalog, asked.since)
]

/** Whether every account has been settled at least once since the start. */
const settledOnce = Effect.gen(function*() {
  const config = yield* HouseConfig
  const supervision = yield* Supervision
  const hasSettled = yield* Ref.make(false)
  yield* supervision.changes.pipe(
    Stream.filterEffect((states) => Effect.map(config.current, (house) => Status.isSettled(house, states))),
    Stream.take(1),
    Stream.runForEach(() => Ref.set(hasSettled, true)),
    Effect.forkScoped
  )
  return Ref.get(hasSettled)
})

/** `webhookUrl`: where alerts are posted, for those who send one themselves. */
export const layer = (options: { readonly webhookUrl: string }) => AdminRpc.toLayer(Effect.gen(function*() {
  const config = yield* HouseConfig
  const journal = yield* Journal
  const latch = yield* RiskLatch
  const quotes = yield* QuoteBook
  const refused = yield* RefusedDeliveries
  const secrets = yield* Secrets
  const supervision = yield* Supervision
  const views = yield* Views

  const commands = yield* Commands.make
  const atVenue = yield* AtVenue.make

  const version = Version.read()
  const hasSettled = yield* settledOnce

  /** All that a question may need, as of now. */
  const look = Effect.gen(function*() {
    const [folded, house, states, latched] = yield* Effect.all([views.current, config.current, supervision.states, latch.all])
    const books = { ...folded, switches: Switches.withLatched(folded.switches, latched) }
    return { books, house, states, causeOf: causeIn(house, states) }
  })

  const masked = (story: StoryView): Effect.Effect<StoryView> =>
    Schema.encodeEffect(storyCodec)(story).pipe(
      Effect.flatMap((text) => Schema.decodeEffect(storyCodec)(secrets.mask(text))),
      Effect.orDie
    )

  return AdminRpc.of({
    Status: Effect.fnUntraced(function*() {
      const { books, house, states } = yield* look
      return Status.of({
        version,
        house,
        states,
        switches: books.switches,
        findings: Findings.views(books.findings, books.orders.catalog),
        journal: yield* journal.status,
        refusedDeliveries: yield* refused.counts,
        hasSettled: yield* hasSettled
      })
    }),

    Accounts: Effect.fnUntraced(function*() {
      const { books, house, states } = yield* look
      const mark = yield* marks(quotes, house, books.positions)
      const nowMs = yield* Clock.currentTimeMillis
      return [...house.accounts.values()].map((account) => Accounts.view(books.accounts, account, {
        ...books,
        nowMs,
        mark,
        isLive: !Status.isSimulated(house, account.id),
        stateNow: Status.accountState(house, states, account.id)
      }))
    }),

    Positions: Effect.fnUntraced(function*() {
      const { books, house } = yield* look
      const mark = yield* marks(quotes, house, books.positions)
      return positionsOf(books, mark, (id) => Status.isSimulated(house, id))
    }),

    AtVenue: atVenue,

    Orders: (asked) => Effect.map(look, ({ books }) => ordersOf(books, asked)),

    Trades: (asked) => Effect.map(look, ({ books, house }) =>
      Trades.page(books.trades, asked, limitDefault, (id) => house.accounts.get(id)?.balance.currency)),

    Alerts: (asked) => Effect.flatMap(look, ({ books, causeOf }) => AlertPages.page(books.alerts, journal, asked, causeOf)),

    Why: Effect.fnUntraced(function*({ alertId }) {
      const { books, causeOf } = yield* look
      const found = yield* AlertPages.one(journal, alertId, causeOf)
      if (found === undefined) {
        return yield* new NotFound({ what: alertId, message: `no alert ${alertId}: \`interlock alerts\` lists those that came` })
      }
      return yield* masked({ alert: found.alert, body: Story.bodyOf(found.rows), lines: Story.tell(found.rows, books.orders) })
    }),

    SendTarget: Effect.fnUntraced(function*({ strategy: asked }) {
      const house = yield* config.current
      const { lane, strategy } = laneOf(house, asked)
      if (strategy === undefined) {
        const known = [...house.strategies.keys()].join(", ")
        return yield* new NotFound({ what: asked, message: `no strategy ${asked} is configured; there is ${known === "" ? "none" : known}` })
      }
      if (lane === undefined) return yield* new NotFound({ what: asked, message: `strategy ${asked} listens on no enabled lane` })
      return { webhookUrl: options.webhookUrl, lane: lane.id, secret: Redacted.value(yield* secrets.get(lane.secret)) }
    }),

    ...commands
  })
}))
