/**
 * A map that changes by being replaced, without copying all of it each time: a few changes lie over a large part that is shared. Reads as any
 * other map, in the order of first insertion. What was replaced stays as it was.
 */

/** Changes over the shared part; past it, a new shared part is made of all. */
const overMax = 32

class Layered<K, V> implements ReadonlyMap<K, V> {
  readonly base: ReadonlyMap<K, V>
  readonly over: ReadonlyMap<K, V>
  readonly gone: ReadonlySet<K>
  readonly size: number

  constructor(base: ReadonlyMap<K, V>, over: ReadonlyMap<K, V>, gone: ReadonlySet<K>) {
    this.base = base
    this.over = over
    this.gone = gone
    let size = base.size - gone.size
    for (const key of over.keys()) if (!base.has(key)) size += 1
    this.size = size
  }

  get(key: K): V | undefined {
    const value = this.over.get(key)
    if (value !== undefined || this.over.has(key)) return value
    return this.gone.has(key) ? undefined : this.base.get(key)
  }

  has(key: K): boolean {
    return this.over.has(key) || (this.base.has(key) && !this.gone.has(key))
  }

  #all: ReadonlyMap<K, V> | undefined

  /** All in one, made when somebody first walks over it. */
  #whole(): ReadonlyMap<K, V> {
    if (this.#all !== undefined) return this.#all
    const all = new Map(this.base)
    for (const [key, value] of this.over) all.set(key, value)
    for (const key of this.gone) all.delete(key)
    this.#all = all
    return all
  }

  entries(): MapIterator<[K, V]> {
    return this.#whole().entries()
  }

  keys(): MapIterator<K> {
    return this.#whole().keys()
  }

  values(): MapIterator<V> {
    return this.#whole().values()
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries()
  }

  forEach(f: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) f(value, key, this)
  }
}

const settled = <K, V>(map: Layered<K, V>): ReadonlyMap<K, V> =>
  map.over.size + map.gone.size <= overMax ? map : new Layered(new Map(map.entries()), new Map(), new Set())

const layersOf = <K, V>(map: ReadonlyMap<K, V>) =>
  map instanceof Layered
    ? { base: map.base as ReadonlyMap<K, V>, over: map.over as ReadonlyMap<K, V>, gone: map.gone as ReadonlySet<K> }
    : { base: map, over: new Map<K, V>(), gone: new Set<K>() }

/** One that was taken away and comes again stands last. */
export const put = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> => {
  const { base, gone, over } = layersOf(map)
  if (gone.has(key)) return new Layered(new Map([...map, [key, value]]), new Map(), new Set())
  return settled(new Layered(base, new Map(over).set(key, value), gone))
}

export const without = <K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> => {
  if (!map.has(key)) return map
  const { base, gone, over } = layersOf(map)
  const left = new Map(over)
  left.delete(key)
  return settled(new Layered(base, left, base.has(key) ? new Set(gone).add(key) : gone))
}
