/** A dataset as plain arrays: partitions, each an array of rows, and the narrow verbs in their plainest form. */
export type Row = unknown
export type Partitions = readonly (readonly Row[])[]

/** Slice `i` of `count` holds the items from `⌊i·length/count⌋` up to `⌊(i+1)·length/count⌋`. */
export function slices<T>(items: readonly T[], count: number): readonly (readonly T[])[] {
  return Array.from({ length: count }, (_, i) =>
    items.slice(Math.floor((i * items.length) / count), Math.floor(((i + 1) * items.length) / count)),
  )
}

/** The partitions with `f` applied to the rows of each. */
export function each(
  partitions: Partitions,
  f: (rows: readonly Row[], partition: number) => readonly Row[],
): Partitions {
  return partitions.map(f)
}

export function coalesced(partitions: Partitions, count: number): Partitions {
  return slices(partitions, Math.min(count, partitions.length)).map((group) => group.flat(1))
}

export function indexed(partitions: Partitions): Partitions {
  let next = 0
  return partitions.map((rows) => rows.map((row) => [row, next++]))
}

export function uniquelyNumbered(partitions: Partitions): Partitions {
  return partitions.map((rows, k) => rows.map((row, j) => [row, j * partitions.length + k]))
}

/** The lines of bytes: UTF-8 without a BOM at the start, cut after LF, CRLF and CR. */
export function linesOf(content: Uint8Array): readonly string[] {
  const lines = new TextDecoder().decode(content).split(/\r\n|\n|\r/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}
