/** A memory that forgets its oldest. */

/** Writing an entry again makes it the newest. */
export const put = <K, V>(map: Map<K, V>, key: K, value: V, max: number): void => {
  map.delete(key)
  map.set(key, value)
  if (map.size <= max) return // the first of a map is far to seek once many were taken out before it
  const oldest = map.keys().next()
  if (oldest.done !== true) map.delete(oldest.value)
}
