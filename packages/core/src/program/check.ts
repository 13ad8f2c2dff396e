/**
 * The door for programs from elsewhere: what arrived is a `StageProgram`, or an error says where it is not.
 * Threads of this process skip it, since importing zod costs 65 ms; the inline executor, which tests use, does not.
 */
import { z } from 'zod'
import { isSeparator, LINES } from '../compile/expression.ts'
import { PlanError } from '../errors.ts'
import { PARQUET_TYPES } from '../plan/parquet-format.ts'
import type { StageProgram } from './program.ts'

const count = z.int().nonnegative()
const fn = count
const env = z.record(z.string(), z.string())

const bytes = z.instanceof(Uint8Array)

const combiner = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('reduce'), fn }),
  z.strictObject({ type: z.literal('fold'), zero: bytes, fn, merge: fn }),
  z.strictObject({ type: z.literal('custom'), create: fn, fn, merge: fn }),
  z.strictObject({ type: z.enum(['group', 'first', 'count']) }),
])

const partitioner = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum(['hash', 'spread']) }),
  z.strictObject({ type: z.literal('custom'), fn }),
  z.strictObject({ type: z.literal('range'), ascending: z.boolean() }),
])

const step = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.enum([
      'map',
      'filter',
      'flatMap',
      'keyBy',
      'keyByKey',
      'mapValues',
      'flatMapValues',
      'mapPartitions',
      'mapPartitionsWithIndex',
    ]),
    fn,
  }),
  z.strictObject({ op: z.enum(['keys', 'values', 'glom', 'zipWithUniqueId', 'zipWithIndex', 'asKeys']) }),
  z.strictObject({ op: z.literal('split'), from: z.number(), to: z.number(), seed: z.number() }),
  z.strictObject({ op: z.literal('sampleByKey'), withReplacement: z.boolean(), rates: bytes, seed: z.number() }),
  z.strictObject({ op: z.literal('ofKey'), key: bytes }),
  z.strictObject({ op: z.literal('pick'), places: z.array(z.array(count)) }),
  z.strictObject({
    op: z.literal('expand'),
    how: z.enum(['inner', 'leftOuter', 'rightOuter', 'fullOuter', 'minus', 'both']),
  }),
  z.strictObject({ op: z.literal('combine'), combiner }),
  z.strictObject({ op: z.literal('sort'), ascending: z.boolean() }),
  z.strictObject({
    op: z.literal('sample'),
    withReplacement: z.boolean(),
    fraction: z.number().nonnegative(),
    seed: z.number(),
  }),
  z.strictObject({ op: z.enum(['mapAsync', 'filterAsync', 'flatMapAsync']), fn, concurrency: z.int().positive() }),
  z.strictObject({
    op: z.enum(['parseJson', 'checkRow']),
    schema: fn.nullable(),
    onBadRow: z.enum(['error', 'skip', 'collect']),
  }),
  z.strictObject({
    op: z.literal('pipe'),
    encode: z.enum(['text', 'jsonl']),
    command: z.union([z.string(), z.array(z.string())]),
    env,
  }),
])

const operator = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('source'), node: count }),
  z.strictObject({
    op: z.literal('steps'),
    input: count,
    steps: z.array(z.strictObject({ step, node: count, partitionCount: count, offsets: z.array(count).nullable() })),
  }),
  z.strictObject({ op: z.literal('union'), inputs: z.array(count) }),
  z.strictObject({ op: z.literal('coalesce'), input: count }),
  z.strictObject({ op: z.enum(['zip', 'product']), node: count, left: count, right: count }),
  z.strictObject({
    op: z.literal('shuffled'),
    node: count,
    range: z.strictObject({ ascending: z.boolean() }).nullable(),
  }),
  z.strictObject({ op: z.literal('cogroup'), node: count, inputs: z.array(count) }),
  z.strictObject({ op: z.literal('stored'), node: count, input: count.nullable() }),
])

const textFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum(['text', 'json']) }),
  z.strictObject({
    type: z.literal('csv'),
    header: z.boolean().nullable(),
    delimiter: z.string().length(1),
    columns: z.array(z.string()).nullable(),
  }),
])

const parquetFormat = z.strictObject({
  columns: z.record(z.string(), z.enum(PARQUET_TYPES)).nullable(),
  codec: z.enum(['none', 'snappy', 'gzip', 'zstd']),
  groupRows: z.int().positive(),
})

const sink = z.discriminatedUnion('op', [
  z.strictObject({ op: z.enum(['collect', 'count', 'sum']) }),
  z.strictObject({ op: z.literal('take'), count }),
  z.strictObject({ op: z.literal('reduce'), fn }),
  z.strictObject({ op: z.literal('fold'), zero: bytes, fn }),
  z.strictObject({ op: z.enum(['min', 'max']), key: fn.nullable() }),
  z.strictObject({ op: z.enum(['forEach', 'forEachPartition']), fn }),
  z.strictObject({ op: z.literal('text'), format: textFormat, compression: z.enum(['none', 'gzip', 'zstd']) }),
  z.strictObject({ op: z.literal('parquet'), format: parquetFormat }),
  z.strictObject({ op: z.literal('top'), count, ascending: z.boolean(), key: fn.nullable() }),
  z.strictObject({ op: z.enum(['stats']) }),
  z.strictObject({ op: z.literal('histogram'), edges: bytes }),
  z.strictObject({ op: z.literal('sketch'), precision: z.int().min(4).max(24) }),
  z.strictObject({ op: z.literal('shuffle'), partitioner, partitionCount: count }),
])

