/**
 * A stage program: all that a worker needs to run the tasks of one stage, whatever the worker is: a thread, a child
 * process, an executor of another engine. JSON, with large values beside it as bytes.
 */
import type { Bundle } from '../closure/bundle.ts'
import type { ScanProgram } from '../compile/scan.ts'
import type { Operator } from '../plan/operator.ts'
import { type Sink, type UserFunction, withFunction, withSinkFunction } from '../plan/step.ts'

/** A function's place among those of the bundle. */
export type FunctionRef = number

export interface StageProgram {
  readonly id: number
  /** The captured functions of the job, in the order their `FunctionRef`s count. The stages of a job share it. */
  readonly bundle: Bundle
  /** Inputs before the operators that read them; the last gives the rows of the stage. */
  readonly operators: readonly Operator<FunctionRef>[]
  readonly sink: Sink<FunctionRef>
  /** What is compiled, for each operator at most one. */
  readonly scans?: readonly ScanProgram[]
  /** The number of the plan node that ends the stage, for failures in the sink. */
  readonly sinkNode: number
}

/** The functions of a job in the order of their `FunctionRef`s. The same function used twice is held once. */
export class FunctionTable {
  readonly #functions: { readonly fn: UserFunction; readonly node: number }[] = []
  readonly #refs = new Map<UserFunction, FunctionRef>()

  get functions(): readonly { readonly fn: UserFunction; readonly node: number }[] {
    return this.#functions
  }

  /** Gives functions that are used at a plan node their numbers. */
  refer(node: number): (fn: UserFunction) => FunctionRef {
    return (fn) => {
      let ref = this.#refs.get(fn)
      if (ref === undefined) {
        ref = this.#functions.push({ fn, node }) - 1
        this.#refs.set(fn, ref)
      }
      return ref
    }
  }
}

/** The operators of a stage with their functions as refs. */
export function bindOperators(
  operators: readonly Operator<UserFunction>[],
  table: FunctionTable,
): readonly Operator<FunctionRef>[] {
  return operators.map((operator): Operator<FunctionRef> => {
    if (operator.op !== 'steps') return operator
    return {
      ...operator,
      steps: operator.steps.map((s) => ({ ...s, step: withFunction(s.step, table.refer(s.node)) })),
    }
  })
}

/** A sink with its functions as refs. */
export function bindSink(sink: Sink<UserFunction>, node: number, table: FunctionTable): Sink<FunctionRef> {
  return withSinkFunction(sink, table.refer(node))
}
