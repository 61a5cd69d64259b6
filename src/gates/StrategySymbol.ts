/** Does the strategy trade this symbol, as written? `MES1!` and `CME_MINI:MES1!` are the same, `MES1!` and `MESZ6` are not. */
import { blocks, type Gate, passes } from "#src/gates/Gate.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

export const strategySymbol: Gate = {
  name: "strategySymbol",
  appliesTo: "entries",
  outcome: "skipped",
  judge: ({ signal, strategy }) => {
    const inputs = { symbol: signal.symbol, allowed: strategy.symbols.join(" ") }
    const symbol = Resolve.normalize(signal.symbol)
    return strategy.symbols.some((allowed) => Resolve.normalize(allowed) === symbol)
      ? passes("the strategy trades this symbol", inputs)
      : blocks(`strategy ${strategy.id} does not list ${signal.symbol}: add it to its symbols if it should trade it`, inputs)
  }
}