const word = z.union(['undefined', 'NaN', 'Infinity', '-Infinity', '-0'].map((each) => z.tuple([z.literal(each)])))
const constant = z.union([z.number(), z.string(), z.boolean(), z.null(), word])
const OPERATORS = '! - + ~ typeof * / % ** < <= > >= === !== == != & | ^ << >> >>> && || ??'.split(' ')
const name = z.string().regex(/^[A-Za-z]\w*$/)
const path = z.string().regex(/^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/)
const separator = z.string().refine((text) => text === LINES || isSeparator(text))
/** Code is printed from it, so that it is checked to the last word. */
const expression: z.ZodType = z.lazy(() =>
  z.discriminatedUnion('op', [
    z.strictObject({ op: z.enum(['line', 'row', 'word']) }),
    z.strictObject({ op: z.literal('words'), separator }),
    z.strictObject({ op: z.literal('const'), value: constant }),
    z.strictObject({ op: z.literal('get'), of: expression, name: z.string(), isOptional: z.boolean() }),
    z.strictObject({ op: z.literal('length'), of: expression, isOptional: z.boolean() }),
    z.strictObject({ op: z.literal('unary'), sign: z.enum(OPERATORS), of: expression }),
    z.strictObject({ op: z.literal('binary'), sign: z.enum(OPERATORS), left: expression, right: expression }),
    z.strictObject({ op: z.literal('if'), test: expression, yes: expression, no: expression }),
    z.strictObject({
      op: z.literal('record'),
      spread: expression.nullable(),
      fields: z.array(z.tuple([z.string(), expression, z.literal(true).optional()])),
    }),
    z.strictObject({ op: z.literal('array'), items: z.array(expression) }),
    z.strictObject({ op: z.literal('call'), name: path, args: z.array(expression) }),
    z.strictObject({ op: z.literal('method'), of: expression, name, args: z.array(expression) }),
    z.strictObject({ op: z.literal('template'), texts: z.array(z.string()), values: z.array(expression) }),
    z.strictObject({ op: z.literal('argument'), name: z.enum(['soFar', 'later']), index: count }),
    z.strictObject({ op: z.literal('require'), test: expression }),
    z.strictObject({ op: z.literal('sequence'), first: expression, then: expression }),
  ]),
)

const scan = z.strictObject({
  operator: count,
  stepCount: z.int().positive(),
  words: z.strictObject({ separator, step: z.int().min(-1) }).nullable(),
  columns: z.array(z.strictObject({ path: z.array(z.string()).min(1), expects: z.enum(['number', 'string', 'any']) })),
  matches: z.array(
    z.strictObject({
      column: z.int().min(-1),
      kind: z.enum(['===', 'startsWith', 'endsWith', 'includes']),
      text: z.string(),
    }),
  ),
  checks: z.array(
    z.discriminatedUnion('op', [
      z.strictObject({ op: z.literal('filter'), test: expression }),
      z.strictObject({ op: z.literal('evaluate'), value: expression }),
    ]),
  ),
  value: expression,
  gives: z.enum(['nothing', 'columns', 'row', 'text']),
  line: z.strictObject({ form: z.enum(['json', 'text']), value: expression }).nullable(),
  group: z
    .strictObject({
      key: expression,
      values: z.array(expression),
      combine: z.union([
        z.strictObject({
          shape: z.union([z.enum(['number', 'array']), z.array(z.string())]),
          first: z.array(expression),
          then: z.array(expression),
        }),
        z.strictObject({ constant }),
      ]),
    })
    .nullable(),
  builtins: z.array(path),
})

const programSchema = z.strictObject({
  id: count,
  // Nodes and imports are checked by kind when they are revived; a loose shape is enough to refuse what is no bundle.
  bundle: z.strictObject({
    functions: z.array(count),
    nodes: z.array(z.unknown()),
    cells: z.array(z.unknown()),
    imports: z.array(z.unknown()),
    scripts: z.array(z.unknown()),
    bytes: z.array(bytes),
    broadcasts: z.array(z.strictObject({ id: count, value: bytes, views: z.array(bytes) })),
  }),
  operators: z.array(operator).min(1),
  scans: z.array(scan).optional(),
  sink,
  sinkNode: count,
})

/** @throws PlanError naming the first place that is not as it should be. */
export function checkProgram(value: unknown): StageProgram {
  const result = programSchema.safeParse(value)
  if (result.success) return value as StageProgram
  const [issue] = result.error.issues
  throw new PlanError(
    `stage program: ${issue?.message ?? 'malformed'} at .${issue?.path.join('.') ?? ''}. It was made by another version of kindling?`,
  )
}
