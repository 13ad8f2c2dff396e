/** Options of verbs and actions, as code gives them that no compiler has checked: a prompt's, a script's. */
import { expect, test } from 'vitest'
import { Context } from '../../src/dataset/context.ts'
import type { Dataset } from '../../src/dataset/dataset.ts'

const ctx = new Context({ master: 'inline' })
const rows = ctx.parallelize(['a'])

/** A call with options that have none of the types of options. */
type Call = (options: never) => unknown

test.each<[string, Call, object, string]>([
  ['textFile', (options) => ctx.textFile('a', options), { minPartition: 2 }, 'Did you mean minPartitions?'],
  ['jsonLines', (options) => ctx.jsonLines('a', options), { onBadRows: 'skip' }, 'Did you mean onBadRow?'],
  ['jsonLines', (options) => ctx.jsonLines('a', options), { schema: 1 }, 'Known: minPartitions, onBadRow.'],
  ['csv', (options) => ctx.csv('a', options), { delimeter: ';' }, 'Did you mean delimiter?'],
  ['parquet', (options) => ctx.parquet('a', options), { column: ['a'] }, 'Did you mean columns?'],
  ['pipe', (options) => rows.pipe('cat', options), { encod: 'jsonl' }, 'Did you mean encode?'],
  ['mapAsync', (options) => rows.mapAsync((row) => row, options), { concurency: 2 }, 'Did you mean concurrency?'],
  ['saveAsTextFile', (options) => rows.saveAsTextFile('a', options), { overwrit: true }, 'Did you mean overwrite?'],
  ['saveAsJsonLines', (options) => rows.saveAsJsonLines('a', options), { overwrit: true }, 'Did you mean overwrite?'],
  ['saveAsCsv', (options) => rows.saveAsCsv('a', options), { headers: false }, 'Did you mean header?'],
  ['saveAsParquet', (options) => rows.saveAsParquet('a', options), { codec: 'gzip' }, 'Known: overwrite, compression'],
  ['show', (options) => rows.show(1, options), { widht: 9 }, 'Did you mean width?'],
])('%s refuses an option that it does not have', async (verb, call, options, hint) => {
  const [name] = Object.keys(options)
  // Verbs throw, actions reject.
  const refused = expect(async () => call(options as never)).rejects
  await refused.toThrow(new RegExp(`^${verb} \\(.*\\): unknown option ${name}\\. ${hint.replace('?', '\\?')}`))
})

test('an output path that is left out is refused', async () => {
  const save = rows.saveAsTextFile.bind(rows) as () => Promise<void>
  await expect(save()).rejects.toThrow('saveAsTextFile: expected an output path, got undefined. Give a directory.')
})

test('a number where options stand is refused, as PySpark would take it', () => {
  const textFile = ctx.textFile.bind(ctx) as (path: string, options: unknown) => Dataset<string>
  expect(() => textFile('a', 4)).toThrow(/expected options, an object, got 4\. Known: minPartitions\./)
})
