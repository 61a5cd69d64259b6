/** All gates, in their order. Every one is asked, so that the story shows all that is wrong; the first "no" decides how the alert ends. */
import { isReducing } from "#schemas/Signal.ts"
import type { Reason, Verdict } from "#schemas/Verdict.ts"
import { disabledScript } from "#src/gates/DisabledScript.ts"
import { disabledStrategy } from "#src/gates/DisabledStrategy.ts"
import { exitProfile } from "#src/gates/ExitProfile.ts"
import type { Gate, GateInput, Judgement } from "#src/gates/Gate.ts"
import { ingressPause } from "#src/gates/IngressPause.ts"
import { lane } from "#src/gates/Lane.ts"
import { scriptId } from "#src/gates/ScriptId.ts"
import { sourceSymbol } from "#src/gates/SourceSymbol.ts"
import { staleEntry } from "#src/gates/StaleEntry.ts"
import { strategySymbol } from "#src/gates/StrategySymbol.ts"
import { symbolAllowList } from "#src/gates/SymbolAllowList.ts"

export const gates: ReadonlyArray<Gate> = [
  ingressPause,
  disabledScript,
  disabledStrategy,
  strategySymbol,
  sourceSymbol,
  scriptId,
  symbolAllowList,
  lane,
  exitProfile,
  staleEntry
]

export interface Gated {
  readonly verdicts: ReadonlyArray<Verdict>
  readonly blocked?: { readonly outcome: "skipped" | "expired"; readonly reason: Reason }
}

const judge = (gate: Gate, input: GateInput): Judgement =>
  gate.appliesTo === "entries" && isReducing(input.signal.action)
    ? { passed: true, message: "reduces risk: not asked", inputs: { action: input.signal.action } }
    : gate.judge(input)

export const run = (input: GateInput): Gated => {
  const judged = gates.map((gate) => ({ gate, judgement: judge(gate, input) }))
  const verdicts = judged.map(({ gate, judgement }) => ({ gate: gate.name, ...judgement }))
  const first = judged.find(({ judgement }) => !judgement.passed)
  if (first === undefined) return { verdicts }
  const { gate, judgement } = first
  return { verdicts, blocked: { outcome: gate.outcome, reason: { rule: gate.name, message: judgement.message, facts: judgement.inputs } } }
}
