/**
 * Is there an instrument of this name now, not yet expired, and an enabled account that trades it from this lane? Without one nothing
 * would happen at all, and nobody would say why.
 */
import { Option } from "effect"
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import type { LaneId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import { blocks, type Gate, type GateInput, type Judgement, passes } from "#src/gates/Gate.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

/** By configuration alone: whether an account trades an instrument when an alert comes through a lane. */
export const trades = (account: AccountConfig, instrument: Instrument, lane: LaneId): boolean =>
  account.assets.includes(instrument.asset) &&
  (account.symbols?.includes(instrument.root) ?? true) &&
  (account.lanes?.includes(lane) ?? true)

const judgeInstrument = ({ house, lane, nowMs, signal }: GateInput, instrument: Instrument): Judgement => {
  const accounts = [...house.accounts.values()].filter((account) => account.enabled && trades(account, instrument, lane.id))
  const inputs = { symbol: signal.symbol, instrument: instrument.id, accounts: accounts.map(({ id }) => id).join(" ") }
  if (instrument.expiresAtMs !== undefined && instrument.expiresAtMs <= nowMs) {
    return blocks(`${instrument.id} has expired: send its continuous symbol (${instrument.root}1!) or a later month`, inputs)
  }
  return accounts.length === 0
    ? blocks(`no enabled account trades ${instrument.root} from lane ${lane.id}: see assets, symbols and lanes in accounts.json`, inputs)
    : passes(`${signal.symbol} is ${instrument.id}`, inputs)
}

export const symbolAllowList: Gate = {
  name: "symbolAllowList",
  appliesTo: "entries",
  outcome: "skipped",
  judge: (input) =>
    Option.match(Resolve.resolve(input.house.instruments, input.signal.symbol, input.nowMs, input.house.calendars), {
      onNone: () => blocks(`${input.signal.symbol} is not in instruments.json`, { symbol: input.signal.symbol }),
      onSome: (instrument) => judgeInstrument(input, instrument)
    })
}
