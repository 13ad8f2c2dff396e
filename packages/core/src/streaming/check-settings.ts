/** Options that make no sense together, refused before anything is looked at. */
import { availableParallelism } from 'node:os'
import { PlanError } from '../errors.ts'
import type { StreamSettings } from './options.ts'
import { namesInput } from './template.ts'

/** @throws PlanError */
export function checkSettings(settings: StreamSettings): void {
  const { mapper, combiner, reducer, reducers, sort, partitionKey, split, inputFormat, tag, output } = settings
  const { pack, filesPerJob, recordEnd, compress, inline, files, timeout } = settings
  if (recordEnd !== '\n' && (pack !== undefined || filesPerJob !== undefined))
    throw new PlanError('stream: a record end is for files that are cut, not for those that are packed together.')
  if (inline && (files.length > 0 || timeout !== undefined))
    throw new PlanError(
      `stream: what runs in this process has no directory of its own and cannot be ended. Leave out ${timeout === undefined ? 'files' : 'timeout'}.`,
    )
  if (compress && output === undefined)
    throw new PlanError('stream: compress is for an output. Pipe standard output through gzip.')
  if (reducer === undefined) {
    const idle = { combiner, reducers, sort, 'partition key': partitionKey }
    const [name] = Object.entries(idle).find(([, value]) => value !== undefined) ?? []
    if (name !== undefined)
      throw new PlanError(
        `stream: there is a ${name} but no reducer. Give one; cat passes the sorted lines on as they are.`,
      )
  }
  if (typeof mapper === 'function' || mapper === undefined || !namesInput(mapper)) {
    if (tag && output !== undefined)
      throw new PlanError('stream: tag is for standard output, which an output takes the place of.')
    return
  }
  if (split !== undefined || inputFormat.startsWith('nline:'))
    throw new PlanError(
      'stream: the mapper names its input with {}, which has no name for a piece of it. Leave out {}: pieces come on standard input.',
    )
  if (settings.input?.includes('-') === true)
    throw new PlanError('stream: the mapper names its input with {}, but standard input has no name. Leave out {}.')
}

/** How many programs run at once. */
export function slotsOf({ workers, inline }: StreamSettings): number {
  if (inline) return 1
  const cores = availableParallelism()
  if (workers === undefined) return cores
  if (typeof workers === 'number') return workers
  return workers.endsWith('%') ? Math.max(1, Math.round((cores * Number(workers.slice(0, -1))) / 100)) : Number(workers)
}
