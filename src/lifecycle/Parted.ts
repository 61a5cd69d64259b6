/**
 * A map in two parts: what still lives, mostly little, and the rest, which is only looked up. Changes by being replaced. In order: first the
 * rest, as it came there, then what lives.
 */
import * as Layered from "./Layered.ts"

export class Parted<K, V> implements ReadonlyMap<K, V> {
  readonly isLive: (value: V) => boolean
  readonly live: ReadonlyMap<K, V>
  readonly rest: ReadonlyMap<K, V>

  constructor(isLive: (value: V) => boolean, live: ReadonlyMap<K, V>, rest: ReadonlyMap<K, V>) {
    this.isLive = isLive
    this.live = live
    this.rest = rest
  }

  get size(): number {
    return this.live.size + this.rest.size
  }

  get(key: K): V | undefined {
    return this.live.get(key) ?? this.rest.get(key)
  }

  has(key: K): boolean {
    return this.live.has(key) || this.rest.has(key)
  }

  *entries(): MapIterator<[K, V]> {
    yield* this.rest.entries()
    yield* this.live.entries()
  }

  *keys(): MapIterator<K> {
    yield* this.rest.keys()
    yield* this.live.keys()
  }

  *values(): MapIterator<V> {
    yield* this.rest.values()
    yield* this.live.values()
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries()
  }

  forEach(f: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) f(value, key, this)
  }

  put(key: K, value: V): Parted<K, V> {
    return this.isLive(value)
      ? new Parted(this.isLive, Layered.put(this.live, key, value), Layered.without(this.rest, key))
      : new Parted(this.isLive, Layered.without(this.live, key), Layered.put(this.rest, key, value))
  }

  /** Every value changed, or left out where nothing comes back. */
  map(change: (value: V, key: K) => V | undefined): Parted<K, V> {
    const live = new Map<K, V>()
    const rest = new Map<K, V>()
    for (const [key, value] of this.entries()) {
      const changed = change(value, key)
      if (changed !== undefined) (this.isLive(changed) ? live : rest).set(key, changed)
    }
    return new Parted(this.isLive, live, rest)
  }
}

export const empty = <K, V>(isLive: (value: V) => boolean): Parted<K, V> => new Parted(isLive, new Map(), new Map())
