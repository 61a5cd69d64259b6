/** The metrics that follow from the journal and the ports: names, words, and how many values a label may take. */
import { type Context, Effect, Metric } from "effect"
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

/** The registry and what else a metric asks for, taken once: an update is then a plain step. */
export type Registry = Context.Context<never>

/** One metric for each combination of labels, made when it is first met. Each label is bounded on its own, and so is what is kept here. */
const byLabels = <M>(make: (attributes: Labels) => M) => {
  const bounds = new Map<string, (value: string) => string>()
  const made = new Map<string, M>()
  const boundOf = (label: string) => {
    const known = bounds.get(label) ?? bounded()
    bounds.set(label, known)
    return known
  }
  return (labels: Labels): M => {
    let key = ""
    for (const label in labels) key += `${label}\n${boundOf(label)(labels[label] ?? "")}\n`
    const known = made.get(key)
    if (known !== undefined) return known
    const metric = make(Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, boundOf(label)(value)])))
    made.set(key, metric)
    return metric
  }
}

/** Adds to one series of a counter. */
export const counter = (name: string, description: string) => {
  const of = byLabels((attributes) => Metric.counter(name, { description, attributes, incremental: true }))
  return (registry: Registry, labels: Labels, by = 1): void => of(labels).updateUnsafe(by, registry)
}

export const gauge = (name: string, description: string) => {
  const metric = Metric.gauge(name, { description })
  return (value: number, labels: Labels = {}) => Metric.update(Metric.withAttributes(metric, labels), value)
}

export const histogram = (name: string, description: string) => {
  const of = byLabels((attributes) => Metric.histogram(name, { description, attributes, boundaries }))
  return (registry: Registry, seconds: number, labels: Labels = {}): void => of(labels).updateUnsafe(seconds, registry)
}

/** A counter whose total somebody else keeps. */
export const total = (name: string, description: string) => {
  const add = counter(name, description)
  const seen = new Map<string, number>()
  return (now: number, labels: Labels = {}) =>
    Effect.contextWith((registry: Registry) => Effect.sync(() => {
      const key = JSON.stringify(labels)
      const by = now - (seen.get(key) ?? 0)
      seen.set(key, now)
      add(registry, labels, Math.max(0, by))
    }))
}
