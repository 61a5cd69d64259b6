/** What all chains showed together. */
import type * as Chain from "./Chain.ts"

/** A chain that broke a promise, or did not come to its end. */
export interface Failed {
  readonly seed: number
  readonly again: string
  readonly told: ReadonlyArray<string>
}

export interface Report {
  readonly seed: number
  readonly chains: number
  readonly kills: number
  readonly posts: number
  readonly acknowledged: number
  /** Entries that reached the venue, of those that accounts were asked for. */
  readonly entries: number
  readonly asked: number
  readonly lost: number
  readonly doubled: number
  readonly unlogged: number
  readonly unknown: number
  readonly naked: number
  readonly violations: number
  /** Orders that never arrived and that no answer of the venue can prove of: an operator's word ended them. */
  readonly attested: number
  readonly rows: number
  readonly ledger: number
  readonly tradingReadyMsP50: number
  readonly quietMsP50: number
  readonly nakedMs: Readonly<Record<string, number>>
  readonly slowestNakedMs: number
  readonly slowestUnknownMs: number
  readonly slowestEvidenceMs: number
  /** The worst of all lives: so much more time promises had there. */
  readonly starvedMs: number
  readonly failed: ReadonlyArray<Failed>
}

const middle = (values: ReadonlyArray<number>): number => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0

export const isGood = ({ doubled, lost, naked, told, unknown, unlogged, violations }: Chain.Result): boolean =>
  lost + doubled + unlogged + unknown + naked + violations === 0 && told.length === 0

export const againOf = ({ kills, seed, style }: Chain.Options): string => `node test/simulation/kills/child.ts '${JSON.stringify({ seed, kills, style })}'`

export const of = (seed: number, results: ReadonlyArray<Chain.Result>, failed: ReadonlyArray<Failed>): Report => {
  const sum = (name: "kills" | "posts" | "acknowledged" | "entries" | "asked" | "lost" | "doubled" | "unlogged" | "unknown" | "naked" | "violations" | "attested" | "rows" | "ledger") =>
    results.reduce((total, result) => total + result[name], 0)
  const most = (of: (result: Chain.Result) => number) => results.reduce((slowest, result) => Math.max(slowest, of(result)), 0)
  const nakedMs: Record<string, number> = {}
  for (const { statistics } of results) for (const [bucket, count] of Object.entries(statistics.nakedMs)) nakedMs[bucket] = (nakedMs[bucket] ?? 0) + count
  return {
    seed, chains: results.length, kills: sum("kills"), posts: sum("posts"), acknowledged: sum("acknowledged"), entries: sum("entries"), asked: sum("asked"),
    lost: sum("lost"), doubled: sum("doubled"), unlogged: sum("unlogged"), unknown: sum("unknown"), naked: sum("naked"), violations: sum("violations"),
    attested: sum("attested"), rows: sum("rows"), ledger: sum("ledger"),
    tradingReadyMsP50: middle(results.map(({ tradingReadyMs }) => tradingReadyMs)), quietMsP50: middle(results.map(({ quietMs }) => quietMs)),
    nakedMs, slowestNakedMs: most(({ statistics }) => statistics.slowestNakedMs),
    slowestUnknownMs: most(({ statistics }) => statistics.unknown.slowestMs), slowestEvidenceMs: most(({ statistics }) => statistics.slowestEvidenceMs),
    starvedMs: most((result) => result.starvedMs), failed
  }
}

const shownMax = 3_000

export const text = (report: Report): string => [
  `${report.kills} kills in ${report.chains} chains, seed ${report.seed}: ${report.acknowledged} alerts acknowledged, ${report.entries} of ${report.asked} asked entries at the venue`,
  `lost ${report.lost}, doubled ${report.doubled}, at the venue and not in the journal ${report.unlogged}, unknown ${report.unknown}, naked ${report.naked}, promises broken ${report.violations}`,
  `${report.attested} orders never arrived and were ended by an operator's word`,
  `from the start to trading-ready ${report.tradingReadyMsP50} ms (median), to rest ${report.quietMsP50} ms; slowest without a stop ${report.slowestNakedMs} ms; the machine kept a life waiting for up to ${report.starvedMs} ms`,
  ...report.failed.flatMap(({ again, told }) => [`FAILED: ${again}`, ...told.map((one) => `  ${one.slice(0, shownMax)}`)])
].join("\n")
