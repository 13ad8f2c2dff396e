/** What programs are told by variables: those of Hadoop Streaming and GNU Parallel. */
import { tmpdir } from 'node:os'
import type { Piece } from './piece.ts'

export interface TaskFacts {
  readonly isMap: boolean
  /** From 0, among those of its kind. */
  readonly partition: number
  /** From 1. */
  readonly seq: number
  readonly slot: number
  /** From 0. */
  readonly attempt: number
  /** What it reads; none for a reducer. */
  readonly pieces: readonly Piece[]
  readonly outputDirectory: string
}

/** Properties are seen with `_` for what no variable's name has. */
export function propertyVariables(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name.replaceAll(/[^A-Za-z0-9]/g, '_'), value]),
  )
}

export function taskVariables(facts: TaskFacts): Record<string, string> {
  const { isMap, partition, seq, slot, attempt, pieces, outputDirectory } = facts
  const job = `local${process.pid}_0001`
  const task = `${job}_${isMap ? 'm' : 'r'}_${String(partition).padStart(6, '0')}`
  const [first] = pieces
  const input: Record<string, string> =
    first === undefined
      ? {}
      : {
          mapreduce_map_input_file: first.path,
          mapreduce_map_input_start: String(first.start),
          mapreduce_map_input_length: String(first.end - first.start),
          map_input_file: first.path,
        }
  return {
    TMPDIR: process.env['TMPDIR'] ?? tmpdir(),
    PARALLEL_SEQ: String(seq),
    PARALLEL_JOBSLOT: String(slot),
    PARALLEL_PID: String(process.pid),
    mapreduce_job_id: `job_${job}`,
    mapreduce_task_id: `task_${task}`,
    mapreduce_task_attempt_id: `attempt_${task}_${attempt}`,
    mapreduce_task_partition: String(partition),
    mapreduce_task_ismap: String(isMap),
    mapreduce_task_output_dir: outputDirectory,
    mapred_task_partition: String(partition),
    mapred_task_is_map: String(isMap),
    ...input,
  }
}
