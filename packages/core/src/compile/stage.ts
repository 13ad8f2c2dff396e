/** The chains of a stage that can be compiled: those that read the lines of files. */
import type { Operator } from '../plan/operator.ts'
import { type Sink, type Step, withFunction, withSinkFunction } from '../plan/step.ts'
import { type Chain, type Compiled, compileChain } from './compile.ts'
import type { Known } from './group.ts'

/** @param readsLines whether an operator is a source of lines of files */
export function compileStage(
  stage: { readonly operators: readonly Operator<number>[]; readonly sink: Sink<number> },
  known: Omit<Known, 'trustsObjects'>,
  readsLines: (operator: number) => boolean,
): readonly Compiled[] {
  const { operators, sink } = stage
  return operators.flatMap((operator, i) => {
    if (operator.op !== 'steps' || !readsLines(operator.input)) return []
    const isLast = i === operators.length - 1
    const chain = { operator: i, steps: operator.steps, ...known, end: isLast ? endOf(sink) : null }
    const compiled = compileChain({ ...chain, trustsObjects: false })
    if (!compiled.mayTrust || operators.length > 2 || functionsOf({ sink }).length > 0) return [compiled]
    // Compiled functions change nothing. If all are, captured objects stay as they are.
    const trusting = compileChain({ ...chain, trustsObjects: true })
    const isAll = operator.steps.every(
      ({ step }, k) => trusting.reports[k]?.why === null || functionsOf({ step }).length === 0,
    )
    if (isAll) return [trusting]
    // A step that is not compiled anyway has a better reason than that.
    return [firstInV8(trusting) === firstInV8(compiled) ? { ...compiled, reports: trusting.reports } : compiled]
  })
}

function firstInV8({ reports }: Compiled): number {
  return reports.findIndex(({ why }) => why !== null)
}

/** The functions of a step or sink, by number. */
function functionsOf(of: { readonly step: Step<number> } | { readonly sink: Sink<number> }): readonly number[] {
  const found: number[] = []
  const note = (fn: number): number => found.push(fn)
  if ('step' in of) withFunction(of.step, note)
  else withSinkFunction(of.sink, note)
  return found
}

function endOf(sink: Sink<number>): Chain['end'] {
  if (sink.op === 'count') return 'count'
  return sink.op === 'text' && sink.format.type !== 'csv' ? sink.format.type : null
}
