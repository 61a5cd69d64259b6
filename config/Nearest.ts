/** Which valid name was probably meant. */

/** Edits from one word to the other: insert, delete, replace. */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, character] of Array.from(from).entries()) {
    const next = [index + 1]
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (to[column - 1] === character ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}

const lengthMax = 64

/** The closest candidate, if no more than a third of it had to change; of equals the first. */
export const nearest = (word: string, candidates: Iterable<string>): string | undefined => {
  if (word.length > lengthMax) return undefined
  let best: string | undefined
  let edits = Infinity
  for (const candidate of candidates) {
    const needed = distance(word.toLowerCase(), candidate.toLowerCase())
    if (needed < edits && needed <= Math.max(1, Math.floor(candidate.length / 3))) {
      best = candidate
      edits = needed
    }
  }
  return best
}
