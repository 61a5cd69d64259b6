/** The metrics that follow from the journal and the ports: names, words, and how many values a label may take. */
import { Effect, Metric } from "effect"
import { boundaries } from "#src/ports/Stopwatch.ts"

/** Different values of one label; what comes after them is counted as `other`. */
export const valuesMax = 64
export const other = "other"

/** The first values that come, up to the bound. */
export const bounded = (max = valuesMax) => {
  const known = new Set<string>()
  return (value: string): string => {
    if (known.has(value)) return value
    if (known.size >= max) return other
    known.add(value)
    return value
  }
}

export type Labels = Readonly<Record<string, string>>

/** `add` to one series of a counter. Each label is bounded on its own. */
export const counter = (name: string, description: string) => {
  const metric = Metric.counter(name, { description, incremental: true })
  const bounds = new Map<string, (value: string) => string>()
  const bound = ([label, value]: readonly [string, string]): readonly [string, string] => {
    const known = bounds.get(label) ?? bounded()
    bounds.set(label, known)
    return [label, known(value)]
  }
  return (labels: Labels, by = 1) =>
    Metric.update(Metric.withAttributes(metric, Object.fromEntries(Object.entries(labels).map(bound))), by)
}

export const gauge = (name: string, description: string) => {
  const metric = Metric.gauge(name, { description })
  return (value: number, labels: Labels = {}) => Metric.update(Metric.withAttributes(metric, labels), value)
}

export const histogram = (name: string, description: string) => {
  const metric = Metric.histogram(name, { description, boundaries })
  return (seconds: number, labels: Labels = {}) => Metric.update(Metric.withAttributes(metric, labels), seconds)
}

/** A counter whose total somebody else keeps. */
export const total = (name: string, description: string) => {
  const add = counter(name, description)
  const seen = new Map<string, number>()
  return (now: number, labels: Labels = {}) =>
    Effect.suspend(() => {
      const key = JSON.stringify(labels)
      const by = now - (seen.get(key) ?? 0)
      seen.set(key, now)
      return add(labels, Math.max(0, by))
    })
}
