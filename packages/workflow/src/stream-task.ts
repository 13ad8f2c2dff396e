/**
 * A task whose work is a streaming job: unmodified programs over the files of what it requires, their parts in a directory that appears
 * as a whole.
 */
import type { StreamOptions } from 'kindling/stream'
import type { z } from 'zod'
import type { Dependencies, OutputsOf } from './dependency.ts'
import type { DirTarget } from './dir.ts'
import { type Definition, type NoParameters, type TaskFactory, task } from './task.ts'

/** What programs run over what: the options of `stream()` but for those of its output, which the task decides. */
export type StreamJob = Omit<StreamOptions, 'output' | 'overwrite' | 'dryRun'>

/** What makes a family of streaming tasks: that of a task, with the job in the place of `run`. */
export interface StreamDefinition<Schema extends z.ZodObject, Needs extends Dependencies>
  extends Omit<Definition<Schema, Needs, DirTarget>, 'output' | 'run'> {
  readonly output: (params: z.output<Schema>) => DirTarget
  readonly stream: (context: { readonly params: z.output<Schema>; readonly input: OutputsOf<Needs> }) => StreamJob
}

/** What the work takes of what `run` gets, whatever its types. */
interface Given {
  readonly params: unknown
  readonly input: unknown
  readonly output: DirTarget
  readonly signal: AbortSignal
}

/**
 * Defines a family of tasks that run programs.
 *
 *     const Words = streamTask('Words', {
 *       requires: () => Texts(),
 *       output: () => dir('words'),
 *       stream: ({ input }) => ({ input: input.path, mapper: 'tr " " "\\n"', reducer: 'uniq -c' }),
 *     })
 *
 * @throws PlanError when the definition contradicts itself
 */
export function streamTask<Schema extends z.ZodObject = NoParameters, Needs extends Dependencies = undefined>(
  name: string,
  definition: StreamDefinition<Schema, Needs>,
): TaskFactory<Schema, DirTarget> {
  // A task hands it its own parameters and inputs; inputs of any arrangement are too deep for the compiler to compare.
  const jobOf = definition.stream as (context: Pick<Given, 'params' | 'input'>) => StreamJob
  return task<Schema, Needs, DirTarget>(name, {
    ...definition,
    async run({ params, input, output, signal }: Given) {
      const { stream } = await import('kindling/stream')
      const job = jobOf({ params, input })
      await output.tempPath((path) => stream({ ...job, output: path }, { signal }))
    },
  })
}
