/** Does it come from a chart the strategy allows? Entries of a strategy that lists charts must say theirs. */
import { blocks, type Gate, passes } from "#src/gates/Gate.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

/** `MES1!` in the list allows it from any exchange, `CME_MINI:MES1!` from that one. */
const allows = (allowed: string, source: string): boolean =>
  allowed.includes(":")
    ? allowed.trim().toUpperCase() === source.trim().toUpperCase()
    : Resolve.normalize(allowed) === Resolve.normalize(source)

export const sourceSymbol: Gate = {
  name: "sourceSymbol",
  appliesTo: "entries",
  outcome: "skipped",
  judge: ({ signal, strategy }) => {
    const source = signal.sourceSymbol
    if (strategy.sourceSymbols === undefined) return passes("the strategy allows any chart", source === undefined ? {} : { sourceSymbol: source })
    const inputs = { sourceSymbol: source ?? "", allowed: strategy.sourceSymbols.join(" ") }
    if (source === undefined) {
      return blocks(`the alert has no source_symbol, and strategy ${strategy.id} allows some charts only: add it to the alert's template`, inputs)
    }
    return strategy.sourceSymbols.some((allowed) => allows(allowed, source))
      ? passes("the chart is allowed", inputs)
      : blocks(`strategy ${strategy.id} does not allow alerts from the chart ${source}`, inputs)
  }
}
