/** `close`: one position, whole or in part. Answered once it is decided; the venue is not waited for. */
import { BigDecimal, Clock, DateTime, Effect, Option } from "effect"
import { Account } from "#actors/account/Protocol.ts"
import { HouseConfig, type House } from "#config/House.ts"
import { AccountCommand } from "#schemas/AccountCommand.ts"
import { NotFound, NotNow } from "#schemas/contracts/AdminRpc.ts"
import { type Asker, CommandDenied, type CommandReceipt } from "#schemas/contracts/Commands.ts"
import { type AccountId, InstrumentId } from "#schemas/Ids.ts"
import { type Instrument, Lots } from "#schemas/Instrument.ts"
import * as Conform from "#src/orders/Conform.ts"
import * as Units from "#src/orders/Units.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import * as Resolve from "#src/symbols/Resolve.ts"
import * as Given from "./Given.ts"
import * as Shut from "./Shut.ts"

const holdsWithin = "1 second"
const decidedWithin = "10 seconds"

interface Asked extends Asker {
  readonly accountId: AccountId
  readonly symbol: string
  readonly quantity?: BigDecimal.BigDecimal
}

/** A name without its month means what is held of that root, were it last month's contract. */
const meant = ({ calendars, instruments }: House, symbol: string, held: ReadonlyArray<InstrumentId>, nowMs: number): Instrument | undefined => {
  const exact = Option.getOrUndefined(Resolve.byId(instruments, InstrumentId.make(Resolve.normalize(symbol).replaceAll(/[^A-Z0-9._-]/g, "-") || "-"), calendars))
  const front = Option.getOrUndefined(Resolve.resolve(instruments, symbol, nowMs, calendars))
  if (exact !== undefined || front === undefined || held.includes(front.id)) return exact ?? front
  const [other, ...more] = held.flatMap((id) => Option.toArray(Resolve.byId(instruments, id, calendars))).filter(({ root }) => root === front.root)
  return more.length > 0 ? front : other ?? front
}

const tooSmall = (instrument: Instrument, quantity: BigDecimal.BigDecimal) =>
  new CommandDenied({ reason: Conform.belowMinimum(instrument, BigDecimal.format(quantity), "The quantity to close") })

const silent = new NotNow({ message: `the account has not answered within ${decidedWithin}: it may close all the same, \`interlock positions\` tells` })
const died = new NotNow({ message: "the account's handler died on it: see the log; `interlock positions` tells whether it closes" })

export const make = Effect.gen(function*() {
  const accountFor = yield* Account.client
  const config = yield* HouseConfig
  const supervision = yield* Supervision
  const { given, isDurable, onDisk, stage } = yield* Given.make

  /** What stands between the decision and the venue. */
  const hurdles = Effect.fnUntraced(function*(house: House, id: AccountId, instrument: Instrument) {
    const shut = Shut.until(house, yield* Clock.currentTimeMillis)(instrument.id)
    const state = yield* supervision.account(id)
    return [
      ...(shut === undefined ? [] : [`the exchange is shut: it goes first at the open${
        shut.opensAtMs === undefined ? "" : ` (${DateTime.formatIso(DateTime.makeUnsafe(shut.opensAtMs))})`
      }, the stop stays until then`]),
      ...(state === "connecting" || state === "reconciling" ? [`the account is ${state}: it goes on as soon as the venue has been asked`] : [])
    ]
  })

  return Effect.fnUntraced(function*({ accountId, quantity, symbol, ...asker }: Asked) {
    const house = yield* config.current
    if (!house.accounts.has(accountId)) {
      return yield* new NotFound({ what: accountId, message: `no account ${accountId} is configured: \`interlock accounts\` lists them` })
    }
    const account = accountFor(accountId)
    const held = yield* Effect.option(Effect.timeout(account.Holds(), holdsWithin))
    const ids = Option.match(held, { onNone: () => [], onSome: ({ instruments }) => instruments.map(({ instrumentId }) => instrumentId) })
    const instrument = meant(house, symbol, ids, yield* Clock.currentTimeMillis)
    if (instrument === undefined) return yield* new NotFound({ what: symbol, message: `no instrument ${symbol} is configured` })
    const lots = quantity === undefined ? undefined : Units.lotsOf(instrument, quantity)
    if (quantity !== undefined && lots === 0) return yield* tooSmall(instrument, quantity)

    const commandId = yield* Given.nextId
    const detail = { account: accountId, instrument: instrument.id, ...(quantity === undefined ? {} : { quantity: BigDecimal.format(quantity) }) }
    // Its row has its place first; a disk that takes its time holds up no close.
    const place = yield* stage([given(commandId, "close", asker, detail)])
    const command = AccountCommand.cases.Close.make({ commandId, instrumentId: instrument.id, ...(lots === undefined ? {} : { lots: Lots.make(lots) }) })
    const answer = yield* Effect.mapError(Effect.timeout(account.Command({ command }), decidedWithin), () => silent)
    const isWritten = place !== undefined && (yield* onDisk(place))
    switch (answer._tag) {
      case "Denied":
        return yield* new CommandDenied({ reason: answer.reason })
      case "NotDurable":
      case "Unconfirmed":
        return yield* died
      case "Done": {
        const receipt: CommandReceipt = {
          commandId,
          durable: (yield* isDurable(answer)) && isWritten,
          lines: [`${accountId}: ${answer.text}`, ...yield* hurdles(house, accountId, instrument)]
        }
        return receipt
      }
    }
  })
})
