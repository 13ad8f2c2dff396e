/** Steps that bring the rows of a partition together by key: combining, grouping several datasets, sorting. */
import { DataError } from '../errors.ts'
import { decodeRows } from '../io/row-codec.ts'
import type { Push } from '../io/row-source.ts'
import { type Combiner, withCombinerFunctions } from '../plan/combiner.ts'
import { requirePair } from '../plan/pair.ts'
import type { FunctionRef } from '../program/program.ts'
import { type Fold, isListing, type Listing } from '../shuffle/combined.ts'
import { PairSorter } from '../shuffle/pair-sorter.ts'
import { GroupTable, type LentGroups } from '../shuffle/table.ts'
import { drainInto, type Rows } from './rows.ts'
import type { BlockHolder, TaskState } from './task-state.ts'

interface StepContext {
  readonly state: TaskState
  /** The plan node of the step. */
  readonly node: number
  readonly functions: readonly unknown[]
}

type Call = (...args: unknown[]) => unknown

/** One pair for each key. */
export function combinedRows(rows: Rows, combiner: Combiner<FunctionRef>, context: StepContext): Rows {
  const { state, node } = context
  const combination = combinationOf(withCombinerFunctions(combiner, (ref) => context.functions[ref] as Call))
  const table = new GroupTable(combination, state.workspace)
  const enter = (): void => {
    state.at = node
  }
  const add: Push<unknown> = (row) => {
    enter()
    requirePair('combining by key', row)
    table.add(row[0], row[1], 0)
    return true
  }
  if (!rows.isAsync && !isListing(combination)) {
    const put = (key: unknown, combined: unknown): void => table.put(key, combined)
    const lend = (groups: LentGroups): boolean => table.lend(groups)
    rows.groupInto?.({ fold: combination, mostBytes: state.workspace.taskBytes, enter, add, put, lend })
  }
  return absorbed([[rows, add]], table, context)
}

/** `[key, [values of the first side, …]]` for each key of any side. */
export function cogroupedRows(sides: readonly Rows[], node: number, state: TaskState): Rows {
  const table = new GroupTable({ sides: sides.length }, state.workspace)
  const pushes = sides.map((rows, side): readonly [Rows, Push<unknown>] => [
    rows,
    (row) => {
      state.at = node
      requirePair('grouping by key', row)
      table.add(row[0], row[1], side)
      return true
    },
  ])
  return absorbed(pushes, table, { state, node })
}

/** The pairs by key. */
export function sortedRows(rows: Rows, ascending: boolean, context: StepContext): Rows {
  const { state, node } = context
  const sorter = new PairSorter(state.workspace, ascending)
  const add: Push<unknown> = (row) => {
    state.at = node
    requirePair('sorting by key', row)
    sorter.add(row)
    return true
  }
  return absorbed([[rows, add]], sorter, context)
}

interface Absorber extends BlockHolder {
  advance(push: Push<unknown>): boolean
}

/** Rows that come out only when all rows of the inputs went in, one input after the other. */
function absorbed(
  inputs: readonly (readonly [Rows, Push<unknown>])[],
  absorber: Absorber,
  { state, node }: Pick<StepContext, 'state' | 'node'>,
): Rows {
  state.holders.push(absorber)
  let isFull = false
  const give = (push: Push<unknown>): boolean => {
    isFull = true
    // What happens from here on, merging what was spilled among it, is this step's doing.
    state.at = node
    return absorber.advance(push)
  }
  if (inputs.some(([rows]) => rows.isAsync)) {
    return {
      isAsync: true,
      async advance(push) {
        if (!isFull) for (const [rows, add] of inputs) await drainInto(rows, add)
        return give(push)
      },
    }
  }
  return {
    isAsync: false,
    advance(push) {
      if (!isFull) for (const [rows, add] of inputs) if (!rows.isAsync) while (rows.advance(add));
      return give(push)
    },
  }
}

function combinationOf(combiner: Combiner<Call>): Fold | Listing {
  switch (combiner.type) {
    case 'reduce': {
      const { fn } = combiner
      return {
        create: (value) => value,
        add: (a, b) => checked(fn(a, b)),
        merge: (a, b) => checked(fn(a, b)),
      }
    }
    case 'fold': {
      const { fn, merge } = combiner
      const [sample] = decodeRows(combiner.zero)
      // A zero that can be changed is made anew for each key.
      const zero = typeof sample === 'object' && sample !== null ? () => decodeRows(combiner.zero)[0] : () => sample
      return {
        create: (value) => checked(fn(zero(), value)),
        add: (a, value) => checked(fn(a, value)),
        merge: (a, b) => checked(merge(a, b)),
      }
    }
    case 'custom': {
      const { create, fn, merge } = combiner
      return {
        create: (value) => checked(create(value)),
        add: (a, value) => checked(fn(a, value)),
        merge: (a, b) => checked(merge(a, b)),
      }
    }
    case 'group':
      return { sides: null }
    case 'first':
      return { create: (value) => value, add: (first) => first, merge: (first) => first }
    case 'count':
      return {
        create: () => 1,
        add: (count) => (count as number) + 1,
        merge: (a, b) => (a as number) + (b as number),
      }
  }
}

function checked(value: unknown): unknown {
  if (value instanceof Promise) {
    throw new DataError('the function that combines values returned a promise. Await what it needs in mapAsync before')
  }
  return value
}
