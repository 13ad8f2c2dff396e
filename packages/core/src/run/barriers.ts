/** Steps that take a partition's rows together: user code that pulls rows, promises in flight, a child process. */
import type { Push } from '../io/row-source.ts'
import { jsonOf } from '../io/row-text.ts'
import type { Step } from '../plan/step.ts'
import type { FunctionRef } from '../program/program.ts'
import { pipeThrough } from '../stream/child.ts'
import { requireIterable } from './fuse.ts'
import { combinedRows, sortedRows } from './grouped-rows.ts'
import { type AsyncRows, gatherRows, PulledRows, type Rows, rowsOf, type SyncRows } from './rows.ts'
import type { TaskState } from './task-state.ts'

/** How much text `pipe` hands to its child at once, in characters. */
const PIPE_CHARS = 1 << 16

export interface BarrierContext {
  readonly state: TaskState
  /** The plan node of the step. */
  readonly node: number
  readonly partition: number
  readonly functions: readonly unknown[]
}

/** The rows that come out of a barrier step. */
export async function passBarrier(rows: Rows, step: Step<FunctionRef>, context: BarrierContext): Promise<Rows> {
  const { state, node, partition } = context
  if (step.op === 'combine') return combinedRows(rows, step.combiner, context)
  if (step.op === 'sort') return sortedRows(rows, step.ascending, context)
  const input = new PulledRows(rows.isAsync ? await gatherRows(rows) : rows, state, node)
  const fn = 'fn' in step ? (context.functions[step.fn] as (...args: unknown[]) => unknown) : null
  const mark = (): void => {
    state.at = node
  }
  switch (step.op) {
    case 'mapPartitions':
      return startedRows('mapPartitions', () => fn?.(input), mark)
    case 'mapPartitionsWithIndex':
      return startedRows('mapPartitionsWithIndex', () => fn?.(partition, input), mark)
    case 'glom':
      return rowsOf([[...input]])
    case 'mapAsync':
    case 'filterAsync':
    case 'flatMapAsync':
      return awaitedRows(input, step.op, fn as (row: unknown) => unknown, step.concurrency, mark)
    case 'pipe':
      return throughChild(input, step, partition, mark)
    default:
      throw new Error(`${step.op} is not a barrier`)
  }
}

/** The rows of the iterable that `start` gives; it is called when the first row is wanted. */
function startedRows(verb: string, start: () => unknown, mark: () => void): SyncRows {
  let rows: SyncRows | null = null
  return {
    isAsync: false,
    advance(push) {
      if (rows === null) {
        mark()
        const iterable = start()
        requireIterable(verb, iterable)
        rows = rowsOf(iterable, mark)
      }
      return rows.advance(push)
    },
  }
}

/** Rows whose functions' promises are awaited in order, several in flight. */
function awaitedRows(
  input: PulledRows,
  op: 'mapAsync' | 'filterAsync' | 'flatMapAsync',
  fn: (row: unknown) => unknown,
  concurrency: number,
  mark: () => void,
): AsyncRows {
  const inFlight: { readonly row: unknown; readonly promise: Promise<unknown> }[] = []
  return {
    isAsync: true,
    async advance(push) {
      while (inFlight.length < concurrency && input.fill()) {
        mark()
        const row = input.take()
        const promise = Promise.resolve(fn(row))
        // Each is awaited below in its turn; until then its failure must not count as unhandled.
        promise.catch(() => {})
        inFlight.push({ row, promise })
      }
      const first = inFlight.shift()
      if (first === undefined) return false
      const value = await first.promise.finally(mark)
      if (op === 'mapAsync') return push(value)
      if (op === 'filterAsync') return value ? push(first.row) : true
      requireIterable(op, value)
      for (const row of value) {
        if (!push(row)) return false
        mark()
      }
      return true
    },
  }
}

function throughChild(
  input: PulledRows,
  { command, env, encode }: Step<FunctionRef> & { readonly op: 'pipe' },
  partition: number,
  mark: () => void,
): AsyncRows {
  const lineOf = encode === 'jsonl' ? jsonOf : String
  return {
    isAsync: true,
    async advance(push: Push<unknown>) {
      const pull = (): string | null => {
        let text = ''
        while (text.length < PIPE_CHARS && input.fill()) text += `${lineOf(input.take())}\n`
        return text === '' ? null : text
      }
      await pipeThrough({ verb: 'pipe', command, env, partition, pull, push }).finally(mark)
      return false
    },
  }
}
