/**
 * Rows of CSV: the records of a split as objects with the names of the columns, or as arrays. What a file's records must look like is
 * said by its first one, which each split of it reads. A record that differs becomes a `BadRecord`.
 */
import { DataError } from '../errors.ts'
import { BadRecord } from '../plan/bad-row.ts'
import type { CsvDialect } from '../plan/csv-dialect.ts'
import type { CsvSplit } from '../plan/source.ts'
import { CsvRecords } from './csv-records.ts'
import { objectMaker } from './object-maker.ts'
import { PREVIEW_LENGTH, type ReadSizes, type RowSource } from './row-source.ts'
import { shownPath } from './shown-path.ts'

/** @throws DataError when the file is not what it was when it was split, or is compressed and not named so */
export function openCsv(split: CsvSplit, sizes?: Partial<ReadSizes>): RowSource {
  const { path, dialect } = split
  const records = new CsvRecords(split, sizes)
  let shape: Shape | null = null
  let rowsRead = 0
  return {
    advance(push) {
      if (shape === null && split.start > 0) shape = readShape(split, sizes)
      return records.advance((fields, problem) => {
        if (shape === null) {
          shape = shapeOf(path, dialect, fields, problem)
          if (dialect.header) return true
        }
        rowsRead++
        if (problem !== null) return push(new BadRecord(problem))
        if (fields.length === shape.width) return push(shape.rowOf(fields))
        return push(new BadRecord(`expected ${shape.width} fields, got ${fields.length}`))
      })
    },
    place: () => records.place(),
    preview: (length = PREVIEW_LENGTH) => records.preview(length),
    close: () => records.close(),
    get rowsRead() {
      return rowsRead
    },
    get bytesRead() {
      return records.bytesRead
    },
  }
}

/** What the records of a file must be, and what rows they become. */
interface Shape {
  readonly width: number
  readonly rowOf: (fields: string[]) => unknown
}

/** The shape of the file, for a split that does not begin with it. */
function readShape(split: CsvSplit, sizes?: Partial<ReadSizes>): Shape {
  const records = new CsvRecords({ ...split, start: 0, end: split.stamp.sizeBytes }, sizes)
  let shape: Shape | null = null
  const take = (fields: string[], problem: string | null): boolean => {
    shape = shapeOf(split.path, split.dialect, fields, problem)
    return false
  }
  try {
    while (records.advance(take));
  } finally {
    records.close()
  }
  // The splits of a file of blank lines have no records to be shaped.
  return shape ?? { width: 0, rowOf: (fields) => fields }
}

function shapeOf(path: string, dialect: CsvDialect, first: readonly string[], problem: string | null): Shape {
  const { header, columns } = dialect
  const wrong = !header
    ? null
    : problem !== null
      ? problem
      : columns !== null
        ? first.length === columns.length
          ? null
          : `it has ${first.length} fields, and { columns } names ${columns.length}`
        : repeatedIn(first)
  if (wrong !== null)
    throw new DataError(`${shownPath(path)}: the header is wrong: ${wrong}. Correct it, or pass { columns }`)
  const names = columns ?? (header ? first : null)
  return { width: (names ?? first).length, rowOf: names === null ? (fields) => fields : objectMaker(names) }
}

function repeatedIn(names: readonly string[]): string | null {
  const seen = new Set<string>()
  const repeated = names.find((name) => seen.size === seen.add(name).size)
  return repeated === undefined ? null : `it names the column ${JSON.stringify(repeated)} twice`
}
