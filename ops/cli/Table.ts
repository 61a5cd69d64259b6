/** Aligned columns for people. */

export interface Column<A> {
  readonly name: string
  readonly of: (row: A) => string
  readonly right?: boolean
}

/** What came from outside may not steer a terminal. */
// oxlint-disable-next-line no-control-regex
export const clean = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " ")

const gap = "  "

export const render = <A>(columns: ReadonlyArray<Column<A>>, rows: ReadonlyArray<A>): string => {
  const cells = [columns.map(({ name }) => name), ...rows.map((row) => columns.map((column) => clean(column.of(row))))]
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)))
  return cells.map((line) => line.map((cell, index) => {
    const width = widths[index] ?? 0
    return columns[index]?.right === true ? cell.padStart(width) : cell.padEnd(width)
  }).join(gap).trimEnd()).join("\n")
}
