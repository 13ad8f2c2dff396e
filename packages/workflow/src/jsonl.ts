/** A file of JSON lines as a target: rows with a schema go in, the same rows come out. */
import { z } from 'zod'
import { DataError } from './errors.ts'
import { FileTarget } from './file.ts'

/** A file of JSON lines; with a schema, each row is checked by it when it is written and when it is read. */
export function jsonl<Schema extends z.ZodType>(path: string, schema: Schema): JsonLinesTarget<z.output<Schema>>
export function jsonl(path: string): JsonLinesTarget<unknown>
export function jsonl(path: string, schema: z.ZodType = z.unknown()): JsonLinesTarget<unknown> {
  return new JsonLinesTarget<unknown>(path, schema)
}

export class JsonLinesTarget<Row> extends FileTarget {
  readonly schema: z.ZodType

  /** @internal Use `jsonl`. */
  constructor(path: string, schema: z.ZodType) {
    super(path)
    this.schema = schema
  }

  /** The rows, read as they are asked for. @throws DataError naming the line that is no such row */
  async *rows(): AsyncGenerator<Row> {
    let line = 0
    for await (const text of this.lines()) {
      line++
      if (text !== '') yield checkedRow<Row>(this, line, parsed(this.path, line, text))
    }
  }

  /** Replaces the file by these rows, at the end and at once. */
  async writeAll(rows: Iterable<Row> | AsyncIterable<Row>): Promise<void> {
    await this.write(async (writer) => {
      let line = 0
      for await (const row of rows) await writer.write(`${JSON.stringify(checkedRow<Row>(this, ++line, row))}\n`)
    })
  }
}

function checkedRow<Row>({ path, schema }: JsonLinesTarget<Row>, line: number, row: unknown): Row {
  const result = schema.safeParse(row)
  // What the schema gives is a row, as the type of `jsonl` says.
  if (result.success) return result.data as Row
  const issue = result.error.issues[0]
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at .${issue.path.map(String).join('.')}`
  throw new DataError(`${path}:${line}: ${issue?.message ?? 'no such row'}${where}.`)
}

function parsed(path: string, line: number, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new DataError(`${path}:${line}: expected JSON, got ${JSON.stringify(text.slice(0, 40))}.`, { cause: error })
  }
}
