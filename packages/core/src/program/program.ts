/**
 * A stage program: all that a worker needs to run the tasks of one stage, whatever the worker is: a thread, a child
 * process, an executor of another engine. JSON, with large values beside it as bytes.
 */
import type { Bundle } from '../closure/bundle.ts'
import type { Operator } from '../plan/operator.ts'
import { type Sink, type UserFunction, withFunction, withSinkFunction } from '../plan/step.ts'

/** A function's place among those of the bundle. */
export type FunctionRef = number

export interface StageProgram {
  readonly id: number
  /** The captured functions of the stage, in the order their `FunctionRef`s count. */
  readonly bundle: Bundle
  /** Inputs before the operators that read them; the last gives the rows of the stage. */
  readonly operators: readonly Operator<FunctionRef>[]
  readonly sink: Sink<FunctionRef>
  /** The number of the plan node that ends the stage, for failures in the sink. */
  readonly sinkNode: number
}

/** The functions of a stage in the order of their `FunctionRef`s, and the stage with its functions as refs. */
export interface BoundStage {
  readonly functions: readonly { readonly fn: UserFunction; readonly node: number }[]
  readonly operators: readonly Operator<FunctionRef>[]
  readonly sink: Sink<FunctionRef>
  /** The sink that merges the partitions' results, when user code takes part in that. */
  readonly merge: Sink<FunctionRef> | null
}

/** Numbers the functions of a stage. The same function used twice is held once. */
export function bindStage(
  operators: readonly Operator<UserFunction>[],
  action: { readonly sink: Sink<UserFunction>; readonly merge: Sink<UserFunction> | null; readonly node: number },
): BoundStage {
  const functions: { fn: UserFunction; node: number }[] = []
  const refs = new Map<UserFunction, FunctionRef>()
  const hold =
    (node: number) =>
    (fn: UserFunction): FunctionRef => {
      let ref = refs.get(fn)
      if (ref === undefined) {
        ref = functions.push({ fn, node }) - 1
        refs.set(fn, ref)
      }
      return ref
    }
  const bound = operators.map((operator): Operator<FunctionRef> => {
    if (operator.op !== 'steps') return operator
    return { ...operator, steps: operator.steps.map((s) => ({ ...s, step: withFunction(s.step, hold(s.node)) })) }
  })
  return {
    functions,
    operators: bound,
    sink: withSinkFunction(action.sink, hold(action.node)),
    merge: action.merge === null ? null : withSinkFunction(action.merge, hold(action.node)),
  }
}
