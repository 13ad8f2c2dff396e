/** What the prompt shows of a value: a dataset as a table of its first rows, anything else as Node does. */
import { inspect } from 'node:util'
import type * as Kindling from 'kindling'
import type { Dataset } from 'kindling'

/** How many rows of a dataset are shown: only the partitions that hold them are computed. */
const SHOWN_ROWS = 20

/** Text that is shown as it is. */
export class Shown {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** The table, as the library that made the dataset draws it. */
export async function show(dataset: Dataset<unknown>, showTable: typeof Kindling.showTable): Promise<Shown> {
  // One more, to know whether there are more.
  const rows = await dataset.take(SHOWN_ROWS + 1)
  return new Shown(showTable(rows.slice(0, SHOWN_ROWS), { hasMore: rows.length > SHOWN_ROWS }))
}

export function writeValue(value: unknown): string {
  return value instanceof Shown
    ? value.text
    : inspect(value, { colors: process.stdout.isTTY && process.stdout.hasColors() })
}
