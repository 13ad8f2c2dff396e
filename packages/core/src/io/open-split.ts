/** Opens a split of any kind as a source of rows. */
import type { Split } from '../plan/source.ts'
import { openCsv } from './csv-rows.ts'
import { openLines } from './lines.ts'
import { openRange, openRows } from './list-rows.ts'
import { openParquet } from './parquet-rows.ts'
import type { ReadSizes, RowSource } from './row-source.ts'
import { openWholeText } from './whole-text.ts'

/** @throws DataError when a file is not what it was when it was split */
export function openSplit(split: Split, sizes?: Partial<ReadSizes>): RowSource {
  switch (split.type) {
    case 'lines':
      return openLines(split, sizes)
    case 'csv':
      return openCsv(split, sizes)
    case 'parquet':
      return openParquet(split)
    case 'wholeText':
      return openWholeText(split, sizes)
    case 'rows':
      return openRows(split)
    case 'range':
      return openRange(split)
  }
}
