/** What a change of a file looks like to a person: the lines that differ. */

const marked = (mark: string) => (line: string): string => `  ${mark} ${line}`

export const difference = (file: string, before: string, after: string): ReadonlyArray<string> => {
  const [was, is] = [before.split("\n"), after.split("\n")]
  let head = 0
  while (head < was.length && head < is.length && was[head] === is[head]) head++
  let tail = 0
  while (tail < was.length - head && tail < is.length - head && was.at(-1 - tail) === is.at(-1 - tail)) tail++
  // An entry behind another one begins with its own brace, not with the comma that the other one got.
  if (head + tail === was.length && tail > 0 && /^\s*[}\]]/.test(is[head] ?? "")) tail--
  const middle = (lines: ReadonlyArray<string>) => lines.slice(head, lines.length - tail)
  return [`${file}, line ${head + 1}:`, ...middle(was).map(marked("-")), ...middle(is).map(marked("+"))]
}
