/** The options of a context as a schema: what checks them, and what the command's flags and their help are made from. */
import { z } from 'zod'
import type { ConfigOptions } from './config.ts'
import { bytesOf, DURATION, millisecondsOf, SIZE } from './quantities.ts'

const whole = (least: number): z.ZodType => {
  const message = `expected a whole number of ${least} or more`
  return z.int(message).min(least, message)
}
/** A smaller number was most likely meant to be megabytes. A size with its unit is taken at its word: tests of spilling ask for few KB. */
const LEAST_BYTES = 16 * 2 ** 20
const size = 'expected a size like 512MB or 4GB, or bytes, of at least 16777216'
const duration = 'expected milliseconds or a duration like 500ms, 30s, 5m or 1h'
const onOrOff = 'expected on or off (true or false)'

const shape: Record<keyof ConfigOptions, z.ZodType> = {
  master: z
    .string('expected local, local[n], local[*] or inline')
    .describe('where tasks run: local[*] on all cores, local[n], local or inline; default local[*]'),
  isolation: z
    .enum(['thread', 'process'], 'expected thread or process')
    .describe('what workers are; a process each survives a crash of user code; default thread'),
  maxFailures: whole(1).describe('how often a task may lose its worker before the job fails; default 4'),
  taskRetries: whole(0).describe('how often a task whose code threw is tried again; default 0'),
  taskTimeout: z
    .union([z.number(), z.string().regex(DURATION, duration)], duration)
    .refine((given) => millisecondsOf(given) > 0, duration)
    .describe('how long a task may run: milliseconds, or like 30s, 5m; default without limit'),
  progress: z.boolean(onOrOff).describe('the progress bar on a terminal; default on'),
  workerMemoryMb: whole(16).describe("heap of each worker in MB; default Node's own limit"),
  memory: z
    .union([z.number(), z.string().regex(SIZE, size)], size)
    .refine((given) => bytesOf(given) >= (typeof given === 'number' ? LEAST_BYTES : 1024), size)
    .describe(
      'memory for rows that are shuffled, sorted, grouped or kept: bytes, or like 512MB; default half of what is free',
    ),
  tmpDir: z
    .string('expected a directory')
    .min(1, 'expected a directory')
    .describe("where temporary files go when that is not enough; default the system's directory for them"),
  signals: z.boolean(onOrOff).describe('whether Ctrl-C cancels running jobs before it ends the process; default on'),
  compile: z.boolean(onOrOff).describe('whether functions that are understood run as compiled code; default on'),
}

export const contextSchema: z.ZodObject<typeof shape> = z.object(shape)
