/** The chains of a stage that can be compiled: those that read the lines of files. */
import type { Operator } from '../plan/operator.ts'
import type { Sink } from '../plan/step.ts'
import { type Chain, type Compiled, compileChain } from './compile.ts'
import type { Known } from './group.ts'

/** @param readsLines whether an operator is a source of lines of files */
export function compileStage(
  stage: { readonly operators: readonly Operator<number>[]; readonly sink: Sink<number> },
  known: Known,
  readsLines: (operator: number) => boolean,
): readonly Compiled[] {
  const { operators, sink } = stage
  return operators.flatMap((operator, i) => {
    if (operator.op !== 'steps' || !readsLines(operator.input)) return []
    const isLast = i === operators.length - 1
    return [compileChain({ operator: i, steps: operator.steps, ...known, end: isLast ? endOf(sink) : null })]
  })
}

function endOf(sink: Sink<number>): Chain['end'] {
  if (sink.op === 'count') return 'count'
  return sink.op === 'text' && sink.format.type !== 'csv' ? sink.format.type : null
}
