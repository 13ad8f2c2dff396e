/**
 * The door for programs from elsewhere: what arrived is a `StageProgram`, or an error says where it is not.
 * Threads of this process skip it, since importing zod costs 65 ms; the inline executor, which tests use, does not.
 */
import { z } from 'zod'
import { PlanError } from '../errors.ts'
import type { StageProgram } from './program.ts'

const count = z.int().nonnegative()
const fn = count
const env = z.record(z.string(), z.string())

const step = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.enum([
      'map',
      'filter',
      'flatMap',
      'keyBy',
      'mapValues',
      'flatMapValues',
      'mapPartitions',
      'mapPartitionsWithIndex',
    ]),
    fn,
  }),
  z.strictObject({ op: z.enum(['keys', 'values', 'glom', 'zipWithUniqueId', 'zipWithIndex']) }),
  z.strictObject({
    op: z.literal('sample'),
    withReplacement: z.boolean(),
    fraction: z.number().nonnegative(),
    seed: z.number(),
  }),
  z.strictObject({ op: z.literal('mapAsync'), fn, concurrency: z.int().positive() }),
  z.strictObject({ op: z.literal('pipe'), command: z.union([z.string(), z.array(z.string())]), env }),
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
  z.strictObject({ op: z.literal('zip'), node: count, left: count, right: count }),
])

const sink = z.discriminatedUnion('op', [
  z.strictObject({ op: z.enum(['collect', 'count', 'sum']) }),
  z.strictObject({ op: z.literal('take'), count }),
  z.strictObject({ op: z.literal('reduce'), fn }),
  z.strictObject({ op: z.literal('fold'), zero: z.instanceof(Uint8Array), fn }),
  z.strictObject({ op: z.enum(['min', 'max']), key: fn.nullable() }),
  z.strictObject({ op: z.enum(['forEach', 'forEachPartition']), fn }),
  z.strictObject({ op: z.literal('text'), compression: z.enum(['none', 'gzip']) }),
])

const programSchema = z.strictObject({
  id: count,
  // Nodes and imports are checked by kind when they are revived; a loose shape is enough to refuse what is no bundle.
  bundle: z.strictObject({
    functions: z.array(count),
    nodes: z.array(z.unknown()),
    cells: z.array(z.unknown()),
    imports: z.array(z.unknown()),
    scripts: z.array(z.unknown()),
    bytes: z.array(z.instanceof(Uint8Array)),
    broadcasts: z.array(
      z.strictObject({ id: count, value: z.instanceof(Uint8Array), views: z.array(z.instanceof(Uint8Array)) }),
    ),
  }),
  operators: z.array(operator).min(1),
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
